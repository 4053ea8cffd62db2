"""The visits of a day or of the days ahead, as lists show them: `helpdesk agenda`, a consultant's morning.

Reads only; visits are made by `visits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from helpdesk.desk.terms import Side
from helpdesk.desk.visit import Answer, VisitLine, VisitState
from helpdesk.services.desk import Desk
from helpdesk.store import tickets
from helpdesk.store import visits as store
from helpdesk.store.tables import TicketRow, VisitRow
from helpdesk.store.unit_of_work import Session


def visits_today(session: Session, desk: Desk, now: datetime, consultant: str = "") -> tuple[VisitLine, ...]:
    """Return the visits of the desk's day that `now` is in, the first first; those of one consultant if named."""
    midnight = datetime.combine(now.astimezone(desk.zone).date(), time(), desk.zone)
    lines = visits_between(session, desk, midnight, datetime.combine(midnight + timedelta(days=1), time(), desk.zone))
    return tuple(line for line in lines if consultant in ("", line.consultant))


def visits_between(session: Session, desk: Desk, start: datetime, end: datetime) -> Iterator[VisitLine]:
    """Yield the visits that begin in that time and are not called off."""
    rows = store.between(session, start, end)
    known = tickets.by_number(session, {row.ticket for row in rows})
    for row in rows:
        ticket = known[row.ticket]
        yield VisitLine(
            key=desk.key_of(ticket),
            subject=ticket.subject,
            customer=desk.customer_of(ticket),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            remote=row.remote,
            place=row.place,
            consultant=row.consultant,
            state=row.state,
            answer=_customers_answer(session, row),
            zone=row.zone,
        )


def closes_at(desk: Desk, ticket: TicketRow, met: Mapping[int, datetime]) -> datetime:
    """Return when silence closes a resolved ticket: as the rules say, but not before a visit that is agreed is over.

    `met` is when the last agreed visit of each ticket ends.
    """
    at = desk.closes_at(ticket)
    return max(at, met.get(ticket.number, at))


def _customers_answer(session: Session, row: VisitRow) -> Answer:
    guests = store.guests_of(session, row).values()
    return next((guest.answer for guest in guests if guest.side is Side.CUSTOMER), Answer.NONE)


def sentence(line: VisitLine) -> str:
    """Return a visit in one line: how, where, who comes, and what the customer says."""
    how = " ".join(filter(None, ("remote help" if line.remote else "visit", line.place and f"({line.place})")))
    said = "waits for the customer's consent" if line.state is VisitState.PROPOSED else _SAID[line.answer]
    return f"{how}, {line.customer}; {line.consultant} comes; {said}"


_SAID = {
    Answer.NONE: "not answered yet",
    Answer.ACCEPTED: "accepted",
    Answer.DECLINED: "declined",
    Answer.TENTATIVE: "accepted tentatively",
}
