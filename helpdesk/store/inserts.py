"""Inserting rows that may be there already: another daemon, or an earlier run, was faster.

SQLAlchemy's own INSERT knows no ON CONFLICT; each database's does, in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlmodel import Session

from helpdesk.store.tables import Row


def inserter(session: Session) -> Callable[[Any], Any]:
    """Return what makes an INSERT of the database's own kind for a table."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # it comes with all its drivers, so only where it is at work

    return postgresql.insert


def insert_new(session: Session, table: type[Row], row: Mapping[str, Any]) -> bool:
    """Insert a row past the ORM unless one of its keys is taken; return whether it is new."""
    statement = inserter(session)(table).on_conflict_do_nothing().returning(*table.__table__.primary_key)
    return session.execute(statement, [row]).first() is not None
