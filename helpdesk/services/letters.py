"""From an occasion to outbox rows: who is told, in which words, as which bytes.

The only door to the outbox for mail about a ticket; `bulletins` is that of all other. Called in the transaction that
causes the letters, so that a ticket never stands without its mails nor a mail without its ticket. What they say is
`wording`'s, how they are wrapped `envelopes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpdesk.desk.gate import Budget, GateReason, Verdict, admit, is_clean
from helpdesk.desk.letter import Utterance
from helpdesk.desk.notify import Notification, Occasion, People, directed, notifications_for
from helpdesk.desk.terms import NotificationKind, OutboxState, Person, Side
from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.services import course, standins
from helpdesk.services.desk import Unit
from helpdesk.services.envelopes import ANSWERS, message_of, with_event
from helpdesk.services.gatekeeping import budget_of
from helpdesk.services.wording import Words, letter_of, render
from helpdesk.store import threads
from helpdesk.store.tables import OutboxRow, ParticipantRow, TicketRow
from helpdesk.store.unit_of_work import keep

GATE = Person("", "gate")
_TO_ONE_PERSON = (  # one letter for one mail: no surge can come of it
    NotificationKind.NEW,
    NotificationKind.ASK_CONTACT,
    NotificationKind.AWAITS_CONTACT,
    NotificationKind.TURNED_AWAY,
    NotificationKind.CHALLENGE,
)
ROOM_FOR_WORDS = 10_000_000  # bytes of a mail beside the attachments, in both its forms


def people_of(unit: Unit, ticket: TicketRow, participants: Iterable[ParticipantRow]) -> People:
    """Return everyone who has to do with a ticket, our own addresses left out."""
    desk, participants = unit.desk, tuple(participants)
    queue = desk.rules.queues.get(ticket.queue)
    return People(
        participants=tuple(Person(row.name, row.addr) for row in participants if row.addr not in desk.own_addresses),
        assignee=desk.person(ticket.assignee) if ticket.assignee else None,
        queue=tuple(desk.person(addr) for addr in queue.consultants) if queue else (),
        watchers=tuple(desk.person(addr) for addr in ticket.watchers),
        elsewhere={row.addr: row.reply_to for row in participants if row.reply_to},
        stand_ins=tuple(desk.person(addr) for addr in standins.stand_ins(unit, ticket)),
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
    if not wanted and occasion is Occasion.OPENED and words.unconfirmed and words.side is Side.CONSULTANT:
        # Nothing proves that they wrote it, and nobody else would hear of the ticket.
        wanted = notifications_for(occasion, people, Person("", ""), acknowledge=False)
    wanted = directed(wanted, people.elsewhere, words.author)
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
    rows = [_kept(unit, _row(unit, ticket, one, words, cause, neutral, previous)) for one in wanted]
    threads.remember_ids(unit.session, ticket.number, [row.message_id for row in rows])
    return rows


def _kept(unit: Unit, row: OutboxRow) -> OutboxRow:
    """Write the row, and let its bytes go: those of one big letter are enough to hold at a time."""
    keep(unit.session, [row])
    row.content = b""
    return row


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
    by_a_person = words.side is Side.CONSULTANT and bool(words.text and words.author.addr)
    automatic = not (kind.for_customers and by_a_person)
    budget = _budget(unit, notification, words)
    verdict = _verdict(unit, ticket, notification, automatic, budget)
    neutral = neutral and kind.for_customers
    letter, enclosed = letter_of(unit, ticket, notification, words, neutral, previous)
    content = render(unit, letter)
    message = with_event(message_of(unit, ticket, letter, content, enclosed, automatic), words.invitation)
    verdict, final = _final(unit, message, verdict)
    if verdict.state is OutboxState.QUEUED:
        unit.gate.passed(
            unit.session, recipient.addr, ticket.number, budget, cause, unit.now, acknowledges=kind in ANSWERS
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
    """Return what the mail is counted as: only what neither is nor follows a consultant's doing has a limit.

    Commands that nothing proves are nobody's doing: whoever forges them could fill a mailbox with receipts.
    """
    by_a_consultant = words.side is Side.CONSULTANT and bool(words.author.addr)
    kind = notification.kind
    if kind is NotificationKind.RECEIPT and words.doubt is not None:
        return Budget.CONTACT
    return budget_of(
        unit.desk.rules,
        notification.recipient.addr,
        automatic=kind.for_customers and not by_a_consultant,
        relay=kind not in _TO_ONE_PERSON,
    )


def _verdict(unit: Unit, ticket: TicketRow, notification: Notification, automatic: bool, budget: Budget) -> Verdict:
    recipient, gate = notification.recipient.addr, unit.gate
    muted = gate.is_muted(unit.session, recipient, unit.now)
    verdict = admit(recipient, unit.desk.own_addresses, automatic=automatic, muted=muted)
    if verdict.state is not OutboxState.QUEUED:
        return verdict
    answers = notification.kind in ANSWERS
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
