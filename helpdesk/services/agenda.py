"""What the clock will do next, from the same rows and rules that the timers work by: `helpdesk agenda`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from helpdesk.desk.deadlines import Stage
from helpdesk.services import appointments, contracts, deadlines, lapses
from helpdesk.services.desk import Desk
from helpdesk.services.outlook import outlook
from helpdesk.store import clock as events
from helpdesk.store import sending, visits, work
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Session


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """One thing that the clock will do: when, which, to which ticket, and why then."""

    at: datetime
    event: str  # warning, overdue, escalation, reminder, stale, away, close, digest, contract, visit, lapse, retry
    ticket: str
    why: str
    zone: str


_EVENTS = {Stage.SOON: "warning", Stage.EXPIRED: "overdue", Stage.ESCALATED: "escalation"}


def agenda(session: Session, desk: Desk, now: datetime, until: datetime) -> list[Planned]:
    """Return what is due and not yet done, up to that time, in order; what is late stands on top."""
    found = [*_warnings(session, desk, until), *_closes(session, desk)]
    found += [Planned(*each) for each in outlook(session, desk, now, until)]
    found += [*_contracts(session, desk, now), *_retries(session, desk), *_lapses(session, desk)]
    found += [*_visits(session, desk, now, until)]
    return sorted(each for each in found if each.at <= until)


def _warnings(session: Session, desk: Desk, until: datetime) -> Iterator[Planned]:
    rows = work.unreacted(session, until + deadlines.HORIZON)
    found = [(row, warning) for row in rows for warning in deadlines.warnings_of(desk, row)]
    done = events.done(session, [warning.name for _, warning in found])
    for row, warning in found:
        if warning.name not in done and row.react_by is not None:
            zone = desk.queue_facts(row.queue).zone
            why = f"react by {_local(desk, row, row.react_by)}, calendar {row.calendar}; nobody has reacted"
            yield Planned(warning.at, _EVENTS[warning.stage], desk.key_of(row), why, zone)


def _closes(session: Session, desk: Desk) -> Iterator[Planned]:
    met = visits.last_ends(session)
    for row in work.resolved(session):
        resolved = _local(desk, row, row.resolved_at or row.created_at)
        why = f"resolved {resolved}; nobody answered"
        yield Planned(
            appointments.closes_at(desk, row, met), "close", desk.key_of(row), why, desk.queue_facts(row.queue).zone
        )


def _contracts(session: Session, desk: Desk, now: datetime) -> Iterator[Planned]:
    found = contracts.contracts(desk.rules, now.astimezone(desk.zone).date())
    planned = [(each, at, name) for each in found for at, name in contracts.turns(each, desk.zone)]
    done = events.done(session, [name for _, _, name in planned])
    for each, at, name in planned:
        if name not in done and at > now:
            why = f"the contract of {each.organisation} ends on {each.last}: its light changes"
            yield Planned(at, "contract", "", why, desk.rules.timezone)


def _lapses(session: Session, desk: Desk) -> Iterator[Planned]:
    for at, row, why in lapses.planned(session):
        yield Planned(at, "lapse", desk.key_of(row), why, desk.queue_facts(row.queue).zone)


def _visits(session: Session, desk: Desk, now: datetime, until: datetime) -> Iterator[Planned]:
    for line in appointments.visits_between(session, desk, now, until):
        yield Planned(line.starts_at, "visit", line.key, appointments.sentence(line), line.zone)


def _retries(session: Session, desk: Desk) -> Iterator[Planned]:
    at = sending.next_due(session)
    if at is not None:
        yield Planned(at, "retry", "", "a mail that was put off is tried again", desk.rules.timezone)


def _local(desk: Desk, row: TicketRow, at: datetime) -> str:
    hours = desk.rules.calendars.get(row.calendar)
    return f"{(hours.local(at) if hours else at):%Y-%m-%d %H:%M}"
