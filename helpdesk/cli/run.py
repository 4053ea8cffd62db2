"""`helpdesk run`: the daemon, or with --once one round of everything that is due."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from helpdesk import logs
from helpdesk.allocation import give_big_blocks_back
from helpdesk.cli.options import ConfigOption
from helpdesk.cli.output import say
from helpdesk.daemon import Daemon
from helpdesk.errors import ConfigurationError, TemporaryError
from helpdesk.premises import opened


def run(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Do all that is due, and exit.")] = False,
    log_level: Annotated[
        str, typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning or error.")
    ] = "info",
) -> None:
    """Watch the mailboxes, turn mail into tickets, send what is due; stay until SIGTERM.

    SIGHUP reads the rules anew. With --once: take in all that waits in every mailbox, process it, send all that is due,
    and exit: 0, or 1 if a server refused the login, 75 if one could not be reached.
    """
    logs.configure(level=log_level)
    give_big_blocks_back()
    with opened(config, as_daemon=True) as premises:
        if missing := premises.settings.missing_secrets():
            raise ConfigurationError(missing)
        daemon = Daemon(premises)
        if not once:
            asyncio.run(daemon.run())
            return
        troubles = asyncio.run(daemon.run_once())
    for trouble in troubles:
        say(str(trouble))
    if troubles:
        raise typer.Exit(75 if all(isinstance(trouble, TemporaryError) for trouble in troubles) else 1)
