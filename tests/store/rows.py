"""Rows for the store's tests, said in a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.desk.terms import NotificationKind, OutboxState, State
from helpdesk.store import journal
from helpdesk.store.journal import NewEntry
from helpdesk.store.tables import OutboxRow, TicketRow
from helpdesk.store.unit_of_work import Database

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LEASE = 10 * MINUTE


def new_entry(uid: int | None = 1, raw: bytes = b"Subject: x\r\n\r\nx\r\n", **changes: Any) -> NewEntry:
    """Return a mail about to be journalled, from mailbox `dynamics`."""
    values: dict[str, Any] = {"uidvalidity": None if uid is None else 7, "delivered_at": NOW, **changes}
    return NewEntry(mailbox=values.pop("mailbox", "dynamics"), uid=uid, raw=raw, **values)


def journalled(database: Database, *entries: NewEntry) -> list[int]:
    """Journal the mails and return their numbers."""
    with database.begin() as session:
        return journal.add_entries(session, entries, NOW)


def ticket(number: int = 1001, **changes: Any) -> TicketRow:
    """Return a ticket row of queue DYNAMICS."""
    values: dict[str, Any] = {
        "queue": "DYNAMICS",
        "prefix": "DYN",
        "subject": "Invoice",
        "state": State.NEW,
        "calendar": "cwt",
        "language": "pl",
        "requester_addr": "jan@acme.test",
        "created_at": NOW,
        "delivered_at": NOW,
        "received_at": NOW,
    }
    return TicketRow(number=number, **(values | changes))


def outgoing(cause: str, **changes: Any) -> OutboxRow:
    """Return an outbox row to Jan about no ticket, queued now."""
    values: dict[str, Any] = {
        "notification": NotificationKind.COMMENT,
        "recipient": "jan@acme.test",
        "account": "default",
        "sender": "pomoc@desk.example.org",
        "subject": "Invoice",
        "message_id": f"{cause}@desk.example.org",
        "state": OutboxState.QUEUED,
        "created_at": NOW,
        "content": b"x" * 100,
    }
    return OutboxRow(cause=cause, **(values | changes))


def posted(database: Database, *rows: OutboxRow, tickets: tuple[TicketRow, ...] = ()) -> list[int]:
    """Write outbox rows, and the tickets that they are about; return their numbers."""
    with database.begin() as session:
        session.add_all(tickets)
        session.flush()
        for row in rows:
            session.add(row)
            session.flush()
        return [row.id or 0 for row in rows]
