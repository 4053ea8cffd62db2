"""A word of the customer's side on a ticket: what it is worth, what it moves, who is told (RELIABILITY 3.5).

A participant's word moves the ticket. A word of somebody who may not take part is kept, marked, shown to the
consultants and moves nothing. Called by `conversation`.
"""

from __future__ import annotations

from helpdesk.desk.lifecycle import Effect, Event
from helpdesk.desk.notify import Occasion
from helpdesk.desk.rules.ruleset import Others
from helpdesk.desk.sender import Proof, Sender
from helpdesk.desk.terms import Standing, Step, Visibility
from helpdesk.mail.message import MessageKind
from helpdesk.services import calls, course
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import hear, named_people, remark_of, tell, words_of
from helpdesk.store.tables import TicketRow


def say(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, trace: list[Step], *, certain: bool
) -> str:
    """Write the mail down as a comment, move the ticket, tell people; return the reason word.

    `certain`: there is no doubt that it belongs to this ticket; else it moves nothing, whoever wrote it.
    """
    standing, why = _standing(unit.desk, facts, ticket, sender)
    if standing is Standing.CONFIRMED and not certain:
        standing, why = Standing.UNCONFIRMED, "it is not certain that the mail belongs to this ticket"
    trace.append(Step("standing", standing.value, why))
    remark = remark_of(item, sender, Visibility.PUBLIC, standing)
    row = course.add_comment(unit, ticket, remark)
    hear(unit, item, ticket, sender)
    previous = facts.previous.get(ticket.number, [])
    reopened = False
    if standing is Standing.CONFIRMED:
        course.join(unit, ticket, facts.participants[ticket.number], [sender.person, *named_people(unit.desk, item)])
        step = course.move(unit, ticket, Event.CUSTOMER_COMMENT, sender.person, at=item.entry.delivered_at)
        reopened = Effect.REOPENED in step.effects
        trace.append(Step("lifecycle", ticket.state.value, "a word of the customer's side"))
        if item.classification.kind is MessageKind.PERSONAL:
            calls.confirm(unit, ticket, sender.person, trace)
    words = words_of(item, sender, unconfirmed=standing is not Standing.CONFIRMED, reopened=reopened)
    occasion = Occasion.CUSTOMER_WORDS if standing is Standing.CONFIRMED else Occasion.UNCONFIRMED_WORDS
    automatic = item.classification.kind is not MessageKind.PERSONAL
    tell(unit, item, facts, ticket, occasion, words, trace, silent=automatic or item.entry.silent)
    facts.previous[ticket.number] = previous
    facts.said(ticket.number, row, internal=False)
    return "reply" if standing is Standing.CONFIRMED else "unconfirmed_author"


def _standing(desk: Desk, facts: Facts, ticket: TicketRow, sender: Sender) -> tuple[Standing, str]:
    if sender.proof is Proof.REFUTED:
        return Standing.UNCONFIRMED, "our mail server says that From is forged"
    if facts.takes_part(ticket.number, sender.person.addr):
        return Standing.CONFIRMED, "a participant"
    organisation = desk.rules.organisations.get(sender.organisation or "")
    if organisation is None or sender.organisation != ticket.organisation:
        return Standing.UNCONFIRMED, "neither a participant nor of the customer's organisation"
    if organisation.others is Others.ALLOW:
        return Standing.CONFIRMED, f"a colleague at {organisation.name}"
    return Standing.UNCONFIRMED, f"{organisation.name} lets only its contacts in (others: {organisation.others})"
