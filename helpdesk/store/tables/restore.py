"""What tells a database that was restored from a copy, and what has been done about it since.

Written by `store.restoration` alone.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.store.tables.base import JSON, Row, identity


class MarkRow(Row, table=True):
    """How old this database is: one row, compared with what is known of that outside of it."""

    __tablename__ = "mark"
    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    desk: str  # random, made once: tells this desk's file from another's
    generation: int = Field(sa_type=sa.BigInteger)  # grows with each beat, each start and each backup
    server: str = ""  # PostgreSQL: cluster, timeline, database and table, as the server names them


class RestorationRow(Row, table=True):
    """A database found to be older than it was: nothing goes out until a person releases it."""

    __tablename__ = "restoration"
    id: int | None = identity()
    found_at: datetime
    reason: str
    known_until: datetime | None = None  # the newest thing that the copy knows of
    last_number: int = Field(sa_type=sa.BigInteger)  # the last ticket that the copy knows of
    searched: list[str] = Field(default_factory=list, sa_type=JSON)  # mailboxes whose folders were looked through
    released_at: datetime | None = None
