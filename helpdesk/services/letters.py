"""From an occasion to outbox rows: who is told, in which words, as which bytes.

The only door to the outbox. Called by `course` in the transaction that causes the letters, so that a ticket
never stands without its mails nor a mail without its ticket. A template that fails costs nobody a mail: a
built-in plain text goes out, and the failure is logged.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from helpdesk import logs
from helpdesk.desk.bulletin import Balance
from helpdesk.desk.deadlines import Stage
from helpdesk.desk.gate import Budget, GateReason, Verdict, admit, is_clean
from helpdesk.desk.letter import Change, Enclosure, Letter, TicketFacts, Utterance
from helpdesk.desk.notify import Notification, Occasion, People, notifications_for
from helpdesk.desk.report import CommandReport
from helpdesk.desk.terms import Guarantee, NotificationKind, OutboxState, Person, Side
from helpdesk.desk.tokens import TokenRole, base32
from helpdesk.errors import TemplateError
from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.message import Address, Attachment
from helpdesk.services import course, ledger
from helpdesk.services.desk import Unit
from helpdesk.services.gatekeeping import budget_of
from helpdesk.services.ports import Content
from helpdesk.store import tickets
from helpdesk.store.tables import OutboxRow, ParticipantRow, TicketRow
from helpdesk.store.unit_of_work import keep

log = logs.get_logger(__name__)

GATE = Person("", "gate")
ROOM_FOR_WORDS = 10_000_000  # bytes of a mail beside the attachments, in both its forms
_ANSWERS = (NotificationKind.NEW,)  # RFC 3834: an answer to one mail; the rest are notices


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


def people_of(unit: Unit, ticket: TicketRow, participants: Iterable[ParticipantRow]) -> People:
    """Return everyone who has to do with a ticket, our own addresses left out."""
    desk = unit.desk
    queue = desk.rules.queues.get(ticket.queue)
    return People(
        participants=tuple(Person(row.name, row.addr) for row in participants if row.addr not in desk.own_addresses),
        assignee=desk.person(ticket.assignee) if ticket.assignee else None,
        queue=tuple(desk.person(addr) for addr in queue.consultants) if queue else (),
        watchers=tuple(desk.person(addr) for addr in ticket.watchers),
    )


def tell(
    unit: Unit,
    ticket: TicketRow,
    occasion: Occasion,
    people: People,
    words: Words,
    cause: str,
    *,
    acknowledge: bool = True,
    silent: bool = False,
    neutral: bool = False,
    previous: Sequence[Utterance] = (),
) -> list[OutboxRow]:
    """Write the letters that an occasion calls for into the outbox; return their rows.

    `cause` names what happened ("entry:17", "comment:4"): the same cause never writes to a person twice.
    `silent` leaves the customer's side out; `neutral` repeats nothing that a stranger chose.
    """
    wanted = notifications_for(occasion, people, words.author, acknowledge=acknowledge, silent=silent)
    return write(unit, ticket, wanted, words, cause, neutral=neutral, previous=previous)


def write(
    unit: Unit,
    ticket: TicketRow,
    wanted: Sequence[Notification],
    words: Words,
    cause: str,
    *,
    neutral: bool = False,
    previous: Sequence[Utterance] = (),
) -> list[OutboxRow]:
    """Write these letters about a ticket into the outbox; return their rows."""
    rows = [_row(unit, ticket, one, words, cause, neutral, previous) for one in wanted]
    keep(unit.session, rows)
    tickets.remember_ids(unit.session, ticket.number, [row.message_id for row in rows])
    return rows


def _row(
    unit: Unit,
    ticket: TicketRow,
    notification: Notification,
    words: Words,
    cause: str,
    neutral: bool,
    previous: Sequence[Utterance],
) -> OutboxRow:
    desk = unit.desk
    kind, recipient = notification.kind, notification.recipient
    automatic = not (kind.for_customers and words.side is Side.CONSULTANT and words.text)
    budget = _budget(unit, notification, words)
    verdict = _verdict(unit, ticket, notification, automatic, budget)
    neutral = neutral and kind.for_customers
    letter, enclosed = _letter(unit, ticket, notification, words, neutral, previous)
    content = _render(unit, letter)
    message = _message(unit, ticket, letter, content, enclosed, automatic)
    verdict, final = _final(unit, message, verdict)
    if verdict.state is OutboxState.QUEUED:
        unit.gate.passed(
            unit.session, recipient.addr, ticket.number, budget, cause, unit.now, acknowledges=kind in _ANSWERS
        )
    else:
        course.note(unit, ticket, verdict.state, GATE, old=kind.value, new=recipient.addr, reason=verdict.reason.value)
    return OutboxRow(
        cause=cause,
        notification=kind,
        recipient=recipient.addr,
        ticket=ticket.number,
        account=desk.accounts.get(ticket.queue, desk.default_account),
        sender="" if neutral else letter.queue.address,
        subject=content.subject,
        message_id=message.message_id,
        answers_customer=letter.answers_customer,
        state=verdict.state,
        reason=verdict.reason.value,
        created_at=unit.now,
        content=final,
    )


def _budget(unit: Unit, notification: Notification, words: Words) -> Budget:
    """Return what the mail is counted as: only what neither is nor follows a consultant's doing has a limit."""
    by_a_consultant = words.side is Side.CONSULTANT and bool(words.author.addr)
    kind = notification.kind
    return budget_of(
        unit.desk.rules,
        notification.recipient.addr,
        automatic=kind.for_customers and not by_a_consultant,
        relay=kind is not NotificationKind.NEW,
    )


def _verdict(unit: Unit, ticket: TicketRow, notification: Notification, automatic: bool, budget: Budget) -> Verdict:
    recipient, gate = notification.recipient.addr, unit.gate
    muted = gate.is_muted(unit.session, recipient, unit.now)
    verdict = admit(recipient, unit.desk.own_addresses, automatic=automatic, muted=muted)
    if verdict.state is not OutboxState.QUEUED:
        return verdict
    answers = notification.kind in _ANSWERS
    return gate.verdict(
        unit.session, recipient, ticket.number, budget, unit.desk.limits, unit.now, acknowledges=answers
    )


def _final(unit: Unit, message: OutboundMessage, verdict: Verdict) -> tuple[Verdict, bytes]:
    """Return the verdict on the finished mail, and its bytes; one that can't be sent by hand either has none."""
    if verdict.state is OutboxState.MUTED:
        return verdict, b""
    if not is_clean((message.subject, message.from_.name, message.to.name, message.to.addr)):
        return Verdict(OutboxState.MUTED, GateReason.UNCLEAN_HEADER), b""
    content = compose(message)
    if len(content) > 2 * unit.desk.attach_up_to + ROOM_FOR_WORDS:
        return Verdict(OutboxState.HELD, GateReason.TOO_LARGE), content
    return verdict, content


def _letter(
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
    repeats = words.text if notification.kind is not NotificationKind.NEW else ""
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


def _render(unit: Unit, letter: Letter) -> Content:
    try:
        return unit.desk.renderer.render(letter)
    except TemplateError as error:
        log.error("template.failed", template=error.template, line=error.line, detail=error.detail)
        return unit.desk.renderer.fallback(letter)


def _message(
    unit: Unit, ticket: TicketRow, letter: Letter, content: Content, enclosed: tuple[Attachment, ...], automatic: bool
) -> OutboundMessage:
    """Return the message: one thread in every client, marked as automatic unless a person wrote the words."""
    instance, key = unit.desk.instance, letter.ticket.key
    ring, role = unit.desk.keyring, _role(letter)
    who = ring.who(letter.recipient.addr) if ring.signs else 0
    root = ring.root_id(ticket.number, 0, instance) if ring.signs else f"{key.lower()}.ticket@{instance}"
    parent = ticket.last_message_id
    ancestors = dict.fromkeys(filter(None, (root, ticket.root_message_id, parent)))
    return OutboundMessage(
        from_=Address(_from_name(letter, automatic), letter.queue.address),
        to=Address(letter.recipient.name if not letter.neutral else "", letter.recipient.addr),
        subject=content.subject,
        text=content.text,
        html=content.html,
        message_id=_message_id(unit, ticket, role, who),
        date=unit.now.astimezone(ZoneInfo(letter.queue.zone)),
        language=letter.language,
        in_reply_to=parent,
        references=tuple(ancestors),
        reply_to=Address(letter.queue.from_name, _reply_address(unit, ticket, letter.queue.address, role, who)),
        auto_submitted=_auto_submitted(letter.kind, automatic),
        headers=(("X-Helpdesk-Loop", instance), ("X-Helpdesk-Ticket", key)),
        attachments=enclosed,
    )


def _role(letter: Letter) -> TokenRole:
    """Return what an answer to the letter is: a customer's word, a consultant's to the customer, or a note."""
    if letter.kind.for_customers:
        return TokenRole.CONTACT
    return TokenRole.CONSULTANT if letter.answers_customer else TokenRole.NOTE


def _message_id(unit: Unit, ticket: TicketRow, role: TokenRole, who: int) -> str:
    """Return an id that nobody else can make: signed if there is a key, else long and random."""
    instance, ring = unit.desk.instance, unit.desk.keyring
    if not ring.signs:
        return f"{unit.desk.key_of(ticket).lower()}.{secrets.token_hex(12)}@{instance}"
    return ring.message_id(role, ticket.number, who, 0, base32(secrets.token_bytes(5)), instance)


def _reply_address(unit: Unit, ticket: TicketRow, address: str, role: TokenRole, who: int) -> str:
    """Return the queue's address, signed where its server has sub-addressing."""
    if not unit.desk.keyring.signs or ticket.queue not in unit.desk.subaddressed:
        return address
    return unit.desk.keyring.reply_address(address, role, ticket.number, who, 0)


def _from_name(letter: Letter, automatic: bool) -> str:
    if automatic or letter.author is None or not letter.author.name:
        return letter.queue.from_name
    return f"{letter.author.name} ({letter.queue.from_name})"


def _auto_submitted(kind: NotificationKind, automatic: bool) -> Literal["", "auto-replied", "auto-generated"]:
    if not automatic:
        return ""
    return "auto-replied" if kind in _ANSWERS else "auto-generated"
