"""What the clock does, as plain functions that the daemon's scheduler calls.

Rows decide what is due, so a restart loses nothing and a tick too many does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from helpdesk import crashpoints, logs
from helpdesk.desk.lifecycle import Event
from helpdesk.desk.notify import Occasion
from helpdesk.desk.reminders import is_decent
from helpdesk.desk.terms import CLOCK, Side, State
from helpdesk.errors import DatabaseUnavailable
from helpdesk.services import appointments, cancellations, causes, course, letters
from helpdesk.services.calls import lapse_calls
from helpdesk.services.contracts import warn_of_contracts
from helpdesk.services.deadlines import warn_of_deadlines
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.services.digests import send_digests
from helpdesk.services.expiry import warn_of_ends
from helpdesk.services.heldback import tell_held_back
from helpdesk.services.lapses import lapse_questions
from helpdesk.services.reminders import remind
from helpdesk.services.wording import Words
from helpdesk.store import gate, restoration, tickets, visits, work
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Database

log = logs.get_logger(__name__)


def all_due(database: Database, desk: Desk, clock: Clock) -> int:
    """Do everything that is due; return how many things were done. One that fails is logged and keeps none back."""
    return sum(_guarded(name, database, desk, clock) for name in DUE)


def _guarded(name: str, database: Database, desk: Desk, clock: Clock) -> int:
    try:
        return DUE[name](database, desk, clock)
    except DatabaseUnavailable:
        raise
    except Exception:
        log.exception("timer.failed", timer=name)
        return 0


def close_resolved(database: Database, desk: Desk, clock: Clock) -> int:
    """Close what has been resolved for as long as the rules say, with the notice `closed`; return how many."""
    now = clock()
    with database.read() as session:
        met = visits.last_ends(session)
        waiting = [row.number for row in work.resolved(session) if _may_close(desk, row, met, now)]
    return sum(_close(database, desk, now, number) for number in waiting)


def _may_close(desk: Desk, ticket: TicketRow, met: Mapping[int, datetime], now: datetime) -> bool:
    """Return whether it is time; one that was missed waits for working hours, since a mail goes out with it."""
    return is_decent(desk.hours_of(ticket), appointments.closes_at(desk, ticket, met), now)


def _close(database: Database, desk: Desk, now: datetime, number: int) -> int:
    with database.begin() as session:
        unit = Unit(session, desk, now)
        ticket = tickets.ticket(session, number, lock=True)
        met = visits.last_ends(session, number)
        if ticket is None or ticket.state is not State.RESOLVED or not _may_close(desk, ticket, met, now):
            return 0  # it came back since it was looked at
        unit.gate.repeats = restoration.is_repeated(session, appointments.closes_at(desk, ticket, met))
        step = course.move(unit, ticket, Event.CLOSE, None, at=now, reason="resolved and not answered")
        if step.refused:
            return 0
        session.flush()
        participants = tickets.participants(session, number)
        people = letters.people_of(unit, ticket, participants.values())
        cause = causes.of_change(session, ticket)
        letters.tell(unit, ticket, Occasion.CLOSED, people, Words(CLOCK, Side.CONSULTANT), cause)
        cancellations.with_ticket(unit, ticket, CLOCK)
        crashpoints.reached("C18")
        return 1


def forget_counted(database: Database, _: Desk, clock: Clock) -> int:
    """Drop the gate's counts that no budget looks at any more, lest they grow for ever; return 0: nobody is told."""
    with database.begin() as session:
        gate.forget_before(session, clock())
    return 0


DUE: dict[str, Callable[[Database, Desk, Clock], int]] = {
    "close_resolved": close_resolved,
    "questions": lapse_questions,
    "deadlines": warn_of_deadlines,
    "digests": send_digests,
    "reminders": remind,
    "calls": lapse_calls,
    "contracts": warn_of_contracts,
    "counts": forget_counted,
    "clients": warn_of_ends,
    "held_back": tell_held_back,
}
