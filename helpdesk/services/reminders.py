"""Silence that the clock speaks into: customers we wait for, and tickets that nobody touches.

Called by the timers. Rows decide what is due: a restart loses nothing, a tick too many does nothing, of what was
missed only the latest is said, and nobody is written to outside working hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.desk.notify import Notification, directed
from helpdesk.desk.reminders import is_decent, turns
from helpdesk.desk.terms import CLOCK, NotificationKind, Side, State
from helpdesk.services import course, letters
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.services.wording import Words
from helpdesk.store import clock as events
from helpdesk.store import notices, tickets, visits
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Database, Session

AGAIN = 20  # so often a consultant is reminded of one silence
LATEST = timedelta(days=5)  # what is later than a long weekend waits for its next turn


@dataclass(frozen=True, slots=True)
class Reminder:
    """A word that the clock will say about a ticket, unless something happens to it before."""

    ticket: TicketRow
    kind: NotificationKind
    number: int  # the how-manieth, from 1
    since: datetime
    at: datetime

    @property
    def name(self) -> str:
        """Its name among the clock's events: a silence that begins anew has others."""
        return f"{self.kind}:{self.ticket.number}:{self.since:%Y-%m-%dT%H:%M:%SZ}:{self.number}"


def remind(database: Database, desk: Desk, clock: Clock) -> int:
    """Send the reminders that are due; return how many tickets were spoken of."""
    now = clock()
    with database.read() as session:
        young = reminders(session, desk, now - LATEST, now)
        due = [each for each in young if is_decent(desk.hours_of(each.ticket), each.at, now)]
        done = events.done(session, [each.name for each in due])
    latest = {each.ticket.number: each for each in due if each.name not in done}
    return sum(_send(database, desk, now, each) for each in latest.values())


def reminders(
    session: Session, desk: Desk, start: datetime, until: datetime, only: int | None = None
) -> Iterator[Reminder]:
    """Yield the reminders that come between the two, each ticket's in their order; those that were sent included."""
    life = desk.rules.lifecycle
    for ticket, since in notices.waiting_since(session, only):
        hours, times = desk.hours_of(ticket), life.remind_pending_times
        for number, at in turns(life.remind_pending_after, times + 1, since, hours, start, until):
            kind = NotificationKind.REMINDER if number <= times else NotificationKind.NOTICE_STALE
            yield Reminder(ticket, kind, number, since, at)
    met = visits.last_ends(session, only)
    for ticket, said in notices.silent_since(session, (State.NEW, State.OPEN), only):
        since = max(said, met.get(ticket.number, said))  # who waits for a visit waits for it
        hours = desk.hours_of(ticket)
        for number, at in turns(life.remind_stale_after, AGAIN, since, hours, start, until):
            yield Reminder(ticket, NotificationKind.NOTICE_STALE, number, since, at)


def _send(database: Database, desk: Desk, now: datetime, reminder: Reminder) -> bool:
    """Say the latest of a ticket's reminders that are due, and note those before it; nothing if somebody spoke."""
    with database.begin() as session:
        unit = Unit(session, desk, now)
        ticket = tickets.ticket(session, reminder.ticket.number, lock=True)
        due = list(reminders(session, desk, reminder.since, now, reminder.ticket.number))
        if ticket is None or reminder.name not in [each.name for each in due]:
            return False
        fresh = [each for each in due if events.begin(session, each.name, each.at, now)]
        if not fresh:
            return False
        last = fresh[-1]
        _customers(unit, ticket, last) if last.kind is NotificationKind.REMINDER else _consultants(unit, ticket, last)
        return True


def _customers(unit: Unit, ticket: TicketRow, reminder: Reminder) -> None:
    """Ask the author again, with the words they have not answered; everybody on their side if they have left."""
    asked = notices.last_public_word(unit.session, ticket.number)
    present = tickets.participants(unit.session, ticket.number)
    people = letters.people_of(unit, ticket, present.values())
    author = tuple(person for person in people.participants if person.addr == ticket.requester_addr)
    asked_again = [Notification(reminder.kind, person) for person in author or people.participants]
    wanted = directed(asked_again, people.elsewhere, CLOCK)
    words = Words(CLOCK, Side.CONSULTANT, asked.new_text if asked else "", since=reminder.since)
    course.note(unit, ticket, "reminded", None, new=str(reminder.number), reason="no answer to what we asked")
    letters.write(unit, ticket, wanted, words, reminder.name)


def _consultants(unit: Unit, ticket: TicketRow, reminder: Reminder) -> None:
    people = letters.people_of(unit, ticket, ())
    wanted = [Notification(reminder.kind, person) for person in dict.fromkeys(people.responsible)]
    previous = tickets.last_words(unit.session, [ticket.number]).get(ticket.number, ())
    words = Words(CLOCK, Side.CONSULTANT, since=reminder.since)
    letters.write(unit, ticket, wanted, words, reminder.name, previous=previous)
