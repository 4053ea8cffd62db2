"""Every table: columns and constraints, no behaviour. Times are aware UTC in and out.

The unique keys are what makes work done twice harmless (RELIABILITY 2.1); leases only make it fast.
Whoever imports a row imports all of them, so that the metadata is never known by half.
"""

from __future__ import annotations

from helpdesk.store.tables.base import Row, metadata
from helpdesk.store.tables.clock import ClockEventRow
from helpdesk.store.tables.contact import ContactRow
from helpdesk.store.tables.guard import (
    AutomaticMailRow,
    LoginRow,
    MailboxLeaseRow,
    MuteRow,
    QuietThreadRow,
    SmtpAccountRow,
)
from helpdesk.store.tables.journal import JournalRow, MailboxStateRow, MailIdentityRow, RawMailRow
from helpdesk.store.tables.ledger import CounterRow, LedgerRow
from helpdesk.store.tables.outbox import OutboxRow, SendAttemptRow
from helpdesk.store.tables.question import QuestionRow
from helpdesk.store.tables.restore import MarkRow, RestorationRow
from helpdesk.store.tables.rules import RulesRefusalRow, RulesVersionRow
from helpdesk.store.tables.talk import AttachmentRow, CommentRow, HistoryRow
from helpdesk.store.tables.ticket import LinkRow, ParticipantRow, ThreadIdRow, TicketRow
from helpdesk.store.tables.visit import VisitGuestRow, VisitRow
from helpdesk.store.tables.workday import AbsenceRow, CallRow, DraftRow

__all__ = [
    "AbsenceRow",
    "AttachmentRow",
    "AutomaticMailRow",
    "CallRow",
    "ClockEventRow",
    "CommentRow",
    "ContactRow",
    "CounterRow",
    "DraftRow",
    "HistoryRow",
    "JournalRow",
    "LedgerRow",
    "LinkRow",
    "LoginRow",
    "MailIdentityRow",
    "MailboxLeaseRow",
    "MailboxStateRow",
    "MarkRow",
    "MuteRow",
    "OutboxRow",
    "ParticipantRow",
    "QuestionRow",
    "QuietThreadRow",
    "RawMailRow",
    "RestorationRow",
    "Row",
    "RulesRefusalRow",
    "RulesVersionRow",
    "SendAttemptRow",
    "SmtpAccountRow",
    "ThreadIdRow",
    "TicketRow",
    "VisitGuestRow",
    "VisitRow",
    "metadata",
]
