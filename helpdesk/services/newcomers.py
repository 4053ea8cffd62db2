"""A new mail by one of a customer's people who is no contact: the customer's rule decides (RELIABILITY 3.5).

It opens a ticket whatever the rule, so that nothing is lost. With `others: ask_contact` the ticket begins with the
contact's yes; with `others: refuse` it is closed, and its author sent to the contact. Called by `opening` for a
ticket's first word, and by `verdicts` when words that waited are decided about.
"""

from __future__ import annotations

from helpdesk.desk.lifecycle import Event
from helpdesk.desk.notify import Occasion
from helpdesk.desk.receipt import Acknowledgement, AcknowledgeReason
from helpdesk.desk.rights import OUTSIDERS, Ground, Rights
from helpdesk.desk.rules.ruleset import Others
from helpdesk.desk.sender import Proof, Sender
from helpdesk.desk.sentences import say
from helpdesk.desk.terms import CLOCK, NotificationKind, Standing, State, Step
from helpdesk.desk.vouching import QuestionKind
from helpdesk.mail.message import MessageKind
from helpdesk.services import cancellations, course, coverage, customers, forwarding, letters, oncall, vouching
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.wording import Words
from helpdesk.store import questions, tickets
from helpdesk.store.tables import CommentRow, OutboxRow, TicketRow


def rights_of(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, *, answered: bool
) -> Rights | None:
    """Return what a newcomer's first word is worth, None for everybody else: their tickets are ordinary ones.

    `answered`: the mail is one that gets an answer. Of any other the contact is not asked either.
    """
    others = customers.others_for(unit.desk, ticket, sender)
    nobody = not vouching.contact_for(unit.desk, ticket)
    if item.classification.kind is not MessageKind.PERSONAL or sender.proof is Proof.REFUTED or sender.named:
        return None
    if others in (None, Others.ALLOW) or (others is Others.ASK_CONTACT and nobody):
        return None
    rights = customers.rights_on(unit.desk, item, facts, ticket, sender, certain=True)
    if answered or (rights.ask is None and rights.turned is None):
        return rights
    return Rights(Standing.UNCONFIRMED, Ground.CONTACTS_ONLY)


def acknowledgement(rights: Rights, planned: Acknowledgement) -> Acknowledgement:
    """Return whether the acknowledgement goes out; what the contact decides about is told in another letter."""
    told_otherwise = rights.ask is QuestionKind.COLLEAGUE or rights.turned is not None
    return Acknowledgement(sent=False, reason=AcknowledgeReason.CONTACT) if told_otherwise else planned


def reason_of(rights: Rights) -> str:
    """Return the reason word of a mail that opened a ticket so."""
    if rights.ask is QuestionKind.COLLEAGUE:
        return "held_for_contact"
    return "contacts_only" if rights.turned is not None else "new_ticket"


def receive(
    unit: Unit,
    item: Understood,
    facts: Facts,
    ticket: TicketRow,
    row: CommentRow,
    rights: Rights,
    trace: list[Step],
) -> list[str]:
    """Ask the contact and tell the author that they are asked, or turn the author away; return the Message-IDs."""
    trace.append(Step("standing", rights.standing.value, say(rights.ground)))
    customers.ask(unit, item, facts, ticket, row, rights, trace)
    if rights.turned is not None:
        course.move(unit, ticket, Event.CLOSE, None, at=unit.now, reason=rights.ground)
    if rights.ask is not QuestionKind.COLLEAGUE:
        return []
    course.count_from(unit, ticket, vouching.lapses_at(unit, ticket))  # nobody is late while the contact decides
    trace.append(Step("clock", "waits", "the time to react counts from the contact's yes"))
    contact = vouching.contact_for(unit.desk, ticket)
    return [vouching.let_wait(unit, ticket, row, contact).message_id]


def is_first_word(unit: Unit, ticket: TicketRow, row: CommentRow) -> bool:
    """Return whether a ticket was opened with these words, and its author takes no part in it.

    Words that were merged into another's ticket may be older than that.
    """
    first = tickets.comments_of(unit.session, ticket.number)[0]
    theirs = row.author_addr == ticket.requester_addr
    return first.id == row.id and theirs and row.standing_reason in OUTSIDERS


def begin(unit: Unit, ticket: TicketRow, row: CommentRow, words: Words, *, silent: bool) -> list[OutboxRow]:
    """Let a ticket begin now, with its first word taken in: it counts, and is acknowledged, from now on."""
    course.count_from(unit, ticket, unit.now)
    ticket.waiting_since = unit.now
    told = questions.was_told_since(
        unit.session, ticket.number, row.author_addr, NotificationKind.NEW, ticket.delivered_at
    )
    present = tickets.participants(unit.session, ticket.number)
    people, cause, trace = letters.people_of(unit, ticket, present.values()), f"taken_in:{row.id}", list[Step]()
    rows = letters.tell(unit, ticket, Occasion.OPENED, people, words, cause, acknowledge=not (silent or told))
    rows += [] if silent else coverage.tell_what_is_covered(unit, ticket, None)
    forwarding.pass_on(unit, ticket, words, cause, trace)
    return rows + oncall.wake(unit, ticket, words, cause, unit.now, rows, trace)


def end(unit: Unit, ticket: TicketRow, reason: str) -> None:
    """Close a ticket whose first word stays out, unless somebody is at work on it."""
    if ticket.state is State.NEW:
        course.move(unit, ticket, Event.CLOSE, None, at=unit.now, reason=reason)
        cancellations.with_ticket(unit, ticket, CLOCK)
