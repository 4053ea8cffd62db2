"""The course of a ticket: opened, spoken on, moved from state to state, with its history and its letters.

The one place that changes tickets. The line calls it for mails, `actions` for people, `timers` for the clock;
so a ticket takes the same course whoever moves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.desk.folding import fold
from helpdesk.desk.lifecycle import Advance, Effect, Event, advance
from helpdesk.desk.receipt import Receipt
from helpdesk.desk.rules.ruleset import Queue
from helpdesk.desk.terms import Origin, Person, Side, Standing, State, TicketKind, Via, Visibility
from helpdesk.mail.message import Attachment
from helpdesk.services import receipts
from helpdesk.services.desk import Unit
from helpdesk.services.enclosures import rows_of
from helpdesk.store import tickets
from helpdesk.store.tables import CommentRow, LinkRow, ParticipantRow, TicketRow
from helpdesk.store.unit_of_work import keep, keep_open

MAX_PARTICIPANTS = 10  # so many people one mail can bring in (RELIABILITY 3.5)
MAX_SUBJECT = 500  # characters kept of a subject; the raw mail keeps the rest


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new ticket begins with."""

    queue: Queue
    subject: str
    requester: Person
    delivered_at: datetime
    receipt: Receipt
    language: str
    origin: Origin = Origin.MAIL
    priority: int = 3
    kind: TicketKind = TicketKind.ERROR
    sent_at: datetime | None = None
    organisation: str | None = None
    plan: str | None = None
    assignee: str | None = None
    tags: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    message_id: str = ""
    own_calendar: str | None = None  # the calendar that a rule set
    template: str = ""  # the folder of words that a rule named
    forwarded_to: str | None = None  # the partner that a rule named
    reason: str = ""  # for the history


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said on a ticket."""

    author: Person
    side: Side
    text: str
    visibility: Visibility = Visibility.PUBLIC
    standing: Standing = Standing.CONFIRMED
    standing_reason: str = ""  # a word of `desk.rights.Ground`
    via: Via = Via.CLI
    new_text: str = ""
    html: str = ""
    message_id: str = ""
    delivered_at: datetime | None = None
    entry: int | None = None
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    whole_mail: bool = False  # the only attachment is the raw mail itself
    draft: int | None = None  # the comment that holds these words already


def open_ticket(unit: Unit, opening: Opening) -> TicketRow:
    """Write a new ticket with its first line of history; return it."""
    receipt = opening.receipt
    row = TicketRow(
        number=tickets.next_number(unit.session),
        queue=opening.queue.name,
        prefix=opening.queue.prefix,
        subject=opening.subject[:MAX_SUBJECT],
        search=fold(f"{opening.subject[:MAX_SUBJECT]} {opening.requester.name} {opening.requester.addr}"),
        state=State.NEW,
        priority=opening.priority,
        kind=opening.kind,
        origin=opening.origin,
        organisation=opening.organisation,
        plan=opening.plan,
        calendar=receipt.calendar,
        language=opening.language,
        requester_addr=opening.requester.addr,
        requester_name=opening.requester.name,
        assignee=opening.assignee,
        tags=list(opening.tags),
        watchers=list(opening.watchers),
        created_at=unit.now,
        sent_at=opening.sent_at,
        delivered_at=opening.delivered_at,
        received_at=receipt.received_at,
        react_by=receipt.react_by,
        waiting_since=opening.delivered_at,
        closure=receipt.reason,
        guarantee_holds=receipt.guarantee.holds,
        guarantee_reason=receipt.guarantee.reason,
        own_calendar=opening.own_calendar,
        template=opening.template,
        forwarded_to=opening.forwarded_to,
        root_message_id=opening.message_id,
        last_message_id=opening.message_id,
    )
    keep_open(unit.session, row)
    unit.gate.opened(row.number)
    note(unit, row, "opened", opening.requester, new=State.NEW, reason=opening.reason)
    return row


def note(
    unit: Unit, ticket: TicketRow, event: str, by: Person | None, *, old: str = "", new: str = "", reason: str = ""
) -> None:
    """Add a line to the ticket's history; `by` None is the clock."""
    who = by.addr if by else "clock"
    tickets.note(unit.session, ticket.number, unit.now, event, who, old=str(old), new=str(new), reason=reason)


def add_comment(unit: Unit, ticket: TicketRow, remark: Remark) -> CommentRow:
    """Write what was said, with its attachments; return the row. Bytes that stand in the raw mail stay there."""
    if remark.draft is not None:
        return _let_out(unit, remark.draft, remark)
    row = CommentRow(
        ticket=ticket.number,
        entry=remark.entry,
        side=remark.side,
        author_addr=remark.author.addr,
        author_name=remark.author.name,
        visibility=remark.visibility,
        standing=remark.standing,
        standing_reason=remark.standing_reason,
        via=remark.via,
        text=remark.text,
        new_text=remark.new_text or remark.text,
        html=remark.html,
        message_id=remark.message_id,
        created_at=unit.now,
        delivered_at=remark.delivered_at or unit.now,
    )
    keep(unit.session, [row])
    keep(unit.session, rows_of(row.id or 0, remark.attachments, via=remark.via, whole_mail=remark.whole_mail))
    if _is_customers_word(remark) and remark.message_id not in ("", ticket.last_message_id):  # else nothing to write
        ticket.last_message_id = remark.message_id
    return row


def _let_out(unit: Unit, comment: int, remark: Remark) -> CommentRow:
    """Let a draft that waited be what it was meant to be; it was said now."""
    row = unit.session.get_one(CommentRow, comment)
    row.visibility, row.standing, row.created_at = remark.visibility, Standing.CONFIRMED, unit.now
    return row


def _is_customers_word(remark: Remark) -> bool:
    """Return whether our next mail can answer it: an outsider's mail is one that the customer never saw."""
    seen = remark.visibility is Visibility.PUBLIC and remark.standing is Standing.CONFIRMED
    return remark.side is Side.CUSTOMER and seen


def join(unit: Unit, ticket: TicketRow, present: dict[str, ParticipantRow], persons: Sequence[Person]) -> None:
    """Let people in on a ticket, each once; `present` is brought up to date."""
    for person in persons[:MAX_PARTICIPANTS]:
        addr = person.addr.casefold()
        if addr and addr not in present:
            row = ParticipantRow(ticket=ticket.number, addr=addr, name=person.name, joined_at=unit.now)
            keep(unit.session, [row])
            present[addr] = row


def link(unit: Unit, ticket: TicketRow, other: int, why: str) -> None:
    """Note on both tickets that they have to do with each other."""
    unit.session.add_all(
        (
            LinkRow(ticket=ticket.number, other=other, why=why),
            LinkRow(ticket=other, other=ticket.number, why=why),
        )
    )


def move(unit: Unit, ticket: TicketRow, event: Event, by: Person | None, *, at: datetime, reason: str = "") -> Advance:
    """Let an event happen to a ticket: state, clocks and history follow the table; a refusal changes nothing.

    `at` is when the word that moves it was delivered, which is what waiting is counted from.
    """
    step = advance(ticket.state, event)
    if step.refused:
        return step
    if step.state is not ticket.state:
        note(unit, ticket, str(event), by, old=ticket.state, new=step.state, reason=reason)
    _enter(unit, ticket, step.state)
    if Effect.REOPENED in step.effects:
        count_from(unit, ticket, at)
    if Effect.REACTED in step.effects and ticket.reacted_at is None:
        ticket.reacted_at = unit.now
    if Effect.WAITING in step.effects:
        ticket.waiting_since = ticket.waiting_since or at
    if Effect.ANSWERED in step.effects:
        ticket.waiting_since = None
    return step


def _enter(unit: Unit, ticket: TicketRow, state: State) -> None:
    if state is ticket.state:
        return
    ticket.state = state
    ticket.resolved_at = unit.now if state is State.RESOLVED else ticket.resolved_at
    ticket.closed_at = unit.now if state is State.CLOSED else None
    if not state.has_ended:
        ticket.resolved_at = None


def count_from(unit: Unit, ticket: TicketRow, at: datetime) -> None:
    """Let a new time to react begin, by today's rules: a ticket is reopened, or its first word counts at last."""
    rules = unit.desk.rules
    if ticket.queue not in rules.queues:
        return
    plan = rules.plan_of(rules.organisations.get(ticket.organisation or ""), at)
    ticket.plan, ticket.clock_from, ticket.receipt_fixed = plan.name if plan else ticket.plan, at, False
    receipt = receipts.renewed(unit, ticket)
    if receipt is None:
        return
    ticket.react_by, ticket.reacted_at, ticket.calendar = receipt.react_by, None, receipt.calendar
    ticket.guarantee_holds, ticket.guarantee_reason = receipt.guarantee.holds, receipt.guarantee.reason
