"""What is counted: the time used for customers, and the sequences that both databases keep."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.desk.plans import Channel
from helpdesk.desk.terms import TicketKind
from helpdesk.store.tables.base import ID, Row, words


class LedgerRow(Row, table=True):
    """Time used for a customer, and how it counts. Rows are only ever added; lengths are in seconds.

    All that a statement shows stands here, so that no later edit of rules or tickets changes one.
    """

    __tablename__ = "ledger"
    __table_args__ = (sa.Index("ix_ledger_organisation_month", "organisation", "month"),)
    number: int = Field(primary_key=True, sa_type=ID, sa_column_kwargs={"autoincrement": False})
    corrects: int | None = Field(default=None, unique=True, foreign_key="ledger.number", sa_type=ID)
    ticket: int = Field(foreign_key="ticket.number", index=True, sa_type=ID)
    ticket_key: str
    organisation: str
    plan: str | None = None
    kind: TicketKind = Field(sa_type=words(TicketKind))
    consultant: str
    channel: Channel = Field(sa_type=words(Channel))
    started_at: datetime
    zone: str  # the plan's
    month: str = Field(index=True)  # 2026-11, of the start, in that zone
    worked: int
    write_up: int
    unit: int  # counted per started so much; 0: exactly
    counted: int
    packaged: int
    overage: int
    rate: str | None = None  # an hour of overage, net
    package: int  # the plan's for the month, when this was written
    cap: int | None = None  # of guaranteed support, likewise
    reason: str = ""
    written_at: datetime


class CounterRow(Row, table=True):
    """A sequence that both databases keep without gaps."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True)
    value: int = Field(sa_type=sa.BigInteger)
