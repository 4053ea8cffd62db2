"""What the clock has done already, by name: asked and noted in the unit that does it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.store.inserts import insert_new
from helpdesk.store.portions import in_portions
from helpdesk.store.tables import ClockEventRow


def done(session: Session, names: Collection[str]) -> set[str]:
    """Return those of the events that have been done."""
    found = set[str]()
    for portion in in_portions(names):
        found.update(session.exec(select(ClockEventRow.name).where(col(ClockEventRow.name).in_(portion))))
    return found


def begin(session: Session, name: str, due_at: datetime, now: datetime) -> bool:
    """Note that an event is being done; False when it was done before, or another daemon is faster."""
    return insert_new(session, ClockEventRow, {"name": name, "due_at": due_at, "done_at": now})


def last_before(session: Session, prefix: str, at: datetime) -> datetime | None:
    """Return when the newest event of that kind was due before an instant."""
    statement = select(sa.func.max(ClockEventRow.due_at)).where(
        col(ClockEventRow.name).startswith(prefix, autoescape=True), col(ClockEventRow.due_at) < at
    )
    return session.exec(statement).one()
