"""A ticket, and who has to do with it. What is said on it stands in `talk`."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.desk.hours import Closure
from helpdesk.desk.terms import GuaranteeReason, Origin, State, TicketKind
from helpdesk.store.tables.base import ID, JSON, Row, words


class TicketRow(Row, table=True):
    """A ticket. Its primary key is its number; the key people see is `prefix-number` with a check digit."""

    __tablename__ = "ticket"
    __table_args__ = (sa.Index("ix_ticket_state_queue", "state", "queue"),)
    number: int = Field(primary_key=True, sa_type=ID, sa_column_kwargs={"autoincrement": False})
    queue: str
    prefix: str
    subject: str
    search: str = ""  # folded words of subject and requester, for `--search`
    state: State = Field(sa_type=words(State))
    priority: int = 3
    kind: TicketKind = Field(default=TicketKind.ERROR, sa_type=words(TicketKind))
    origin: Origin = Field(default=Origin.MAIL, sa_type=words(Origin))
    organisation: str | None = Field(default=None, index=True)
    plan: str | None = None
    calendar: str
    language: str
    requester_addr: str = Field(index=True)  # case-folded
    requester_name: str = ""
    assignee: str | None = Field(default=None, index=True)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    watchers: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime
    received_at: datetime
    react_by: datetime | None = Field(default=None, index=True)
    reacted_at: datetime | None = None
    waiting_since: datetime | None = None
    closure: Closure = Field(default=Closure.OPEN, sa_type=words(Closure))  # why it counts later than delivered
    guarantee_holds: bool = False
    guarantee_reason: GuaranteeReason = Field(default=GuaranteeReason.NO_PLAN, sa_type=words(GuaranteeReason))
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    own_calendar: str | None = None  # the calendar that a rule set, if one did
    clock_from: datetime | None = None  # delivery of the word that started the reaction time anew; null: delivered_at
    receipt_fixed: bool = False  # received_at was set by a person, and no rule moves it
    template: str = ""  # the folder of words of its own for its customers, if a rule named one
    forwarded_to: str | None = None  # the partner that a rule passed it on to
    epoch: int = 0  # raised to void every reply address and signed id of the ticket
    root_message_id: str = ""  # of the mail that opened it
    last_message_id: str = ""  # of the newest mail from the customer's side: what our next mail answers


class ParticipantRow(Row, table=True):
    """A person on the customer's side of a ticket."""

    __tablename__ = "participant"
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    addr: str = Field(primary_key=True, index=True)  # case-folded
    name: str = ""
    reply_to: str = ""  # where they want their mail, if that is another address of theirs; case-folded
    joined_at: datetime


class LinkRow(Row, table=True):
    """Two tickets that have to do with each other, and why."""

    __tablename__ = "ticket_link"
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    other: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    why: str


class ThreadIdRow(Row, table=True):
    """A Message-ID seen on a ticket's mails or sent by us about it: what answers are matched against."""

    __tablename__ = "thread_id"
    message_id: str = Field(primary_key=True)
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
