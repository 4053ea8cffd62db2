"""Phone calls: the customer is asked to confirm, and without an answer the ticket lapses, with notice (DOMAIN).

Called by `registration` when a call is written down, by `customers` when the customer's side says something, and by
the timers. The request stands apart from the acknowledgement `new`, which tells number and time of receipt.
"""

from __future__ import annotations

from helpdesk.desk.letter import Change
from helpdesk.desk.lifecycle import Event
from helpdesk.desk.notify import Notification, Occasion
from helpdesk.desk.reminders import is_decent
from helpdesk.desk.terms import CLOCK, NotificationKind, Origin, Person, Side, State, Step
from helpdesk.mail.message import Attachment
from helpdesk.services import cancellations, course, letters
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.services.wording import Words
from helpdesk.store import calls, tickets
from helpdesk.store.tables import CallRow, OutboxRow, TicketRow
from helpdesk.store.unit_of_work import Database


def ask(
    unit: Unit, ticket: TicketRow, by: Person, text: str, attachments: tuple[Attachment, ...] = ()
) -> list[OutboxRow]:
    """Ask the ticket's author to confirm the call; return the letter's row."""
    until = unit.desk.rules.lifecycle.phone_confirm_within.after(unit.now, unit.desk.hours_of(ticket))
    author = Person(ticket.requester_name, ticket.requester_addr)
    row = CallRow(ticket=ticket.number, consultant=by.addr, asked=author.addr, asked_at=unit.now, confirm_by=until)
    unit.session.add(row)
    course.note(unit, ticket, "call", by, new=author.addr, reason=f"lapses at {until.isoformat()} if not confirmed")
    files = tuple(file for file in attachments if not file.inline)  # a signature's pictures are nothing to confirm
    words = Words(by, Side.CONSULTANT, text, files, answer_by=until)
    wanted = [Notification(NotificationKind.CONFIRM_CALL, author)]
    return letters.write(unit, ticket, wanted, words, f"call:{ticket.number}")


def confirm(unit: Unit, ticket: TicketRow, author: Person, trace: list[Step]) -> None:
    """Take a word of the customer's side as the confirmation, if one is waited for; any word will do.

    A call that has lapsed is confirmed as well: the word has woken its ticket.
    """
    call = calls.of_ticket(unit.session, ticket.number) if ticket.origin is Origin.PHONE else None
    if call is None or call.confirmed or ticket.state.has_ended:
        return
    call.confirmed, call.settled_at = True, unit.now
    course.note(unit, ticket, "call_confirmed", author)
    trace.append(Step("call", "confirmed", "the customer's side has answered what we asked"))


def lapse_calls(database: Database, desk: Desk, clock: Clock) -> int:
    """Close the tickets of calls that nobody confirmed in time; return how many."""
    now = clock()
    with database.read() as session:
        due = [call for call in calls.unsettled(session) if call.confirm_by <= now]
        found = {row.number: row for row in tickets.by_number(session, [call.ticket for call in due]).values()}
    late = [call for call in due if is_decent(desk.hours_of(found[call.ticket]), call.confirm_by, now)]
    return sum(_lapse(database, desk, clock, call.ticket) for call in late)


def _lapse(database: Database, desk: Desk, clock: Clock, number: int) -> bool:
    with database.begin() as session:
        unit = Unit(session, desk, clock())
        ticket, call = tickets.ticket(session, number, lock=True), calls.of_ticket(session, number)
        if ticket is None or call is None or call.settled_at is not None:
            return False
        call.settled_at, old = unit.now, ticket.state
        if old.has_ended:  # settled otherwise: nothing is left to confirm
            return False
        course.move(unit, ticket, Event.CLOSE, None, at=unit.now, reason="the call was not confirmed")
        _tell(unit, ticket, call, old)
        cancellations.with_ticket(unit, ticket, CLOCK)
        return True


def _tell(unit: Unit, ticket: TicketRow, call: CallRow, old: State) -> None:
    """Write `closed` to the customer's side, and a notice to who took the call and who has the ticket."""
    unit.session.flush()
    people = letters.people_of(unit, ticket, tickets.participants(unit.session, ticket.number).values())
    cause = f"lapse:{ticket.number}"
    told = letters.tell(unit, ticket, Occasion.CLOSED, people, Words(CLOCK, Side.CONSULTANT, lapsed=True), cause)
    known = {row.recipient for row in told}
    others = dict.fromkeys((unit.desk.person(call.consultant), *people.responsible))
    wanted = [Notification(NotificationKind.NOTICE_CHANGED, each) for each in others if each.addr not in known]
    change = Change("state", old, State.CLOSED)
    letters.write(unit, ticket, wanted, Words(CLOCK, Side.CONSULTANT, changes=(change,), lapsed=True), cause)
