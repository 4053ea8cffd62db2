"""A ticket that belongs to a partner: a rule passes it on, with the customer's words and files.

The customer is told in the acknowledgement, the consultants by their notice. What the partner answers is an internal
comment (see `conversation`). Called by `opening` where a route names a partner.
"""

from __future__ import annotations

from helpdesk.desk.notify import Notification
from helpdesk.desk.rules.ruleset import Partner
from helpdesk.desk.sender import Proof, Sender
from helpdesk.desk.terms import NotificationKind, Person, Standing, Step
from helpdesk.services import course, letters
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Understood
from helpdesk.services.wording import Words
from helpdesk.store.tables import TicketRow

RULE = Person("", "rule")


def destination(unit: Unit, item: Understood, sender: Sender, partner: str | None, trace: list[Step]) -> str | None:
    """Return the partner that a new ticket is passed on to, None for nobody; the trace says why not."""
    if partner is None:
        return None
    author = unit.desk.rules.partner_of(sender.person.addr)
    late = unit.now - item.entry.delivered_at > unit.desk.acknowledge_within and not item.released
    hindrances = (
        (author is not None and author.name == partner, "they wrote it themselves"),
        (sender.proof is Proof.REFUTED, "our mail server says that From is forged"),
        (item.entry.silent, "the operator asked for silence"),
        (late, "it was taken in long after its delivery"),
    )
    why = next((why for hindered, why in hindrances if hindered), "")
    if why:
        trace.append(Step("forward", "no", f"not passed on to {partner}: {why}"))
    return None if why else partner


def pass_on(unit: Unit, ticket: TicketRow, words: Words, cause: str, trace: list[Step]) -> list[str]:
    """Write the partner's mail if the ticket is passed on; return the Message-IDs of what was written.

    It goes to the first of the partner's addresses; the others are those that they may answer from.
    """
    partner = unit.desk.rules.partners.get(ticket.forwarded_to or "")
    if partner is None:
        return []
    course.note(unit, ticket, "forwarded", RULE, new=partner.name, reason=cause.replace(":", " "))
    wanted = [Notification(NotificationKind.FORWARDED, Person("", partner.addresses[0]))]
    rows = letters.write(unit, ticket, wanted, words, cause)
    trace.append(
        Step("forward", f"{partner.name}, {partner.addresses[0]}", "a rule passes it on; the customer is told")
    )
    return [row.message_id for row in rows]


def takes_part(unit: Unit, ticket: TicketRow | None, addr: str) -> bool:
    """Return whether the address is one of the partner that the ticket was passed on to."""
    partner = unit.desk.rules.partner_of(addr)
    return partner is not None and ticket is not None and ticket.forwarded_to == partner.name


def standing(ticket: TicketRow, sender: Sender, partner: Partner) -> tuple[Standing, str]:
    """Return what a partner's word on a ticket is worth, and why."""
    if sender.proof is Proof.REFUTED:
        return Standing.UNCONFIRMED, "our mail server says that From is forged"
    if ticket.forwarded_to != partner.name:
        return Standing.UNCONFIRMED, f"the ticket was never passed on to {partner.name}"
    return Standing.CONFIRMED, f"an answer of {partner.name}: it stays among consultants"
