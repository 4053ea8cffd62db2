"""The rows of a consultant's day: absences, drafts that wait, calls that the customer has yet to confirm."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.desk.workday import AbsenceSource
from helpdesk.store.tables.base import ID, Row, identity, words


class AbsenceRow(Row, table=True):
    """Days on which a consultant is away, beside those that the rules name."""

    __tablename__ = "absence"
    __table_args__ = (sa.UniqueConstraint("consultant", "first", "last", "source"),)
    id: int | None = identity()
    consultant: str  # the registered address, case-folded
    first: date
    last: date = Field(index=True)
    source: AbsenceSource = Field(sa_type=words(AbsenceSource))
    entry: int | None = Field(default=None, foreign_key="journal.id", sa_type=ID)  # the mail that said so
    noted_at: datetime


class DraftRow(Row, table=True):
    """A consultant's text that waits, since a command above it was refused. The words are its comment's."""

    __tablename__ = "draft"
    comment: int = Field(primary_key=True, foreign_key="comment.id", sa_type=ID)
    consultant: str  # whose it is, case-folded
    public: bool  # whether it was meant for the customer
    kept_at: datetime
    released_at: datetime | None = None


class CallRow(Row, table=True):
    """A phone call that became a ticket: the customer is asked to confirm it, and without an answer it lapses."""

    __tablename__ = "call"
    __table_args__ = (sa.Index("ix_call_settled_at_confirm_by", "settled_at", "confirm_by"),)
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    consultant: str  # who took the call
    asked: str  # whose word confirms it, case-folded
    asked_at: datetime
    confirm_by: datetime
    settled_at: datetime | None = None  # confirmed, lapsed, or ended before anybody answered
    confirmed: bool = False
