"""Letters that ask whether somebody's words may count, or say that they don't (RELIABILITY 3.5).

A colleague's words wait for the customer's contact, words whose From failed for the owner of the address. Neither
letter repeats the words: what nobody has vouched for is shown to consultants alone. Called by `customers` and
`verdicts`; `answers` reads what comes back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from helpdesk.desk.notify import Notification
from helpdesk.desk.rights import Ground
from helpdesk.desk.rules.ruleset import Organisation
from helpdesk.desk.spans import Span
from helpdesk.desk.terms import NotificationKind, Person, Side
from helpdesk.desk.vouching import QuestionKind, Turned
from helpdesk.services import letters
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.wording import Words
from helpdesk.store import questions
from helpdesk.store.tables import CommentRow, OutboxRow, QuestionRow, TicketRow

ANSWER_WITHIN = Span(business_days=1)
ONCE_IN = timedelta(days=1)  # a challenge to one address; a refusal to one person about one ticket


def contact_of(organisation: Organisation | None, ticket: TicketRow) -> str:
    """Return who decides about a customer's people: the requester, if a contact, else the first one; "" for nobody."""
    if organisation is None or not organisation.contacts:
        return ""
    contacts = organisation.contacts
    return ticket.requester_addr if ticket.requester_addr in contacts else contacts[0]


def contact_for(desk: Desk, ticket: TicketRow) -> str:
    """Return who decides about a ticket for its customer; "" for nobody."""
    return contact_of(desk.rules.organisations.get(ticket.organisation or ""), ticket)


def ask_contact(unit: Unit, ticket: TicketRow, row: CommentRow, contact: str) -> OutboxRow | None:
    """Ask the contact about the author of held words; None if that was asked already and is not answered."""
    if questions.open_about(unit.session, ticket.number, row.author_addr, QuestionKind.COLLEAGUE):
        return None
    about = Person("", row.author_addr)  # a name is whatever its bearer chose
    words = Words(about, Side.CUSTOMER, answer_by=lapses_at(unit, ticket))
    return _ask(unit, ticket, row, QuestionKind.COLLEAGUE, Person("", contact), NotificationKind.ASK_CONTACT, words)


def let_wait(unit: Unit, ticket: TicketRow, row: CommentRow, contact: str) -> OutboxRow:
    """Tell the author of held words that their ticket begins with the contact's yes; return the letter."""
    author = Person("", row.author_addr)
    words = Words(author, Side.CUSTOMER, contact=Person("", contact), answer_by=lapses_at(unit, ticket))
    wanted = [Notification(NotificationKind.AWAITS_CONTACT, author)]
    return letters.write(unit, ticket, wanted, words, f"comment:{row.id}")[0]


def challenge(unit: Unit, ticket: TicketRow, row: CommentRow) -> OutboxRow | None:
    """Ask the owner of an address whether words in their name are theirs; None if they were asked anything today."""
    if questions.was_asked_since(unit.session, row.author_addr, QuestionKind.AUTHORSHIP, unit.now - ONCE_IN):
        return None
    owner = Person("", row.author_addr)
    words = Words(owner, Side.CUSTOMER, answer_by=lapses_at(unit, ticket), written_at=row.delivered_at)
    return _ask(unit, ticket, row, QuestionKind.AUTHORSHIP, owner, NotificationKind.CHALLENGE, words)


def turn_away(unit: Unit, ticket: TicketRow, row: CommentRow, contact: str, turned: Turned) -> OutboxRow | None:
    """Send a colleague politely to the contact, at most once a day on a ticket; return the letter if there is one."""
    since, kind = unit.now - ONCE_IN, NotificationKind.TURNED_AWAY
    if questions.was_told_since(unit.session, ticket.number, row.author_addr, kind, since):
        return None
    contact_person = Person("", contact) if contact else None
    words = Words(Person("", row.author_addr), Side.CUSTOMER, contact=contact_person, turned=turned)
    wanted = [Notification(kind, Person("", row.author_addr))]
    return letters.write(unit, ticket, wanted, words, f"comment:{row.id}")[0]


def remember(unit: Unit, row: CommentRow, kind: QuestionKind, letter: OutboxRow, lapses_at: datetime) -> QuestionRow:
    """Write down that a letter asks about a comment; return the question."""
    question = QuestionRow(
        kind=kind,
        comment=row.id or 0,
        author=row.author_addr,
        asked=letter.recipient,
        message_id=letter.message_id,
        asked_at=unit.now,
        lapses_at=lapses_at,
    )
    unit.session.add(question)
    unit.session.flush()
    return question


def _ask(
    unit: Unit,
    ticket: TicketRow,
    row: CommentRow,
    kind: QuestionKind,
    asked: Person,
    notification: NotificationKind,
    words: Words,
) -> OutboxRow:
    [letter] = letters.write(unit, ticket, [Notification(notification, asked)], words, f"comment:{row.id}")
    remember(unit, row, kind, letter, words.answer_by or unit.now)
    return letter


def lapses_at(unit: Unit, ticket: TicketRow) -> datetime:
    """Return when a question that is asked now is no longer waited for: after one business day of the queue."""
    return ANSWER_WITHIN.after(unit.now, unit.desk.hours_of(ticket))


def stays_out(ground: Ground) -> Turned | None:
    """Return how the author of words that were not taken in is told; None: not at all."""
    return {Ground.CONTACT_SAID_NO: Turned.BY_CONTACT, Ground.CONTACT_SILENT: Turned.BY_SILENCE}.get(ground)
