"""What goes out: mails with their final bytes, and each try to hand one over (RELIABILITY 2.6)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.store.tables.base import ID, Row, identity, words


class OutboxRow(Row, table=True):
    """A mail that goes out to one recipient: its final bytes, and how far it got."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("cause", "notification", "recipient"),
        sa.Index("ix_outbox_state_next_attempt_at", "state", "next_attempt_at"),
    )
    id: int | None = identity()
    cause: str  # "entry:17", "comment:4": what this mail was written for
    notification: NotificationKind = Field(sa_type=words(NotificationKind))
    recipient: str
    ticket: int | None = Field(default=None, foreign_key="ticket.number", index=True, sa_type=ID)
    account: str  # the mailbox whose SMTP settings send it
    sender: str  # envelope sender; "" is the null reverse-path
    subject: str
    message_id: str = Field(index=True)
    state: OutboxState = Field(sa_type=words(OutboxState))
    reason: str = ""
    attempts: int = 0
    ambiguous: int = 0  # how often nobody knew whether it was taken
    interruptions: int = 0  # how often the server ended the session at this mail; charged to nobody
    created_at: datetime
    next_attempt_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    answers_customer: bool = False  # a consultant's reply to it is meant for the customer
    in_data: bool = False  # while SENDING: from here on it may have left
    sent_at: datetime | None = None
    code: int | None = None
    reply: str = ""
    content: bytes = Field(sa_type=sa.LargeBinary)  # final; lists never select it


class SendAttemptRow(Row, table=True):
    """One try to hand a mail over: CLAIMED → DATA → ANSWERED."""

    __tablename__ = "send_attempt"
    outbox: int = Field(primary_key=True, foreign_key="outbox.id", sa_type=ID)
    attempt: int = Field(primary_key=True)
    at: datetime
    outcome: str
    code: int | None = None
    enhanced: str = ""
    reply: str = ""
