"""What a word of the customer's side moves: the ticket, unless it is nothing but thanks; and a call that waits for it.

Called by `customers` for words that are believed.
"""

from __future__ import annotations

from helpdesk.desk.lifecycle import Effect, Event
from helpdesk.desk.sender import Sender
from helpdesk.desk.terms import Step
from helpdesk.desk.thanks import is_thanks
from helpdesk.mail.message import MessageKind
from helpdesk.services import calls, course
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.store.tables import TicketRow


def says_only_thanks(unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender) -> bool:
    """Return whether the mail leaves a solved ticket as it is: a person's, without a file, and nothing but thanks."""
    if not ticket.state.has_ended or item.classification.kind is not MessageKind.PERSONAL:
        return False
    if any(not file.inline for file in item.message.attachments):
        return False
    spoken = [each.author.name for each in facts.previous.get(ticket.number, ())]
    assignee = unit.desk.person(ticket.assignee).name if ticket.assignee else ""
    return is_thanks(item.message.new_text, (sender.person.name, ticket.requester_name, assignee, *spoken))


def move(unit: Unit, item: Understood, ticket: TicketRow, sender: Sender, trace: list[Step], *, thanks: bool) -> bool:
    """Move the ticket by the word; return whether it was woken. Thanks are only noted, so that a person can undo it."""
    if thanks:
        why = f"nothing but thanks: it stays {ticket.state}; #reopen undoes that"
        course.note(unit, ticket, "thanked", sender.person, reason=why)
        trace.append(Step("lifecycle", ticket.state.value, why))
        return False
    step = course.move(unit, ticket, Event.CUSTOMER_COMMENT, sender.person, at=item.entry.delivered_at)
    trace.append(Step("lifecycle", ticket.state.value, "a word of the customer's side"))
    if item.classification.kind is MessageKind.PERSONAL:
        calls.confirm(unit, ticket, sender.person, trace)
    return Effect.REOPENED in step.effects
