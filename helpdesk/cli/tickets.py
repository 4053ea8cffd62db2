"""`helpdesk tickets`: list, show and work on tickets, as CONTRACT's verbs."""

from __future__ import annotations

from typing import Annotated

import typer

from helpdesk.cli import verbs
from helpdesk.cli.acting import (
    AsOption,
    AttachOption,
    FileOption,
    KeyArgument,
    Order,
    SilentOption,
    TextOption,
    act_of,
    do,
    find,
    report,
)
from helpdesk.cli.options import ConfigOption, JsonOption, LimitOption
from helpdesk.cli.output import print_json, print_rows
from helpdesk.cli.present import TICKET_COLUMNS, Presenter
from helpdesk.cli.ticket_view import print_ticket
from helpdesk.desk.folding import fold
from helpdesk.desk.rules.kinds import nearest
from helpdesk.desk.terms import Person, State
from helpdesk.errors import UsageError
from helpdesk.premises import Premises, opened, utc_now
from helpdesk.services import registration, regroup
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.store import work
from helpdesk.store.tables import TicketRow
from helpdesk.store.work import TicketFilter

tickets_app = typer.Typer(no_args_is_help=True, help="List, show and work on tickets.")


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
        rows = Presenter(premises.desk).tickets(session, work.listed(session, wanted))
    if not rows:
        _refuse_unknown(premises, queue, organisation, wanted.assignee)
    print_rows(rows, as_json, TICKET_COLUMNS, nothing="no such tickets")


def _refuse_unknown(premises: Premises, queue: str | None, organisation: str | None, assignee: str | None) -> None:
    """Raise UsageError for a name that nothing bears: an empty list would look like good news."""
    rules = premises.desk.rules
    for option, name, known in (
        ("--queue", queue, rules.queues),
        ("--organisation", organisation, rules.organisations),
        ("--assignee", assignee, rules.consultants),
    ):
        if name is not None and name not in known:
            raise UsageError(f"{option}: the rules know no {name!r}{nearest(name, list(known))}")


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
    """Register a ticket for a customer; they get the usual acknowledgement, and are asked to confirm a call."""
    order = Order(config, as_json, consultant, message, file, attach, silent)
    _register(order, queue, requester, subject, phone=phone)


@tickets_app.command("phone")
def phone(
    requester: Annotated[str, typer.Argument(metavar="ADDRESS", help="The customer's address.")],
    queue: Annotated[str, typer.Option(help="The queue that it belongs to.")],
    subject: Annotated[str, typer.Option(help="What the call was about.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    consultant: AsOption = None,
    message: TextOption = None,
    file: FileOption = None,
    attach: AttachOption = None,
) -> None:
    """Write a phone call down; the customer is asked to confirm it, and without an answer it lapses."""
    order = Order(config, as_json, consultant, message, file, attach)
    _register(order, queue, requester, subject, phone=True)


def _register(order: Order, queue: str, requester: str, subject: str, *, phone: bool) -> None:
    person = Person("", requester.casefold())
    if "@" not in person.addr:
        raise UsageError(f"{requester!r} is no mail address")
    with opened(order.config) as premises:
        act = act_of(premises, order)
        with premises.database.begin() as session:
            unit = Unit(session, premises.desk, utc_now())
            done = registration.create(unit, act, queue=queue, requester=person, subject=subject, phone=phone)
            if isinstance(done, str):
                raise UsageError(done)
            session.flush()
            report(premises, session, done, order.as_json)


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

    do(move, key, Order(config, as_json, consultant))


verbs.register(tickets_app)
