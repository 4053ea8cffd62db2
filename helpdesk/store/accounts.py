"""What was learnt about each SMTP account: whether it is held, and whether it takes the null sender."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from helpdesk.store.tables import SmtpAccountRow

REFUSALS = 3  # by policy, in a row, until it must be the account: one alone may be about that mail's words


def states(session: Session) -> dict[str, SmtpAccountRow]:
    """Return what is known of the accounts, by name; an account without trouble is not there."""
    return {row.account: row for row in session.exec(select(SmtpAccountRow))}


def note_refusal(session: Session, account: str, reason: str, now: datetime) -> bool:
    """Note that policy refused a mail of ours; return whether the account is held from now on."""
    row = _row(session, account)
    row.refusals += 1
    session.flush()
    if row.refusals < REFUSALS or row.held_at is not None:
        return row.held_at is not None
    row.held_at, row.reason = now, reason
    session.flush()
    return True


def note_acceptance(session: Session, account: str) -> None:
    """Note that a mail was taken: what was refused before was not about the account."""
    _row(session, account).refusals = 0


def release(session: Session, account: str) -> None:
    """Let an account send again: a person has mended it."""
    row = _row(session, account)
    row.held_at, row.reason, row.refusals = None, "", 0


def remember_null_sender_refused(session: Session, account: str) -> None:
    """Keep that the account takes no mail with an empty envelope sender."""
    _row(session, account).refuses_null_sender = True


def _row(session: Session, account: str) -> SmtpAccountRow:
    row = session.get(SmtpAccountRow, account)
    if row is None:
        row = SmtpAccountRow(account=account)
        session.add(row)
    return row
