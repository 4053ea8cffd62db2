"""The rows of visits: an appointment on a ticket, and who is invited to it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from helpdesk.desk.terms import Side
from helpdesk.desk.visit import Answer, VisitState
from helpdesk.store.tables.base import ID, Row, identity, words


class VisitRow(Row, table=True):
    """An appointment; at most one of a ticket is neither past nor cancelled."""

    __tablename__ = "visit"
    id: int | None = identity()
    ticket: int = Field(foreign_key="ticket.number", index=True, sa_type=ID)
    uid: str = Field(unique=True)  # of the calendar's event (RFC 5545 §3.8.4.7): random, and never another
    sequence: int = 0  # of the newest invitation (RFC 5545 §3.8.7.4)
    state: VisitState = Field(sa_type=words(VisitState))
    starts_at: datetime = Field(index=True)
    ends_at: datetime
    zone: str  # on whose wall clock it was made
    remote: bool = False
    place: str = ""
    consultant: str  # who comes
    created_by: str
    created_at: datetime
    invited_at: datetime | None = None  # when the newest invitation was written; null: none was
    consent_by: str = ""  # who consented to remote help
    consent_at: datetime | None = None
    consent_entry: int | None = Field(default=None, foreign_key="journal.id", sa_type=ID)  # by which mail


class VisitGuestRow(Row, table=True):
    """Somebody who is invited, and what their calendar program has answered."""

    __tablename__ = "visit_guest"
    visit: int = Field(primary_key=True, foreign_key="visit.id", sa_type=ID)
    addr: str = Field(primary_key=True)  # case-folded
    name: str = ""
    side: Side = Field(sa_type=words(Side))
    answer: Answer = Field(default=Answer.NONE, sa_type=words(Answer))
    answered_at: datetime | None = None
    stamp: datetime | None = None  # DTSTAMP of the answer: an older one changes nothing (RFC 5546 §2.1.5)
