"""Who is woken: an urgent ticket that comes, or is spoken on, while its queue is closed (DOMAIN, "A day at the desk").

A few lines, without files, since the address may be an SMS gateway's. Called by `opening` and `conversation`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from helpdesk.desk.notify import Notification
from helpdesk.desk.terms import NotificationKind, Step
from helpdesk.services import letters
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store.tables import OutboxRow, TicketRow

URGENT = 2  # the priority from which somebody is woken


def wake(
    unit: Unit,
    ticket: TicketRow,
    words: Words,
    cause: str,
    delivered_at: datetime,
    told: Collection[OutboxRow],
    trace: list[Step],
) -> list[OutboxRow]:
    """Write to those on call who have no notice of this yet; return the rows. Old mail wakes nobody."""
    queue = unit.desk.rules.queues.get(ticket.queue)
    if queue is None or ticket.priority > URGENT or unit.now - delivered_at > unit.desk.acknowledge_within:
        return []
    if not queue.on_call or unit.desk.rules.calendars[queue.calendar].is_open(unit.now):
        return []
    known = {row.recipient for row in told}
    wanted = [
        Notification(NotificationKind.NOTICE_ON_CALL, unit.desk.person(addr))
        for addr in queue.on_call
        if unit.desk.person(addr).addr not in known
    ]
    rows = letters.write(unit, ticket, wanted, Words(words.author, words.side), cause)
    why = f"priority {ticket.priority} while {queue.calendar} is closed"
    trace.append(Step("on call", ", ".join(row.recipient for row in rows) or "all told already", why))
    return rows
