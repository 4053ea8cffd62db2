"""A machine's word on a ticket: it is kept, and moves nothing (RELIABILITY 3.3). Called by `line`.

Absence notes and read receipts are told to nobody. What another system wrote by itself may hold people's words, a
customer's own helpdesk passing on what their user said, or an alarm's end: consultants are told, customers are not.
"""

from __future__ import annotations

from helpdesk.desk.sender import Role, Sender
from helpdesk.desk.terms import Standing, Step, Visibility
from helpdesk.mail.message import MessageKind
from helpdesk.services import course, quoting
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import hear, keep_among_consultants, remark_of
from helpdesk.store.tables import TicketRow


def is_generated(desk: Desk, item: Understood, sender: Sender) -> bool:
    """Return whether a system of the customers' side wrote the mail by itself."""
    generated = item.classification.kind is MessageKind.AUTO_GENERATED
    return generated and sender.role is not Role.CONSULTANT and desk.rules.partner_of(sender.person.addr) is None


def record(unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender) -> None:
    """Keep an automatic answer on its ticket as an internal comment; nobody is told and nothing moves."""
    row = course.add_comment(unit, ticket, remark_of(item, sender, Visibility.INTERNAL, Standing.CONFIRMED))
    hear(unit, item, ticket, sender)
    course.note(unit, ticket, item.classification.kind.value, sender.person, reason=item.classification.reason)
    facts.said(row)


def record_and_tell(
    unit: Unit,
    item: Understood,
    facts: Facts,
    ticket: TicketRow,
    sender: Sender,
    trace: list[Step],
    *,
    certain: bool,
) -> None:
    """Keep what a system wrote among the consultants and tell them; the ticket stays as it is."""
    item = quoting.folded(item, facts, ticket)
    certain = certain and facts.takes_part(ticket.number, sender.person.addr)
    standing = Standing.CONFIRMED if certain else Standing.UNCONFIRMED
    trace.append(Step("standing", f"{Visibility.INTERNAL}, {standing}", "a machine wrote it: it moves nothing"))
    course.note(unit, ticket, item.classification.kind.value, sender.person, reason=item.classification.reason)
    keep_among_consultants(unit, item, facts, ticket, sender, standing, trace)
