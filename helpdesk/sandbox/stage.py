"""The demo as a whole: sets up a desk in a temporary folder, plays the story, stays if asked, leaves nothing behind.

Called by `helpdesk demo`. However it ends (the story's end, a failure, SIGINT, SIGTERM, a closed terminal), the
daemon is stopped as in real life, then the mail server, then the folder is removed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import redirect_stderr
from pathlib import Path

from helpdesk import logs
from helpdesk.daemon import Daemon
from helpdesk.errors import HelpdeskError
from helpdesk.premises import Premises, opened
from helpdesk.sandbox.cast import DOROTA, HANNA, PASSWORD, PAWEL, RYSZARD, address_of, mailboxes
from helpdesk.sandbox.feed import Feed
from helpdesk.sandbox.folder import write_desk
from helpdesk.sandbox.mailserver import HOST, MailServer, remove
from helpdesk.sandbox.screen import Screen
from helpdesk.sandbox.story import Day
from helpdesk.sandbox.terminal import Terminal

TICK = 0.5  # seconds: what a command writes is sent this soon
PACE = 1.5  # seconds that somebody at a terminal gets to read each mail
LAST_LINES = 12  # of the log, shown when the story fails


class Stage:
    """One run of the demo; `run` returns the exit code."""

    def __init__(self, *, stay: bool) -> None:
        self._stay = stay
        self._screen = Screen(PACE if stay else 0.0)
        self._ended_by: signal.Signals | None = None
        self._played = False
        self._daemon: Daemon | None = None

    async def run(self) -> int:
        """Play; return 0, or 128 + signal if a signal cut the story short. Raises HelpdeskError if the story fails."""
        self._handle_signals()
        folder = Path(tempfile.mkdtemp(prefix="helpdesk-demo-"))
        try:
            await self._perform(folder)
        except asyncio.CancelledError:
            if self._ended_by is None:
                raise
        except HelpdeskError:
            self._screen.failed(_last_lines(folder / "daemon.log"))
            raise
        finally:
            await asyncio.get_running_loop().shutdown_default_executor()  # commands and mail programs still at it
            remove(folder)
        self._screen.goodbye()
        return 128 + self._ended_by if self._ended_by and not self._played else 0

    async def _perform(self, folder: Path) -> None:
        with (folder / "daemon.log").open("w", encoding="utf-8") as log, redirect_stderr(log):
            logs.configure(json=True)
            logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's, a line for each command
            server = MailServer(folder / "mail", mailboxes(), log)
            try:
                await server.start()
                config = write_desk(folder, server)
                with opened(config, as_daemon=True) as premises:
                    await self._open_desk(premises, server, config)
            finally:
                await server.stop()

    async def _open_desk(self, premises: Premises, server: MailServer, config: Path) -> None:
        """Run the daemon and the play side by side, until the play is over or the daemon fails."""
        self._daemon = daemon = Daemon(premises, tick=TICK)
        work = asyncio.create_task(daemon.run(signals=False))
        play = asyncio.create_task(self._play(premises, server, config))
        try:
            await asyncio.wait((work, play), return_when=asyncio.FIRST_COMPLETED)
            if not play.done():
                await work  # it ends before the play only by failing
                raise HelpdeskError("the desk ended before the story did")
            await play
        finally:
            play.cancel()
            daemon.stop()
            await asyncio.gather(play, work, return_exceptions=True)

    async def _play(self, premises: Premises, server: MailServer, config: Path) -> None:
        began = time.monotonic()
        self._screen.opening(_places(server, config)[:3])
        day = Day(server, Terminal(config), self._screen)
        await day.play()
        self._screen.end(time.monotonic() - began)
        self._played = True
        if self._stay:
            self._screen.staying(_places(server, config), _to_try(config, server, day))
            await self._tell_what_happens(Feed(premises))

    async def _tell_what_happens(self, feed: Feed) -> None:
        while True:
            for line in await asyncio.to_thread(feed.news):
                self._screen.happened(line)
            await asyncio.sleep(TICK)

    # -- signals

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        terminal = sys.stdout.isatty()

        def end(number: signal.Signals) -> None:
            if self._ended_by is None and task is not None:  # a second Ctrl-C must not cut the tidying short
                self._ended_by = number
                task.cancel()

        def hang_up() -> None:
            """A terminal that was closed ends the demo; else SIGHUP reads the rules anew, as for any desk."""
            if terminal and not sys.stdout.isatty():
                end(signal.SIGHUP)
            elif self._daemon is not None:
                self._daemon.reload()

        loop.add_signal_handler(signal.SIGHUP, hang_up)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, number)


def _places(server: MailServer, config: Path) -> list[tuple[str, str]]:
    return [
        ("IMAP", f"{HOST}, port {server.imap_port}"),
        ("SMTP", f"{HOST}, port {server.smtp_port}"),
        ("settings", str(config)),
        ("log", str(config.with_name("daemon.log"))),
        ("mailboxes", "\n".join(mailboxes())),
        ("logins", f"IMAP: a mailbox's address, password {PASSWORD}; SMTP: none; no encryption on either"),
    ]


def _to_try(config: Path, server: MailServer, day: Day) -> list[tuple[str, str]]:
    """Return commands that can be pasted into another terminal, each with what it is for."""
    here = [] if shutil.which("helpdesk") else [f'PATH="$PATH:{Path(sys.executable).parent}"']
    closed, urgent, strangers = (day.keys[customer] for customer in (DOROTA, PAWEL, RYSZARD))
    mail = f"From: {PAWEL.addr}\\nTo: {address_of('PROPHIX')}\\nSubject: Re: [{urgent}]\\n\\nJuż działa.\\n"
    smtp = f"curl -s smtp://{HOST}:{server.smtp_port} --mail-from {PAWEL.addr} --mail-rcpt {address_of('PROPHIX')} -T -"
    first_mail = f"imap://{HOST}:{server.imap_port}/INBOX;MAILINDEX=1"
    return [
        (
            "this desk, and Hanna at it",
            " ".join(("export", *here, f"HELPDESK_CONFIG={config}", f"HELPDESK_CONSULTANT={HANNA.addr}")),
        ),
        (
            "its tickets, one of them whole, and why another went where it did",
            f"helpdesk tickets list; helpdesk tickets show {closed}; helpdesk explain {urgent}",
        ),
        ("a word to a customer", f'helpdesk tickets comment {strangers} -m "Dzień dobry, zadzwonimy w poniedziałek."'),
        (
            "every mail in and out, and how the desk is",
            "helpdesk journal list; helpdesk outbox list; helpdesk status; helpdesk reconcile",
        ),
        (f"a mail from {PAWEL.first_name}; any mail program will do as well", f"printf '{mail}' | {smtp}"),
        (f"the first mail in {DOROTA.first_name}'s mailbox", f"curl -s '{first_mail}' -u {DOROTA.addr}:{PASSWORD}"),
        (
            "new rules while it runs: edit the file, check it, let the desk read it",
            f"${{EDITOR:-vi}} {config.parent}/routing_rules.yaml; helpdesk rules check && kill -HUP {os.getpid()}",
        ),
    ]


def _last_lines(log: Path) -> list[str]:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return [_in_short(line) for line in lines[-LAST_LINES:]]


def _in_short(line: str) -> str:
    """Return a line of the log as a person reads it: of a traceback its last line."""
    try:
        said = json.loads(line)
    except ValueError:
        return line  # the mail server's own words
    level, event, _, _ = (said.pop(key, "") for key in ("level", "event", "timestamp", "logger"))
    said.update({key: str(said[key]).splitlines()[-1] for key in ("exception",) if said.get(key)})
    return " ".join((f"{level:8}{event}", *(f"{key}={value}" for key, value in said.items())))
