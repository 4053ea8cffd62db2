"""Visits that are called off: by a consultant, or because their ticket is closed before they could take place.

Called by `visits`, and by whoever closes a ticket. A ticket that is only resolved keeps its visit, and silence doesn't
close it before the visit is over (see `appointments.closes_at`).
"""

from __future__ import annotations

from helpdesk.desk.terms import Person
from helpdesk.desk.visit import VisitState, as_written
from helpdesk.services import course, invitations
from helpdesk.services.desk import Unit
from helpdesk.store import visits as store
from helpdesk.store.tables import OutboxRow, TicketRow, VisitRow


def call_off(unit: Unit, ticket: TicketRow, row: VisitRow, by: Person, *, silent: bool = False) -> list[OutboxRow]:
    """Call a visit off and tell everybody who was to come; return the letters. `by` without an address is the clock."""
    row.state = VisitState.CANCELLED
    if row.invited_at is not None:
        row.sequence += 1
    old = as_written(row.starts_at, row.ends_at - row.starts_at, row.remote, row.place, row.zone)
    course.note(unit, ticket, "visit", by if by.addr else None, old=old, new="cancelled")
    return invitations.cancel(unit, ticket, row, by, silent=silent)


def with_ticket(unit: Unit, ticket: TicketRow, by: Person, *, silent: bool = False) -> list[OutboxRow]:
    """Call off what a closed ticket had still ahead; return the letters. A visit that has begun is left alone."""
    ahead = store.ahead(unit.session, ticket.number, unit.now)
    return [letter for row in ahead for letter in call_off(unit, ticket, row, by, silent=silent)]
