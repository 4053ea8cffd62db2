"""What is remembered of each mailbox between polls, and what ails it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from helpdesk.store.tables import MailboxStateRow


def state(session: Session, mailbox: str) -> MailboxStateRow | None:
    """Return what is known of a mailbox; None before its first poll."""
    return session.get(MailboxStateRow, mailbox)


def states(session: Session) -> dict[str, MailboxStateRow]:
    """Return what is known of all mailboxes, by name."""
    return {row.mailbox: row for row in session.exec(select(MailboxStateRow))}


def remember_uidvalidity(session: Session, mailbox: str, uidvalidity: int) -> None:
    """Keep the numbering under which UIDs now count."""
    _row(session, mailbox).uidvalidity = uidvalidity


def note_poll(session: Session, mailbox: str, now: datetime, trouble: str) -> bool:
    """Keep how a poll went ("" is well); return whether that is news."""
    row = _row(session, mailbox)
    news = row.trouble != trouble
    if not trouble:
        row.last_ok_at, row.trouble_since = now, None
    elif not row.trouble:
        row.trouble_since = now
    row.trouble = trouble
    return news


def _row(session: Session, mailbox: str) -> MailboxStateRow:
    row = session.get(MailboxStateRow, mailbox)
    if row is None:
        row = MailboxStateRow(mailbox=mailbox)
        session.add(row)
    return row
