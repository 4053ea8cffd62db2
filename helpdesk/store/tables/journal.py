"""What came in: mails as they arrived, whose they are, and the mailboxes they came from.

Only the store writes them; an entry is kept when its ticket is long closed.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.desk.terms import Disposition, EntryState, Filed
from helpdesk.store.tables.base import ID, JSON, Row, identity, words


class JournalRow(Row, table=True):
    """A mail as it came in. Its bytes stand in `raw_mail`, so that lists need not read them."""

    __tablename__ = "journal"
    __table_args__ = (
        sa.UniqueConstraint("mailbox", "uidvalidity", "uid"),
        sa.Index("ix_journal_state_id", "state", "id"),
        sa.Index("ix_journal_filed", "mailbox", "filed"),
    )
    id: int | None = identity()
    mailbox: str
    uidvalidity: int | None = Field(default=None, sa_type=sa.BigInteger)  # null: not from IMAP (ingest)
    uid: int | None = Field(default=None, sa_type=sa.BigInteger)
    delivered_at: datetime
    taken_at: datetime
    size: int = Field(sa_type=sa.BigInteger)
    raw_digest: str
    truncated: bool = False
    silent: bool = False  # ingested without any mail to anybody
    recovered: bool = False  # fetched again after the database was restored
    filed: Filed = Field(default=Filed.NO, sa_type=words(Filed))
    state: EntryState = Field(default=EntryState.RECEIVED, sa_type=words(EntryState))
    attempts: int = 0
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    message_id: str = Field(default="", index=True)
    message_kind: str = ""
    disposition: Disposition | None = Field(default=None, sa_type=words(Disposition))
    reason: str = ""
    ticket: int | None = Field(default=None, index=True, sa_type=ID)
    trace: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)  # the steps, for `explain`
    rules_version: str = ""
    failure: str = ""  # the traceback of a shunted mail
    processed_at: datetime | None = None


class RawMailRow(Row, table=True):
    """The exact bytes of a journal entry."""

    __tablename__ = "raw_mail"
    entry: int = Field(primary_key=True, foreign_key="journal.id", sa_type=ID)
    content: bytes = Field(sa_type=sa.LargeBinary)


class MailIdentityRow(Row, table=True):
    """Which journal entry owns a mail; a second copy finds its key taken (RELIABILITY 2.4)."""

    __tablename__ = "mail_identity"
    message_id: str = Field(primary_key=True)
    content_digest: str = Field(primary_key=True)
    entry: int = Field(foreign_key="journal.id", sa_type=ID, index=True)


class MailboxStateRow(Row, table=True):
    """What is remembered of a mailbox between polls."""

    __tablename__ = "mailbox_state"
    mailbox: str = Field(primary_key=True)
    uidvalidity: int | None = Field(default=None, sa_type=sa.BigInteger)
    last_ok_at: datetime | None = None
    trouble: str = ""  # "" when the last poll went well
    trouble_since: datetime | None = None
