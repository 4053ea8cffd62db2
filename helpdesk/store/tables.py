"""Every table: columns and constraints, no behaviour. Times are aware UTC in and out.

The unique keys are what makes work done twice harmless (RELIABILITY 2.1); leases only make it fast.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from helpdesk.desk.hours import Closure
from helpdesk.desk.plans import Channel
from helpdesk.desk.terms import (
    Disposition,
    EntryState,
    Filed,
    GuaranteeReason,
    NotificationKind,
    Origin,
    OutboxState,
    Side,
    Standing,
    State,
    TicketKind,
    Via,
    Visibility,
)

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY


def _words(enum: type[StrEnum]) -> sa.Enum:
    """A column type for a closed set of words, stored by value; a wrong word is refused on writing."""
    return sa.Enum(
        enum,
        native_enum=False,
        length=24,
        validate_strings=True,
        create_constraint=False,
        values_callable=lambda members: [member.value for member in members],
    )


def _id() -> Any:
    return Field(default=None, primary_key=True, sa_type=ID)


class Row(SQLModel):
    """What all tables share: values go straight to SQLAlchemy.

    SQLModel hands them to Pydantic as well, which checks nothing for tables and takes 0.3 ms for a ticket.
    """

    __table__: ClassVar[sa.Table]

    def __init__(self, **values: Any) -> None:
        for name, field in type(self).model_fields.items():
            if name in values:
                setattr(self, name, values[name])
            elif not field.is_required():
                make: Callable[[], Any] | None = field.default_factory  # type: ignore[assignment]  # ours take nothing
                setattr(self, name, make() if make else field.default)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


class JournalRow(Row, table=True):
    """A mail as it came in. Its bytes stand in `raw_mail`, so that lists need not read them."""

    __tablename__ = "journal"
    __table_args__ = (
        sa.UniqueConstraint("mailbox", "uidvalidity", "uid"),
        sa.Index("ix_journal_state_id", "state", "id"),
        sa.Index("ix_journal_filed", "mailbox", "filed"),
    )
    id: int | None = _id()
    mailbox: str
    uidvalidity: int | None = Field(default=None, sa_type=sa.BigInteger)  # null: not from IMAP (ingest)
    uid: int | None = Field(default=None, sa_type=sa.BigInteger)
    delivered_at: datetime
    taken_at: datetime
    size: int = Field(sa_type=sa.BigInteger)
    raw_digest: str
    truncated: bool = False
    silent: bool = False  # ingested without any mail to anybody
    filed: Filed = Field(default=Filed.NO, sa_type=_words(Filed))
    state: EntryState = Field(default=EntryState.RECEIVED, sa_type=_words(EntryState))
    attempts: int = 0
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    message_id: str = Field(default="", index=True)
    message_kind: str = ""
    disposition: Disposition | None = Field(default=None, sa_type=_words(Disposition))
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


class TicketRow(Row, table=True):
    """A ticket. Its primary key is its number; the key people see is `prefix-number` with a check digit."""

    __tablename__ = "ticket"
    __table_args__ = (sa.Index("ix_ticket_state_queue", "state", "queue"),)
    number: int = Field(primary_key=True, sa_type=ID, sa_column_kwargs={"autoincrement": False})
    queue: str
    prefix: str
    subject: str
    search: str = ""  # folded words of subject and requester, for `--search`
    state: State = Field(sa_type=_words(State))
    priority: int = 3
    kind: TicketKind = Field(default=TicketKind.ERROR, sa_type=_words(TicketKind))
    origin: Origin = Field(default=Origin.MAIL, sa_type=_words(Origin))
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
    closure: Closure = Field(default=Closure.OPEN, sa_type=_words(Closure))  # why it counts later than delivered
    guarantee_holds: bool = False
    guarantee_reason: GuaranteeReason = Field(default=GuaranteeReason.NO_PLAN, sa_type=_words(GuaranteeReason))
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    own_calendar: str | None = None  # the calendar that a rule set, if one did
    clock_from: datetime | None = None  # delivery of the word that started the reaction time anew; null: delivered_at
    receipt_fixed: bool = False  # received_at was set by a person, and no rule moves it
    template: str = ""  # the folder of words of its own for its customers, if a rule named one
    forwarded_to: str | None = None  # the partner that a rule passed it on to
    root_message_id: str = ""  # of the mail that opened it
    last_message_id: str = ""  # of the newest mail from the customer's side: what our next mail answers


class ParticipantRow(Row, table=True):
    """A person on the customer's side of a ticket."""

    __tablename__ = "participant"
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    addr: str = Field(primary_key=True, index=True)  # case-folded
    name: str = ""
    joined_at: datetime


class LinkRow(Row, table=True):
    """Two tickets that have to do with each other, and why."""

    __tablename__ = "ticket_link"
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    other: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)
    why: str


class CommentRow(Row, table=True):
    """Something said on a ticket; one mail can never be two comments (unique `entry`)."""

    __tablename__ = "comment"
    id: int | None = _id()
    ticket: int = Field(foreign_key="ticket.number", index=True, sa_type=ID)
    entry: int | None = Field(default=None, unique=True, foreign_key="journal.id", sa_type=ID)
    side: Side = Field(sa_type=_words(Side))
    author_addr: str
    author_name: str = ""
    visibility: Visibility = Field(sa_type=_words(Visibility))
    standing: Standing = Field(default=Standing.CONFIRMED, sa_type=_words(Standing))
    via: Via = Field(sa_type=_words(Via))
    text: str
    new_text: str
    html: str = ""
    message_id: str = ""
    created_at: datetime
    delivered_at: datetime


class AttachmentRow(Row, table=True):
    """A file on a comment. `content` is null when the bytes stand in the comment's raw mail."""

    __tablename__ = "attachment"
    id: int | None = _id()
    comment: int = Field(foreign_key="comment.id", index=True, sa_type=ID)
    position: int  # among the attachments of the mail, from 0
    name: str
    type: str
    size: int = Field(sa_type=sa.BigInteger)
    inline: bool = False
    content_id: str = ""
    content: bytes | None = Field(default=None, sa_type=sa.LargeBinary)


class HistoryRow(Row, table=True):
    """What happened to a ticket: who, when, from what to what, why."""

    __tablename__ = "history"
    id: int | None = _id()
    ticket: int = Field(foreign_key="ticket.number", index=True, sa_type=ID)
    at: datetime
    event: str
    by: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""


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
    kind: TicketKind = Field(sa_type=_words(TicketKind))
    consultant: str
    channel: Channel = Field(sa_type=_words(Channel))
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


class ClockEventRow(Row, table=True):
    """Something that the clock has done, so that it is done once: a restart loses nothing and repeats nothing."""

    __tablename__ = "clock_event"
    name: str = Field(primary_key=True)  # "deadline:1001:2026-11-23T15:00:00+00:00:expired", "digest:DYNAMICS:…"
    due_at: datetime
    done_at: datetime


class ThreadIdRow(Row, table=True):
    """A Message-ID seen on a ticket's mails or sent by us about it: what answers are matched against."""

    __tablename__ = "thread_id"
    message_id: str = Field(primary_key=True)
    ticket: int = Field(primary_key=True, foreign_key="ticket.number", sa_type=ID)


class OutboxRow(Row, table=True):
    """A mail that goes out to one recipient: its final bytes, and how far it got."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("cause", "notification", "recipient"),
        sa.Index("ix_outbox_state_next_attempt_at", "state", "next_attempt_at"),
    )
    id: int | None = _id()
    cause: str  # "entry:17", "comment:4": what this mail was written for
    notification: NotificationKind = Field(sa_type=_words(NotificationKind))
    recipient: str
    ticket: int | None = Field(default=None, foreign_key="ticket.number", index=True, sa_type=ID)
    account: str  # the mailbox whose SMTP settings send it
    sender: str  # envelope sender; "" is the null reverse-path
    subject: str
    message_id: str = Field(index=True)
    state: OutboxState = Field(sa_type=_words(OutboxState))
    reason: str = ""
    attempts: int = 0
    ambiguous: int = 0  # how often nobody knew whether it was taken
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


class RulesVersionRow(Row, table=True):
    """A version of routing_rules.yaml that was accepted."""

    __tablename__ = "rules_version"
    digest: str = Field(primary_key=True)
    text: str
    accepted_at: datetime


class RulesRefusalRow(Row, table=True):
    """A content of routing_rules.yaml, with its templates, that was refused: the admin is told of each once."""

    __tablename__ = "rules_refusal"
    digest: str = Field(primary_key=True)
    problems: list[str] = Field(default_factory=list, sa_type=JSON)
    refused_at: datetime
    standing: bool = True  # false once a later edit was accepted


class CounterRow(Row, table=True):
    """A sequence that both databases keep without gaps."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True)
    value: int = Field(sa_type=sa.BigInteger)
