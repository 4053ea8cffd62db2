"""What the clock will say into silence, and to whom in the morning: a part of `helpdesk agenda`.

Reminders of customers and consultants, calls that lapse, digests, absences; from the rows and rules that the timers
work by. Called by `agenda`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from helpdesk.desk.hours import from_local
from helpdesk.desk.rules.ruleset import Queue
from helpdesk.desk.terms import NotificationKind
from helpdesk.services import absences, digests, reminders
from helpdesk.services.desk import Desk, Unit
from helpdesk.store import calls, tickets
from helpdesk.store import clock as events
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Session

Line = tuple[datetime, str, str, str, str]  # when, event, ticket, why, zone


def outlook(session: Session, desk: Desk, now: datetime, until: datetime) -> Iterator[Line]:
    """Yield what is due and not yet done, in no order; what comes after `until` may be among it."""
    yield from _reminders(session, desk, now, until)
    yield from _calls(session, desk)
    yield from _digests(desk, now, until)
    yield from _absences(session, desk, now, until)


def _reminders(session: Session, desk: Desk, now: datetime, until: datetime) -> Iterator[Line]:
    """Yield the next reminder of each ticket; those after it depend on what happens until then."""
    found = list(reminders.reminders(session, desk, now - reminders.LATEST, until))
    done = events.done(session, [each.name for each in found])
    told = set[int]()
    for each in found:
        if each.name not in done and each.ticket.number not in told:
            told.add(each.ticket.number)
            event = "reminder" if each.kind is NotificationKind.REMINDER else "stale"
            yield each.at, event, *_of(desk, each.ticket, f"silent since {_local(desk, each.ticket, each.since)}")


def _calls(session: Session, desk: Desk) -> Iterator[Line]:
    waiting = calls.unsettled(session)
    found = tickets.by_number(session, [call.ticket for call in waiting])
    for call in waiting:
        row = found[call.ticket]
        why = f"{call.asked} was asked {_local(desk, row, call.asked_at)} to confirm a call"
        yield call.confirm_by, "lapse", *_of(desk, row, why)


def _digests(desk: Desk, now: datetime, until: datetime) -> Iterator[Line]:
    for addr, queues in digests.readers(desk):
        at, name, zone = _next_opening(desk, queues, now)
        while at <= until:
            yield at, "digest", "", f"to {addr}: {name} opens", zone
            at, name, zone = _next_opening(desk, queues, _end_of(desk, queues, at))


def _next_opening(desk: Desk, queues: list[Queue], at: datetime) -> tuple[datetime, str, str]:
    """Return when the first of these queues begins its next day, its name and its zone."""
    calendars = [(queue, desk.rules.calendars[queue.calendar]) for queue in queues]
    return min((hours.next_day(at)[0], queue.name, hours.zone) for queue, hours in calendars)


def _end_of(desk: Desk, queues: list[Queue], at: datetime) -> datetime:
    """Return when all queues that open on that day have opened: there is one digest a day."""
    days = [desk.rules.calendars[queue.calendar].day(at) for queue in queues]
    return max((day[0] for day in days if day), default=at)


def _absences(session: Session, desk: Desk, now: datetime, until: datetime) -> Iterator[Line]:
    """Yield who is away, from when; an absence that has begun stands at its beginning."""
    for days, addr, how in absences.planned(Unit(session, desk, now), (until - now).days + 1):
        at = from_local(datetime.combine(days.first, time()), desk.rules.timezone)
        yield at, "away", "", f"{addr} until {days.last}, by {how}", desk.rules.timezone


def _of(desk: Desk, row: TicketRow, why: str) -> tuple[str, str, str]:
    return desk.key_of(row), why, desk.queue_facts(row.queue).zone


def _local(desk: Desk, row: TicketRow, at: datetime) -> str:
    return f"{desk.hours_of(row).local(at):%Y-%m-%d %H:%M}"
