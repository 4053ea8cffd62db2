"""Who stands in for consultants who are away (DOMAIN, "A day at the desk").

Called by `letters` for every notice, and by whoever warns of a ticket: an absent assignee's mail goes to the queue
too. Where nobody of the queue is there, those on call are told, else those above it.
"""

from __future__ import annotations

from helpdesk.services.desk import Unit
from helpdesk.store.tables import TicketRow


def stand_ins(unit: Unit, ticket: TicketRow) -> tuple[str, ...]:
    """Return who is told of a ticket beside those responsible; nobody while one of them is there."""
    queue = unit.desk.rules.queues.get(ticket.queue)
    if queue is None or (ticket.assignee is not None and not unit.is_away(ticket.assignee)):
        return ()
    present = tuple(addr for addr in queue.consultants if not unit.is_away(addr))
    if ticket.assignee is None:
        return () if present else queue.on_call or queue.escalate_to
    return present or queue.on_call or queue.escalate_to
