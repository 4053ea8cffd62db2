"""How the demo is told: one column, few colours, a mail as its reader sees it.

Where nobody watches (a pipe, CI) it is plain text without pauses.
"""

from __future__ import annotations

import asyncio
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from helpdesk.sandbox.cast import Actor
from helpdesk.sandbox.client import Mail

WIDTH = 100  # columns at most: longer lines are hard to read
EXCERPT = 7  # lines that are shown of a mail
MARGIN = "   "


class Screen:
    """Tells the story on stdout. `pace` is how many seconds a reader gets for each step."""

    def __init__(self, pace: float = 0.0) -> None:
        console = Console(highlight=False)
        self._console = Console(highlight=False, width=min(console.width, WIDTH))
        self._pace = pace if console.is_terminal else 0.0
        self.claims = 0
        self._acts = 0
        self._known: set[Actor] = set()

    # -- the frame

    def opening(self, where: Sequence[tuple[str, str]]) -> None:
        """Say what this is, and where everything stands."""
        text = Text.assemble(
            ("A day at a helpdesk\n", "bold"),
            "Four products, four customers, two consultants, on a mail server of their own. ",
            "Everything is real but the people; nothing leaves this machine.",
        )
        self._console.print()
        self._console.print(Panel(text, border_style="cyan", padding=(1, 2)))
        self._facts(where)

    def act(self, title: str) -> None:
        """Begin the next act."""
        self._acts += 1
        self._console.print()
        self._console.rule(Text.assemble((f"{self._acts} ", "bold cyan"), (title, "bold")), align="left", style="cyan")

    async def rest(self) -> None:
        """Give the reader time."""
        await asyncio.sleep(self._pace)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show somebody at a terminal what is being waited for."""
        if not self._console.is_terminal:
            yield
            return
        with self._console.status(Text(what, style="dim"), spinner="dots", spinner_style="cyan"):
            yield

    # -- mails and commands

    def sent(self, author: Actor, message: EmailMessage, text: str) -> None:
        """Show a mail as its author wrote it."""
        names = [part.get_filename() or "" for part in message.iter_attachments()]
        self._mail(author, "writes", f"to {message['To']}", str(message["Subject"]), text, names)

    def read(self, reader: Actor, mail: Mail) -> None:
        """Show a mail as its reader finds it."""
        self._mail(reader, "reads", f"from {mail.sender}", mail.subject, mail.text, list(mail.attachments))

    def typed(self, *commands: Sequence[str]) -> None:
        """Show commands that somebody types."""
        self._console.print()
        for words in commands:
            command = _printable(shlex.join(("helpdesk", *words)))
            self._print(Text.assemble(self._now(), ("$ ", "cyan"), (command, "bold")))

    def true(self, claim: str) -> None:
        """Say what was checked and is so."""
        self.claims += 1
        width = self._console.width - len(MARGIN) - 2
        for number, line in enumerate(textwrap.wrap(claim, width)):
            self._print(Text.assemble(("  " if number else "✓ ", "green"), line))

    def _mail(
        self, actor: Actor, does: str, other_side: str, subject: str, text: str, attachments: Iterable[str]
    ) -> None:
        self._console.print()
        self._print(Text.assemble(self._now(), (actor.name, "bold"), f" {does}", (self._introduced(actor), "dim")))
        for line, style in (
            (other_side, "dim"),
            (subject, "bold"),
            *((line, "") for line in _excerpt(text, self._console.width - len(MARGIN) - 2)),
            *((f"+ {name}", "dim") for name in attachments),
        ):
            self._print(Text.assemble(("│ ", "cyan"), (_printable(line), style)))

    def _introduced(self, actor: Actor) -> str:
        """Return who somebody is, the first time that they appear."""
        if actor in self._known:
            return ""
        self._known.add(actor)
        return f"  ({actor.about})"

    # -- tables

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show rows."""
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        for name in columns:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(Text(_printable(cell)) for cell in row))
        self._console.print()
        self._print(table)

    def end(self, seconds: float) -> None:
        """Say that the story came out."""
        self._console.print()
        self._print(
            Text.assemble(
                ("✓ ", "bold green"), (f"{self.claims} claims checked, all true", "bold"), f"  {seconds:.1f} s"
            )
        )

    def _facts(self, facts: Iterable[tuple[str, str]]) -> None:
        grid = Table.grid(padding=(0, 3, 0, 0))
        for name, value in facts:
            grid.add_row(Text(name, style="dim"), Text(value, overflow="fold"))
        self._print(grid)

    # -- after the story

    def staying(self, facts: Sequence[tuple[str, str]], commands: Sequence[tuple[str, str]]) -> None:
        """Say where to look, and what to try while the desk stays up: commands, each with what it is for."""
        self._console.print()
        self._console.rule(Text("The desk stays up: it is yours to try", style="bold"), align="left", style="cyan")
        self._facts(facts)
        self._console.print()
        self._print(Text("In another terminal:"))
        for what, command in commands:
            self._console.print(Text(f"# {what}", style="dim"))
            self._console.print(Text(command, style="bold"), soft_wrap=True)  # whole, so that it can be copied
        self._console.print()
        self._print(Text("Ctrl-C ends it and removes every trace. Until then, what happens is told here:", style="dim"))

    def happened(self, text: str) -> None:
        """Tell one thing that happened by itself."""
        self._print(Text.assemble(self._now(), _printable(text)))

    def failed(self, lines: Iterable[str]) -> None:
        """Show the desk's last words."""
        self._console.print()
        self._print(Text("The desk's log, its last lines:", style="dim"))
        for line in lines:
            self._console.print(Text(_printable(line), style="dim"), soft_wrap=True)

    def goodbye(self) -> None:
        """Say that nothing is left."""
        self._console.print()
        self._print(Text("The desk is closed; its folder, mailboxes and processes are gone.", style="dim"))

    # --

    def _print(self, what: Text | Table) -> None:
        self._console.print(Padding(what, (0, 0, 0, len(MARGIN))))

    def _now(self) -> tuple[str, str]:
        return f"{datetime.now().astimezone():%H:%M:%S}  ", "dim"


def _excerpt(text: str, width: int) -> list[str]:
    """Return the first lines of a mail, wrapped, with a mark where more follows."""
    lines = [part for line in text.splitlines() if line.strip() for part in textwrap.wrap(_printable(line), width)]
    return lines if len(lines) <= EXCERPT else [*lines[: EXCERPT - 1], "…"]


def _printable(text: str) -> str:
    """Return text that can't steer the terminal: whoever tries the desk chooses subjects."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
