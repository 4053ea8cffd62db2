"""Warnings that a promise ends soon, has ended, and is ended for long: to the assignee, the queue, those above.

Called by the timers. Rows decide what is due: a restart loses nothing, a tick too many does nothing, and of what
was missed only the latest stage is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.desk.deadlines import Stage, stages
from helpdesk.desk.hours import BusinessHours
from helpdesk.desk.notify import Notification
from helpdesk.desk.terms import CLOCK, NotificationKind, Person, Side, Step
from helpdesk.services import letters, standins
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.services.wording import Words
from helpdesk.store import clock as events
from helpdesk.store import tickets, work
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Database

HORIZON = timedelta(days=14)  # the first warning comes at most an hour of working time ahead: longer off-times are rare


@dataclass(frozen=True, slots=True)
class Alert:
    """A stage that a ticket's promise comes to."""

    ticket: int
    stage: Stage
    at: datetime
    name: str  # its name among the clock's events


def warnings_of(desk: Desk, ticket: TicketRow) -> Iterator[Alert]:
    """Yield a ticket's stages in their order; none that was past when the ticket was written down.

    A mailbox taken over with old mail would otherwise warn of a thousand promises that nobody made.
    """
    hours = desk.rules.calendars.get(ticket.calendar)
    if ticket.react_by is None or hours is None:
        return
    for stage, at in stages(hours, _began(hours, ticket), ticket.react_by):
        if at >= ticket.created_at:
            name = f"deadline:{ticket.number}:{ticket.react_by:%Y-%m-%dT%H:%M:%SZ}:{stage}"
            yield Alert(ticket.number, stage, at, name)


def warn_of_deadlines(database: Database, desk: Desk, clock: Clock) -> int:
    """Send the warnings that are due; return how many tickets were warned of."""
    now = clock()
    with database.read() as session:
        found = {row.number: _due(desk, row, now) for row in work.unreacted(session, now + HORIZON)}
        names = [each.name for due in found.values() for each in due]
        done = events.done(session, names)
    open_ends = [number for number, due in found.items() if any(each.name not in done for each in due)]
    return sum(_warn(database, desk, now, number) for number in open_ends)


def _due(desk: Desk, ticket: TicketRow, now: datetime) -> list[Alert]:
    return [warning for warning in warnings_of(desk, ticket) if warning.at <= now]


def _warn(database: Database, desk: Desk, now: datetime, number: int) -> bool:
    """Tell of a ticket's latest stage and note all that are past; nothing if somebody reacted meanwhile.

    Whom an earlier stage would have told is told of the latest: after a night's outage that is the only word they get.
    """
    with database.begin() as session:
        unit = Unit(session, desk, now)
        ticket = tickets.ticket(session, number, lock=True)
        if ticket is None or ticket.reacted_at is not None or ticket.state.has_ended:
            return False
        fresh = [each for each in _due(desk, ticket, now) if events.begin(session, each.name, each.at, now)]
        if not fresh:
            return False
        last = fresh[-1]
        told = dict.fromkeys(person for each in fresh for person in _told(unit, ticket, each.stage))
        wanted = [Notification(NotificationKind.NOTICE_DEADLINE, person) for person in told]
        words = Words(CLOCK, Side.CONSULTANT, stage=last.stage)
        previous = tickets.last_words(session, [number]).get(number, ())
        letters.write(unit, ticket, wanted, words, last.name, previous=previous)
        return True


def _told(unit: Unit, ticket: TicketRow, stage: Stage) -> Sequence[Person]:
    """Return the assignee, else the queue, and who stands in for them; above them, its escalation."""
    desk = unit.desk
    queue = desk.rules.queues.get(ticket.queue)
    everyone = queue.consultants if queue else ()
    if stage is Stage.ESCALATED:
        wanted = queue.escalate_to if queue else ()
    elif ticket.assignee is None:
        wanted = (*everyone, *standins.stand_ins(unit, ticket))
    else:
        wanted = (ticket.assignee, *standins.stand_ins(unit, ticket))
    return [desk.person(addr) for addr in dict.fromkeys(wanted)]


def deadline_steps(desk: Desk, ticket: TicketRow) -> Iterator[Step]:
    """Yield the slices of working time that made a ticket's deadline, each with the sum up to its end.

    If the hours have changed since, the promise stands and the sum is what the hours of now make of it.
    """
    hours, react_by = desk.rules.calendars.get(ticket.calendar), ticket.react_by
    if react_by is None:
        yield Step("deadline", "none", f"no reaction time is named for this ticket: {ticket.guarantee_reason}")
        return
    if hours is None:
        yield Step("deadline", react_by.isoformat(), f"promised under a calendar {ticket.calendar!r} that is gone")
        return
    began, passed = _began(hours, ticket), timedelta()
    for start, end in hours.slices(began, react_by):
        passed += end - start
        said = f"{hours.local(start):%a %Y-%m-%d %H:%M}–{hours.local(end):%H:%M}"
        yield Step("working time", said, f"calendar {hours.name}: {_hours(end - start)}, so far {_hours(passed)}")
    counts = f"counts from {hours.local(began):%Y-%m-%d %H:%M}"
    yield Step("deadline", hours.local(react_by).isoformat(), f"{_hours(passed)} of calendar {hours.name}; {counts}")


def _began(hours: BusinessHours, ticket: TicketRow) -> datetime:
    """Return the instant from which the time to react is counted: a reopening's, else that of receipt."""
    return ticket.received_at if ticket.clock_from is None else hours.received(ticket.clock_from)


def _hours(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes % 60 else f"{minutes // 60} h"
