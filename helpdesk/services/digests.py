"""The digest: at the opening of each business day, what lies before a queue, to everyone of the queue who is there.

Called by the timers, and by `helpdesk agenda` for when the next one is due.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk.desk.bulletin import TicketLine
from helpdesk.desk.rules.ruleset import Queue
from helpdesk.desk.terms import NotificationKind
from helpdesk.services.bulletins import draft, post
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.store import clock as events
from helpdesk.store import work
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Database

LINES = 50  # tickets that are listed; the rest is counted


def send_digests(database: Database, desk: Desk, clock: Clock) -> int:
    """Write the digests of the queues that have opened today; return how many queues there was something to tell of.

    One that was missed is made up for as long as the queue's day lasts.
    """
    now = clock()
    opened = [(queue, at) for queue in desk.rules.queues.values() if (at := opening_today(desk, queue, now))]
    with database.read() as session:
        done = events.done(session, [event_name(queue, at) for queue, at in opened])
    return sum(_send(database, desk, now, queue, at) for queue, at in opened if event_name(queue, at) not in done)


def opening_today(desk: Desk, queue: Queue, now: datetime) -> datetime | None:
    """Return today's opening of a queue, once it has come and until the last closing."""
    day = desk.rules.calendars[queue.calendar].day(now)
    return day[0] if day and day[0] <= now < day[1] else None


def event_name(queue: Queue, opening: datetime) -> str:
    """Return the name of a digest among the clock's events."""
    return f"digest:{queue.name}:{opening:%Y-%m-%dT%H:%M:%SZ}"


def _send(database: Database, desk: Desk, now: datetime, queue: Queue, opening: datetime) -> bool:
    name = event_name(queue, opening)
    with database.begin() as session:
        unit = Unit(session, desk, now)
        if not events.begin(session, name, opening, now):
            return False
        rows = work.of_queue(session, queue.name)
        since = events.last_before(session, f"digest:{queue.name}:", opening) or opening - timedelta(days=1)
        held = work.held_since(session, desk.mailboxes_of(queue), since)
        if not rows and not held:
            return False
        letter = replace(
            draft(unit, queue, NotificationKind.NOTICE_DIGEST),
            lines=tuple(_line(unit, row) for row in rows[:LINES]),
            more=max(0, len(rows) - LINES),
            held=held,
        )
        post(unit, queue, letter, [addr for addr in queue.consultants if not desk.is_away(addr, now)], name)
        return True


def _line(unit: Unit, ticket: TicketRow) -> TicketLine:
    desk = unit.desk
    due = ticket.react_by if ticket.reacted_at is None else None
    return TicketLine(
        key=desk.key_of(ticket),
        subject=ticket.subject,
        customer=ticket.organisation or ticket.requester_name or ticket.requester_addr,
        state=ticket.state,
        priority=ticket.priority,
        react_by=due,
        waiting_since=ticket.waiting_since,
        assignee=desk.person(ticket.assignee) if ticket.assignee else None,
        overdue=due is not None and due <= unit.now,
        away=ticket.assignee is not None and desk.is_away(ticket.assignee, unit.now),
    )
