"""A consultant acts from the terminal: who, with which words and files, on which ticket; and what came of it.

Shared by `tickets`, its verbs and `ledger`.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.output import print_json, say
from helpdesk.cli.present import Presenter
from helpdesk.desk.keys import key_fault, parse_key
from helpdesk.desk.terms import Person
from helpdesk.errors import NotFoundError, UsageError
from helpdesk.mail.message import Attachment
from helpdesk.premises import Premises, opened, utc_now
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.store import tickets
from helpdesk.store.tables import TicketRow

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The ticket: DYN-482135, or 482135.")]
AsOption = Annotated[
    str | None,
    typer.Option("--as", envvar="HELPDESK_CONSULTANT", metavar="CONSULTANT", help="Who acts: a consultant's address."),
]
TextOption = Annotated[str | None, typer.Option("-m", "--message", metavar="TEXT", help="The text.")]
FileOption = Annotated[Path | None, typer.Option("--file", metavar="F", help="The text, from a file; - reads stdin.")]
AttachOption = Annotated[
    list[Path] | None, typer.Option("--attach", metavar="F", help="A file to send along; repeats.")
]
SilentOption = Annotated[bool, typer.Option("--silent", help="Send no mail to the customer's side.")]
Action = Callable[[Unit, TicketRow, Act], Done]


@dataclass(frozen=True, slots=True)
class Order:
    """The options that every acting command shares, as they were typed."""

    config: Path | None
    as_json: bool
    consultant: str | None
    message: str | None = None
    file: Path | None = None
    attach: list[Path] | None = None
    silent: bool = False


def find(premises: Premises, session: Any, key: str, *, lock: bool = False) -> TicketRow:
    """Return the ticket of a key, locked for who changes it. Raises NotFoundError, saying what is wrong with it."""
    number = parse_key(key, premises.desk.prefixes)
    if number is None:
        raise NotFoundError(key_fault(key, premises.desk.prefixes))
    row = tickets.ticket(session, number, lock=lock)
    if row is None:
        raise NotFoundError(f"there is no ticket {key}")
    return row


def do(action: Action, key: str, order: Order, *, needs_text: bool = False) -> None:
    """Do something to a ticket, and say what came of it. Raises UsageError where it is refused."""
    with opened(order.config) as premises:
        act = act_of(premises, order)
        if needs_text and not act.text.strip():
            raise UsageError("there is no text: give it with -m TEXT or --file F")
        with premises.database.begin() as session:
            done = action(Unit(session, premises.desk, utc_now()), find(premises, session, key, lock=True), act)
            if done.refused:
                raise UsageError(done.refused)
            session.flush()
            report(premises, session, done, order.as_json)


def act_of(premises: Premises, order: Order) -> Act:
    """Return who acts, and with what. Raises UsageError."""
    by = acting(premises, order.consultant)
    files = tuple(_attachment(path) for path in order.attach or ())
    return Act(by, _text(order.message, order.file), files, order.silent)


def acting(premises: Premises, consultant: str | None) -> Person:
    """Return the consultant who acts. Raises UsageError if it is nobody of ours."""
    known = premises.desk.rules.consultant_of(consultant) if consultant else None
    if known is None:
        who = f"{consultant} is no consultant of this desk" if consultant else "nobody acts"
        names = ", ".join(premises.desk.rules.consultants) or "none in the rules"
        raise UsageError(f"{who}: name one with --as or HELPDESK_CONSULTANT ({names})")
    return Person(known.name, known.addr)


def _text(message: str | None, file: Path | None) -> str:
    if message is not None and file is not None:
        raise UsageError("give the text with -m or with --file, not both")
    if file is None:
        return message or ""
    if str(file) == "-":
        return typer.get_text_stream("stdin").read()
    return _read(file).decode("utf-8", "replace")


def _attachment(path: Path) -> Attachment:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Attachment(path.name, kind, _read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {os.strerror(error.errno or 0)}") from error


def report(premises: Premises, session: Any, done: Done, as_json: bool) -> None:
    """Say what was done: the ticket as it now is, and who is written to."""
    if as_json:
        print_json(Presenter(premises.desk).tickets(session, [done.ticket])[0])
        return
    key, told = premises.desk.key_of(done.ticket), [f"{one.notification} to {one.recipient}" for one in done.letters]
    say(f"{key} is {done.ticket.state}; mails: {', '.join(told) or 'none'}")
