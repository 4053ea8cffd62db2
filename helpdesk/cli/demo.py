"""`helpdesk demo`: a whole desk with its own mail server, and a day that is played on it."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer


def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="Play the story, check it, print a summary, and end: for scripts.")
    ] = False,
) -> None:
    """Show a desk at work: nothing to install or configure, nothing leaves this machine, nothing stays behind.

    Four customers write, the desk acknowledges, a consultant answers, a ticket is resolved and closed, and every step
    is checked. Then the desk stays up for you to try, until Ctrl-C.
    """
    from helpdesk.sandbox.mailserver import require_libraries

    require_libraries()
    for name in [name for name in os.environ if name.startswith("HELPDESK_")]:
        del os.environ[name]  # they speak of a desk of the user's own, which the demo must not touch
    from helpdesk.sandbox.stage import Stage  # the scheduler and the servers, now that they are known to be there

    if code := asyncio.run(Stage(stay=not leave).run()):
        raise typer.Exit(code)
