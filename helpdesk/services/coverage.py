"""The one kind mail that says what a plan covers: for a ticket that is no error, under a plan for errors only.

Called where a rule or a consultant has said so; it goes out once in a ticket's life (CONTRACT).
"""

from __future__ import annotations

from helpdesk.desk.notify import Notification
from helpdesk.desk.terms import CLOCK, GuaranteeReason, NotificationKind, Person, Side
from helpdesk.services import letters
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store import clock, tickets
from helpdesk.store.tables import OutboxRow, TicketRow


def tell_what_is_covered(unit: Unit, ticket: TicketRow, by: Person | None, *, neutral: bool = False) -> list[OutboxRow]:
    """Write that mail to the ticket's author, unless the plan covers it or they were told before; return its row."""
    uncovered = ticket.guarantee_reason is GuaranteeReason.NOT_COVERED
    name = f"not_covered:{ticket.number}"
    if not uncovered or not clock.begin(unit.session, name, unit.now, unit.now):
        return []
    words = Words(by or CLOCK, Side.CONSULTANT)
    asker = tickets.participants(unit.session, ticket.number).get(ticket.requester_addr)
    author = Person(ticket.requester_name, (asker and asker.reply_to) or ticket.requester_addr)
    wanted = [Notification(NotificationKind.NOT_COVERED, author)] if author.addr else []
    return letters.write(unit, ticket, wanted, words, name, neutral=neutral)
