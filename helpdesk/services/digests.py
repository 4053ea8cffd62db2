"""The digest: in the morning, to each consultant who is there, what expires first, what is new and what waits.

It tells of their visits, of what is theirs, what is nobody's, and what belongs to somebody who is away. Called by the
timers, and by `helpdesk agenda` for when the next one is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk.desk.bulletin import TicketLine
from helpdesk.desk.letter import Letter
from helpdesk.desk.rules.ruleset import Queue
from helpdesk.desk.terms import NotificationKind
from helpdesk.services.appointments import visits_today
from helpdesk.services.bulletins import draft, post
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.store import clock as events
from helpdesk.store import work
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Database

LINES = 50  # tickets that are listed; the rest is counted


def send_digests(database: Database, desk: Desk, clock: Clock) -> int:
    """Write the digests of those whose day has begun; return how many there was something to tell.

    One that was missed is made up for as long as the day lasts.
    """
    now = clock()
    begun = [(addr, queues, at) for addr, queues in readers(desk) if (at := opening_today(desk, queues, now))]
    with database.read() as session:
        done = events.done(session, [event_name(addr, at) for addr, _, at in begun])
    fresh = [each for each in begun if event_name(each[0], each[2]) not in done]
    return sum(_send(database, desk, now, *each) for each in fresh)


def readers(desk: Desk) -> Iterator[tuple[str, list[Queue]]]:
    """Yield each consultant who has a queue, with their queues."""
    queues = desk.rules.queues.values()
    for addr in dict.fromkeys(addr for queue in queues for addr in queue.consultants):
        yield addr, [queue for queue in queues if addr in queue.consultants]


def opening_today(desk: Desk, queues: list[Queue], now: datetime) -> datetime | None:
    """Return today's first opening of these queues, once it has come and until the last closing."""
    days = [day for queue in queues if (day := desk.rules.calendars[queue.calendar].day(now))]
    begun = [opening for opening, _ in days if opening <= now]
    return min(begun) if begun and now < max(closing for _, closing in days) else None


def event_name(addr: str, opening: datetime) -> str:
    """Return the name of a digest among the clock's events."""
    return f"digest:{addr}:{opening:%Y-%m-%dT%H:%M:%SZ}"


def _send(database: Database, desk: Desk, now: datetime, addr: str, queues: list[Queue], opening: datetime) -> bool:
    name = event_name(addr, opening)
    with database.begin() as session:
        unit = Unit(session, desk, now)
        if unit.is_away(addr) or not events.begin(session, name, opening, now):
            return False
        since = events.last_before(session, f"digest:{addr}:", opening) or opening - timedelta(days=1)
        letter = _filled(unit, addr, queues, since)
        if not (letter.lines or letter.fresh or letter.waiting or letter.held or letter.visits):
            return False
        post(unit, letter, [addr], name)
        return True


def _filled(unit: Unit, addr: str, queues: list[Queue], since: datetime) -> Letter:
    """Return the letter, each ticket under the first heading that fits it."""
    names = tuple(queue.name for queue in queues)
    rows = [row for row in work.of_queues(unit.session, names) if _concerns(unit, row, addr)]
    expiring: list[TicketLine] = []
    fresh: list[TicketLine] = []
    waiting: list[TicketLine] = []
    for row in rows[:LINES]:
        expires = row.react_by is not None and row.reacted_at is None
        part = expiring if expires else fresh if row.created_at > since else waiting
        part.append(_line(unit, row))
    return replace(
        draft(unit, queues[0], NotificationKind.NOTICE_DIGEST),
        queues=names,
        lines=tuple(expiring),
        fresh=tuple(fresh),
        waiting=tuple(waiting),
        visits=visits_today(unit.session, unit.desk, unit.now, addr),
        more=max(0, len(rows) - LINES),
        held=sum(work.held_since(unit.session, unit.desk.mailboxes_of(queue), since) for queue in queues),
    )


def _concerns(unit: Unit, ticket: TicketRow, addr: str) -> bool:
    """Return whether a ticket is theirs, nobody's, or somebody's who is away."""
    return ticket.assignee is None or ticket.assignee == addr or unit.is_away(ticket.assignee)


def _line(unit: Unit, ticket: TicketRow) -> TicketLine:
    desk = unit.desk
    due = ticket.react_by if ticket.reacted_at is None else None
    return TicketLine(
        key=desk.key_of(ticket),
        subject=ticket.subject,
        customer=desk.customer_of(ticket),
        state=ticket.state,
        priority=ticket.priority,
        react_by=due,
        waiting_since=ticket.waiting_since,
        assignee=desk.person(ticket.assignee) if ticket.assignee else None,
        overdue=due is not None and due <= unit.now,
        away=ticket.assignee is not None and unit.is_away(ticket.assignee),
    )
