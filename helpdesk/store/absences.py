"""Days on which consultants are away: noted by their own commands, or by their out-of-office."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.spans import DateRange
from helpdesk.desk.workday import AbsenceSource
from helpdesk.store.inserts import insert_new
from helpdesk.store.tables import AbsenceRow


def away_on(session: Session, day: date) -> frozenset[str]:
    """Return who is away on that day."""
    statement = select(AbsenceRow.consultant).where(col(AbsenceRow.first) <= day, col(AbsenceRow.last) >= day)
    return frozenset(session.exec(statement))


def coming(session: Session, day: date) -> list[AbsenceRow]:
    """Return the absences that last until that day or longer, in their order."""
    statement = select(AbsenceRow).where(col(AbsenceRow.last) >= day)
    return list(session.exec(statement.order_by(col(AbsenceRow.first), col(AbsenceRow.consultant))))


def note(
    session: Session, consultant: str, days: DateRange, source: AbsenceSource, entry: int | None, now: datetime
) -> bool:
    """Write an absence down; False when it stands there already."""
    row = {
        "consultant": consultant,
        "first": days.first,
        "last": days.last,
        "source": source,
        "entry": entry,
        "noted_at": now,
    }
    return insert_new(session, AbsenceRow, row)


def call_off(session: Session, consultant: str, day: date) -> int:
    """Forget a consultant's absences from that day on; return how many there were."""
    mine = (col(AbsenceRow.consultant) == consultant, col(AbsenceRow.last) >= day)
    found = session.execute(sa.delete(AbsenceRow).where(*mine).returning(col(AbsenceRow.id)))
    return len(found.all())
