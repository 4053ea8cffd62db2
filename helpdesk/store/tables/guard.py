"""What keeps promises under faults: budgets, mutes, quiet threads, accounts, leases.

No ticket needs them: they could be emptied and nothing but caution would be lost.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.store.tables.base import ID, Row, identity


class AutomaticMailRow(Row, table=True):
    """An automatic mail to the customers' side that passed the gate: what budgets are counted from."""

    __tablename__ = "automatic_mail"
    __table_args__ = (
        sa.Index("ix_automatic_mail_kind_at", "kind", "at"),
        sa.Index("ix_automatic_mail_recipient_at", "recipient", "at"),
    )
    id: int | None = identity()
    at: datetime
    kind: str  # a member of desk.gate.Budget
    recipient: str
    cause: str


class QuietThreadRow(Row, table=True):
    """A ticket whose automatic mail is off until then: a machine seems to write on it."""

    __tablename__ = "quiet_thread"
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    until: datetime


class MuteRow(Row, table=True):
    """An address that mail does not reach; `until` null is for good."""

    __tablename__ = "mute"
    addr: str = Field(primary_key=True)
    until: datetime | None = None
    reason: str
    strikes: int = 1  # soft mutes within a week; the third is for good
    struck_at: datetime


class SmtpAccountRow(Row, table=True):
    """What was learnt about an SMTP account: whether it is held, and whether it takes the null sender."""

    __tablename__ = "smtp_account"
    account: str = Field(primary_key=True)
    held_at: datetime | None = None
    reason: str = ""
    refusals: int = 0  # by policy, in a row
    refuses_null_sender: bool = False


class MailboxLeaseRow(Row, table=True):
    """Who polls a mailbox, by the database's own clock; the fence grows with every change of hands."""

    __tablename__ = "mailbox_lease"
    mailbox: str = Field(primary_key=True)
    owner: str
    until: datetime
    fence: int = Field(sa_type=sa.BigInteger)


class LoginRow(Row, table=True):
    """How a mailbox or an SMTP account fares with its login, for `status`: written when that changes."""

    __tablename__ = "login"
    account: str = Field(primary_key=True)  # "mailbox dynamics", "SMTP account default"
    trouble: str = ""  # "" when the last login went well
    refused: bool = False  # a person must act: trying again mends nothing
    since: datetime | None = None
    token_until: datetime | None = None  # the end of the access token in use
