"""What the clock has done already, by name: asked and noted in the unit that does it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from helpdesk.store.tables import ClockEventRow

_CHUNK = 5000


def done(session: Session, names: Collection[str]) -> set[str]:
    """Return those of the events that have been done."""
    wanted, found = list(names), set[str]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        found |= set(session.exec(select(ClockEventRow.name).where(col(ClockEventRow.name).in_(chunk))))
    return found


def begin(session: Session, name: str, due_at: datetime, now: datetime) -> bool:
    """Note that an event is being done; False when it was done before, or another daemon is faster."""
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(ClockEventRow).on_conflict_do_nothing().returning(ClockEventRow.name)
    row = {"name": name, "due_at": due_at, "done_at": now}
    return session.execute(statement, [row]).first() is not None


def last_before(session: Session, prefix: str, at: datetime) -> datetime | None:
    """Return when the newest event of that kind was due before an instant."""
    statement = select(sa.func.max(ClockEventRow.due_at)).where(
        col(ClockEventRow.name).startswith(prefix, autoescape=True), col(ClockEventRow.due_at) < at
    )
    return session.exec(statement).one()
