"""Visits: made, moved and called off by a consultant, and told to customer and consultant as invitations.

Called by `#visit`, by `helpdesk tickets visit` and by `consents`; `invitees` reads the answers. A ticket has at most
one visit that is neither past nor cancelled, so that a second `#visit` moves it. Remote help waits for the customer's
consent before anybody is invited (DOMAIN).
"""

from __future__ import annotations

import secrets

from helpdesk.desk.commands import Problem
from helpdesk.desk.terms import Person, Side, State
from helpdesk.desk.tokens import base32
from helpdesk.desk.visit import FURTHEST, Answer, VisitState, Wanted, as_written, read_visit
from helpdesk.services import cancellations, course, invitations
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.store import visits as store
from helpdesk.store.tables import OutboxRow, TicketRow, VisitGuestRow, VisitRow

SENTENCES = {
    Problem.NO_VISIT: "there is no visit to call off",
    Problem.WRONG_STATE: "the ticket is closed: reopen it first",
    Problem.VISIT_PAST: "that time is past, or more than two years ahead",
    Problem.BAD_ARGUMENT: "no clock shows that hour on that day",
}


def visit(unit: Unit, ticket: TicketRow, act: Act, words: str) -> Done:
    """Make, move or call off the ticket's visit: `2026-11-25 10:00 60m [remote] [place]`, or `cancel`."""
    try:
        wanted = read_visit(words)
    except ValueError as error:
        return Done(ticket, refused=str(error))
    if problem := objection(unit, ticket, wanted):
        return Done(ticket, refused=SENTENCES[problem])
    present = store.live(unit.session, ticket.number, unit.now)
    if wanted is None:
        return Done(ticket, tuple(_call_off(unit, ticket, act, present) if present else ()))
    if present is not None and _is(present, wanted) and present.consultant == _who(ticket, act):
        return Done(ticket, refused="the visit is at that time already", unchanged=True)
    return Done(ticket, tuple(_arrange(unit, ticket, act, present, wanted)))


def objection(unit: Unit, ticket: TicketRow, wanted: Wanted | None) -> Problem | None:
    """Return what speaks against making that appointment, or against calling one off (None)."""
    if wanted is None:
        return None if store.live(unit.session, ticket.number, unit.now) else Problem.NO_VISIT
    if ticket.state is State.CLOSED:
        return Problem.WRONG_STATE
    try:
        start = wanted.starts_at(_zone(unit, ticket))
    except ValueError:
        return Problem.BAD_ARGUMENT
    return None if unit.now < start < unit.now + FURTHEST else Problem.VISIT_PAST


def _arrange(unit: Unit, ticket: TicketRow, act: Act, present: VisitRow | None, wanted: Wanted) -> list[OutboxRow]:
    """Move the visit that there is, or make one. One on site doesn't become remote: that needs a consent first."""
    if present is None:
        return _make(unit, ticket, act, wanted)
    if wanted.remote and not present.remote:
        return _call_off(unit, ticket, act, present) + _make(unit, ticket, act, wanted)
    return _move(unit, ticket, act, present, wanted)


def _make(unit: Unit, ticket: TicketRow, act: Act, wanted: Wanted) -> list[OutboxRow]:
    zone = _zone(unit, ticket)
    start = wanted.starts_at(zone)
    row = VisitRow(
        ticket=ticket.number,
        uid=f"visit-{base32(secrets.token_bytes(10))}@{unit.desk.instance}",
        state=VisitState.PROPOSED if wanted.remote else VisitState.CONFIRMED,
        starts_at=start,
        ends_at=start + wanted.length,
        zone=zone,
        remote=wanted.remote,
        place=wanted.place,
        consultant=_who(ticket, act),
        created_by=act.by.addr,
        created_at=unit.now,
    )
    unit.session.add(row)
    unit.session.flush()
    _ask(unit, row, unit.desk.person(row.consultant), Side.CONSULTANT)
    if ticket.requester_addr and ticket.requester_addr != row.consultant:
        _ask(unit, row, Person(ticket.requester_name, ticket.requester_addr), Side.CUSTOMER)
    course.note(unit, ticket, "visit", act.by, new=_shown(row), reason=row.state)
    return invitations.announce(unit, ticket, row, act.by, silent=act.silent)


def _move(unit: Unit, ticket: TicketRow, act: Act, row: VisitRow, wanted: Wanted) -> list[OutboxRow]:
    before, old = row.starts_at, _shown(row)
    if row.invited_at is not None:
        row.sequence += 1
    rows = _hand_over(unit, ticket, act, row)
    row.zone = _zone(unit, ticket)
    row.starts_at = wanted.starts_at(row.zone)
    row.ends_at = row.starts_at + wanted.length
    row.remote, row.place = wanted.remote, wanted.place
    if not row.remote:
        row.state = VisitState.CONFIRMED
    for guest in store.guests_of(unit.session, row).values():  # what they answered was about another time
        guest.answer, guest.answered_at, guest.stamp = Answer.NONE, None, None
    course.note(unit, ticket, "visit", act.by, old=old, new=_shown(row), reason=row.state)
    moved_from = before if before != row.starts_at else None
    return rows + invitations.announce(unit, ticket, row, act.by, moved_from=moved_from, silent=act.silent)


def _hand_over(unit: Unit, ticket: TicketRow, act: Act, row: VisitRow) -> list[OutboxRow]:
    """Let the ticket's present consultant be the one who comes; the one before is told that they need not."""
    consultant = _who(ticket, act)
    if consultant == row.consultant:
        return []
    rows = invitations.disinvite(unit, ticket, row, act.by, unit.desk.person(row.consultant))
    guest = store.guests_of(unit.session, row).get(row.consultant)
    if guest is not None:
        unit.session.delete(guest)
    row.consultant = consultant
    _ask(unit, row, unit.desk.person(consultant), Side.CONSULTANT)
    return rows


def _call_off(unit: Unit, ticket: TicketRow, act: Act, row: VisitRow) -> list[OutboxRow]:
    return cancellations.call_off(unit, ticket, row, act.by, silent=act.silent)


def _ask(unit: Unit, row: VisitRow, person: Person, side: Side) -> None:
    unit.session.add(VisitGuestRow(visit=row.id or 0, addr=person.addr, name=person.name, side=side))
    unit.session.flush()


def _who(ticket: TicketRow, act: Act) -> str:
    """Return who comes: whose ticket it is, else who makes the appointment."""
    return ticket.assignee or act.by.addr


def _is(row: VisitRow, wanted: Wanted) -> bool:
    try:
        start = wanted.starts_at(row.zone)
    except ValueError:
        return False
    same = (row.starts_at, row.ends_at - row.starts_at) == (start, wanted.length)
    return same and (row.remote, row.place) == (wanted.remote, wanted.place)


def _shown(row: VisitRow) -> str:
    return as_written(row.starts_at, row.ends_at - row.starts_at, row.remote, row.place, row.zone)


def _zone(unit: Unit, ticket: TicketRow) -> str:
    return unit.desk.queue_facts(ticket.queue).zone
