"""`helpdesk tickets`: list, show and work on tickets, as CONTRACT's verbs."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.options import ConfigOption, JsonOption, LimitOption
from helpdesk.cli.output import print_json, print_rows, say
from helpdesk.cli.present import TICKET_COLUMNS, Presenter
from helpdesk.cli.ticket_view import print_ticket
from helpdesk.desk.folding import fold
from helpdesk.desk.keys import parse_key
from helpdesk.desk.terms import Person, State
from helpdesk.errors import NotFoundError, UsageError
from helpdesk.mail.message import Attachment
from helpdesk.premises import Premises, opened, utc_now
from helpdesk.services import actions, regroup, timesheet
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.store import tickets
from helpdesk.store.tables import TicketRow
from helpdesk.store.tickets import TicketFilter

tickets_app = typer.Typer(no_args_is_help=True, help="List, show and work on tickets.")

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


@tickets_app.command("list")
def list_tickets(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    limit: LimitOption = 100,
    queue: Annotated[str | None, typer.Option(help="Only this queue.")] = None,
    state: Annotated[State | None, typer.Option(help="Only this state.")] = None,
    requester: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only of this person.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Only of this customer.")] = None,
    assignee: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only this consultant's.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose reaction is late.")] = False,
    search: Annotated[
        str | None, typer.Option(metavar="WORDS", help="All of these words in subject or person.")
    ] = None,
) -> None:
    """List tickets: what expires first on top, then who has waited longest, then the rest."""
    wanted = TicketFilter(
        queue=queue,
        state=state,
        requester=requester,
        organisation=organisation,
        assignee=assignee.casefold() if assignee else None,
        overdue_at=utc_now() if overdue else None,
        words=tuple(fold(search).split()) if search else (),
        limit=limit,
    )
    with opened(config) as premises, premises.database.read() as session:
        rows = Presenter(premises.desk).tickets(session, tickets.listed(session, wanted))
    print_rows(rows, as_json, TICKET_COLUMNS, nothing="no such tickets")


@tickets_app.command("show")
def show(key: KeyArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show a ticket whole: people, times, comments, history."""
    with opened(config) as premises, premises.database.read() as session:
        row = find(premises, session, key)
        shown = Presenter(premises.desk).whole_ticket(session, row)
    print_json(shown) if as_json else print_ticket(shown)


@tickets_app.command("create")
def create(
    queue: Annotated[str, typer.Option(help="The queue that it belongs to.")],
    requester: Annotated[str, typer.Option(metavar="ADDRESS", help="The customer's address.")],
    subject: Annotated[str, typer.Option(help="What it is about.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    consultant: AsOption = None,
    message: TextOption = None,
    file: FileOption = None,
    attach: AttachOption = None,
    silent: SilentOption = False,
    phone: Annotated[bool, typer.Option("--phone", help="It came by phone.")] = False,
) -> None:
    """Register a ticket for a customer; they get the usual acknowledgement."""
    if "@" not in requester:
        raise UsageError(f"--requester: {requester!r} is no mail address")
    with opened(config) as premises:
        act = _act(premises, consultant, message, file, attach, silent)
        with premises.database.begin() as session:
            unit = Unit(session, premises.desk, utc_now())
            person = Person("", requester.casefold())
            done = actions.create(unit, act, queue=queue, requester=person, subject=subject, phone=phone)
            if isinstance(done, str):
                raise UsageError(f"--queue: {done}")
            session.flush()
            _report(premises, session, done, as_json)


def _verb(name: str, action: Action, sentence: str, *, needs_text: bool = False) -> None:
    """Register a verb that needs no argument beside the ticket."""

    def command(
        key: KeyArgument,
        config: ConfigOption = None,
        as_json: JsonOption = False,
        consultant: AsOption = None,
        message: TextOption = None,
        file: FileOption = None,
        attach: AttachOption = None,
        silent: SilentOption = False,
    ) -> None:
        _do(action, key, config, as_json, consultant, message, file, attach, silent, needs_text=needs_text)

    tickets_app.command(name, help=sentence)(command)


def _verb_with(
    name: str, action: Callable[[Unit, TicketRow, Act, str], Done], metavar: str, sentence: str, explained: str
) -> None:
    """Register a verb with an argument, which `explained` says what is."""

    def command(
        key: KeyArgument,
        argument: str = typer.Argument(metavar=metavar, help=explained),  # a default: annotations can't see it
        config: ConfigOption = None,
        as_json: JsonOption = False,
        consultant: AsOption = None,
        message: TextOption = None,
        file: FileOption = None,
        silent: SilentOption = False,
    ) -> None:
        def with_argument(unit: Unit, ticket: TicketRow, act: Act) -> Done:
            return action(unit, ticket, act, argument)

        _do(with_argument, key, config, as_json, consultant, message, file, None, silent)

    tickets_app.command(name, help=sentence)(command)


def _take(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    return actions.assign(unit, ticket, act, act.by.addr)


_verb("comment", actions.comment, "Write to the customer.", needs_text=True)
_verb("note", actions.note, "Write among consultants; the customer never sees it.", needs_text=True)
_verb("take", _take, "Make it yours: the reaction that the plan promises.")
_verb("pending", actions.pend, "Wait for the customer; a text goes to them.")
_verb("resolve", actions.resolve, "Say that it is solved; a text travels in the same mail.")
_verb("close", actions.close, "Archive it; a text travels in the same mail.")
_verb("reopen", actions.reopen, "Work on it again; a new time to react begins.")
_verb_with(
    "assign",
    actions.assign,
    "CONSULTANT",
    "Make a consultant responsible.",
    "The consultant's address, or an alias of it.",
)
_verb_with(
    "priority", actions.set_priority, "1-5", "Set how urgent it is; 1 is the most.", "From 1, the most urgent, to 5."
)
_verb_with("kind", actions.set_kind, "error|other", "Say whether it is an error or something else.", "What it is.")
_verb_with("tag", actions.tag, "WORDS", "Add tags.", "The tags, apart by blanks or commas.")
_verb_with(
    "queue", actions.set_queue, "QUEUE", "Hand it to another queue; the number stays.", "The queue's name in the rules."
)
_verb_with("cc", actions.let_in, "ADDRESS", "Let a person on the customer's side take part.", "The person's address.")
_verb_with(
    "time",
    timesheet.log_time,
    "TIME",
    'Write time used down: "35m remote|phone|programming|mail [DATE] [+0m]".',
    "How long, and how, as in 35m remote.",
)
_verb_with(
    "received",
    timesheet.set_received,
    "TIME",
    "Let it count as received at another time; -m says why.",
    "The time, as 2026-11-23T09:00.",
)
_verb_with("merge", regroup.merge, "KEY", "Move everything to that ticket, which goes on.", "Its key.")
_verb_with("split", regroup.split, "COMMENT", "Make a comment a ticket of its own.", "Its id in `tickets show`.")
_verb_with("uncc", actions.let_out, "ADDRESS", "Take a person's part in it away.", "The person's address.")


@tickets_app.command("move-comment")
def move_comment(
    key: KeyArgument,
    comment: Annotated[str, typer.Argument(metavar="COMMENT", help="The comment's id, as `tickets show` has it.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="The ticket that it belongs to.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    consultant: AsOption = None,
) -> None:
    """Move a comment to the ticket that it belongs to; nobody is written to."""

    def move(unit: Unit, ticket: TicketRow, act: Act) -> Done:
        return regroup.move_comment(unit, ticket, act, comment, target)

    _do(move, key, config, as_json, consultant, None, None, None, silent=False)


def find(premises: Premises, session: Any, key: str, *, lock: bool = False) -> TicketRow:
    """Return the ticket of a key, locked for who changes it. Raises NotFoundError, saying what is wrong with it."""
    number = parse_key(key, premises.desk.prefixes)
    if number is None:
        raise NotFoundError(f"{key!r} is no key of this desk: a prefix of its queues, a number, its check digit")
    row = tickets.ticket(session, number, lock=lock)
    if row is None:
        raise NotFoundError(f"there is no ticket {key}")
    return row


def _do(
    action: Action,
    key: str,
    config: Path | None,
    as_json: bool,
    consultant: str | None,
    message: str | None,
    file: Path | None,
    attach: list[Path] | None,
    silent: bool,
    *,
    needs_text: bool = False,
) -> None:
    with opened(config) as premises:
        act = _act(premises, consultant, message, file, attach, silent)
        if needs_text and not act.text.strip():
            raise UsageError("there is no text: give it with -m TEXT or --file F")
        with premises.database.begin() as session:
            done = action(Unit(session, premises.desk, utc_now()), find(premises, session, key, lock=True), act)
            if done.refused:
                raise UsageError(done.refused)
            session.flush()
            _report(premises, session, done, as_json)


def _act(
    premises: Premises,
    consultant: str | None,
    message: str | None,
    file: Path | None,
    attach: list[Path] | None,
    silent: bool,
) -> Act:
    by = acting(premises, consultant)
    files = tuple(_attachment(path) for path in attach or ())
    return Act(by, _text(message, file), files, silent)


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


def _report(premises: Premises, session: Any, done: Done, as_json: bool) -> None:
    """Say what was done: the ticket as it now is, and who is written to."""
    if as_json:
        print_json(Presenter(premises.desk).tickets(session, [done.ticket])[0])
        return
    key, told = premises.desk.key_of(done.ticket), [f"{one.notification} to {one.recipient}" for one in done.letters]
    say(f"{key} is {done.ticket.state}; mails: {', '.join(told) or 'none'}")
