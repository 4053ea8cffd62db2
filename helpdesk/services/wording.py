"""What a letter says: the facts of a ticket and the words at hand, as this one reader may see them.

Called by `letters`, which writes them into the outbox. A template that fails costs nobody a mail: a built-in plain
text goes out, and the failure is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk import logs
from helpdesk.desk.bulletin import Balance
from helpdesk.desk.deadlines import Stage
from helpdesk.desk.letter import Change, Enclosure, Letter, TicketFacts, Utterance
from helpdesk.desk.notify import Notification
from helpdesk.desk.report import CommandReport
from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import Guarantee, NotificationKind, Person, Side
from helpdesk.desk.visit import VisitFacts
from helpdesk.desk.vouching import Turned
from helpdesk.errors import TemplateError
from helpdesk.mail.invitation import Invitation
from helpdesk.mail.message import Attachment
from helpdesk.mail.pictures import name_pictures
from helpdesk.services import ledger
from helpdesk.services.desk import Unit
from helpdesk.services.ports import Content
from helpdesk.store.tables import TicketRow

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter is about: who said or did it, and what."""

    author: Person
    side: Side
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    internal: bool = False
    unconfirmed: bool = False
    reopened: bool = False
    changes: tuple[Change, ...] = ()
    problem: str = ""
    failed_recipient: str = ""
    report: CommandReport | None = None
    room: int | None = None  # bytes for attachments, where it isn't the desk's bound
    stage: Stage | None = None
    doubt: Ground | None = None  # why they are not confirmed
    contact: Person | None = None
    turned: Turned | None = None
    written_at: datetime | None = None
    challenge: bool = False
    visit: VisitFacts | None = None
    invitation: Invitation | None = None  # what the reader's calendar gets; the letter gives it its words
    answer_by: datetime | None = None
    lapsed: bool = False
    since: datetime | None = None
    thanks: bool = False


def letter_of(
    unit: Unit,
    ticket: TicketRow,
    notification: Notification,
    words: Words,
    neutral: bool,
    previous: Sequence[Utterance],
) -> tuple[Letter, tuple[Attachment, ...]]:
    """Return the letter and the attachments that travel with it."""
    for_customers = notification.kind.for_customers
    enclosed = _enclosed(unit, words, for_customers)
    repeats = name_pictures(words.text, words.attachments) if notification.kind is not NotificationKind.NEW else ""
    letter = Letter(
        kind=notification.kind,
        language=_language(unit, ticket, notification),
        recipient=notification.recipient,
        desk=unit.desk.signature,
        queue=unit.desk.queue_facts(ticket.queue),
        ticket=_facts(unit, ticket, promised_only=for_customers),
        author=words.author,
        author_side=words.side,
        text=repeats,
        enclosures=tuple(Enclosure(item.name, item.size, item in enclosed) for item in words.attachments),
        previous=() if for_customers else tuple(previous),
        changes=words.changes,
        internal=words.internal,
        unconfirmed=words.unconfirmed,
        reopened=words.reopened,
        neutral=neutral,
        closes_at=unit.desk.closes_at(ticket) if notification.kind is NotificationKind.RESOLVED else None,
        reopen_within=unit.desk.rules.lifecycle.reopen_closed_within,
        problem=words.problem,
        failed_recipient=words.failed_recipient,
        report=words.report,
        balance=_balance(unit, ticket, notification),
        stage=words.stage,
        doubt=words.doubt,
        contact=words.contact,
        turned=words.turned,
        written_at=words.written_at,
        challenge=words.challenge,
        visit=words.visit,
        answer_by=words.answer_by,
        lapsed=words.lapsed,
        since=words.since,
        thanks=words.thanks,
        template=ticket.template if for_customers else "",
        forwarded_to=(ticket.forwarded_to or "") if notification.kind is NotificationKind.NEW else "",
    )
    return letter, enclosed


def _enclosed(unit: Unit, words: Words, for_customers: bool) -> tuple[Attachment, ...]:
    """A consultant's files travel to the customer, a customer's to the consultants, in order, up to the bound."""
    if for_customers and words.side is not Side.CONSULTANT:
        return ()
    room, chosen = unit.desk.attach_up_to if words.room is None else words.room, []
    for item in words.attachments:
        if item.size <= room:
            chosen.append(item)
            room -= item.size
    return tuple(chosen)


def _balance(unit: Unit, ticket: TicketRow, notification: Notification) -> Balance | None:
    """Return the time spent, for those of the customer's own who are told that the work is done."""
    kind, rules = notification.kind, unit.desk.rules
    ends = kind is NotificationKind.RESOLVED or (kind is NotificationKind.CLOSED and ticket.resolved_at is None)
    organisation = ledger.organisation_of(rules, ticket) if ends else None
    if organisation is None or rules.organisation_of(notification.recipient.addr) is not organisation:
        return None
    return ledger.balance(unit.session, rules, ticket, unit.now)


def _language(unit: Unit, ticket: TicketRow, notification: Notification) -> str:
    if notification.kind.for_customers:
        return ticket.language
    consultant = unit.desk.rules.consultant_of(notification.recipient.addr)
    queue = unit.desk.rules.queues.get(ticket.queue)
    return (consultant.language if consultant else None) or (queue.languages[0] if queue else ticket.language)


def _facts(unit: Unit, ticket: TicketRow, promised_only: bool) -> TicketFacts:
    told = ticket.guarantee_holds or not promised_only
    return TicketFacts(
        key=unit.desk.key_of(ticket),
        subject=ticket.subject,
        state=ticket.state,
        priority=ticket.priority,
        requester=Person(ticket.requester_name, ticket.requester_addr),
        delivered_at=ticket.delivered_at,
        received_at=ticket.received_at,
        react_by=ticket.react_by if told and ticket.reacted_at is None else None,
        organisation=ticket.organisation or "",
        plan=ticket.plan or "",
        assignee=unit.desk.person(ticket.assignee) if ticket.assignee else None,
        tags=tuple(ticket.tags),
        guarantee=Guarantee(ticket.guarantee_holds, ticket.guarantee_reason),
        closure=ticket.closure,
    )


def render(unit: Unit, letter: Letter) -> Content:
    try:
        return unit.desk.renderer.render(letter)
    except TemplateError as error:
        log.error("template.failed", template=error.template, line=error.line, detail=error.detail)
        return unit.desk.renderer.fallback(letter)
