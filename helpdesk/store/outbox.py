"""The outbox: every mail that goes out, one recipient a row, its bytes final.

`services.letters` adds rows in the transaction that causes them; `services.delivery` claims, sends, records.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.store.portions import in_portions
from helpdesk.store.tables import OutboxRow, SendAttemptRow

PENDING = (OutboxState.QUEUED, OutboxState.DEFERRED)
_TABLE = OutboxRow.__table__
_LISTED = tuple(column for column in _TABLE.columns if column.name != "content")


@dataclass(frozen=True, slots=True)
class SentMail:
    """What is known of a mail we wrote, found by its Message-ID."""

    id: int
    ticket: int | None
    notification: NotificationKind
    recipient: str
    state: OutboxState
    answers_customer: bool
    sender: str  # of the envelope, as it was written; "" is the null reverse-path


_FOUND = tuple(_TABLE.c[name] for name in SentMail.__slots__)


def by_message_id(session: Session, message_ids: Collection[str]) -> dict[str, SentMail]:
    """Return what we wrote under these Message-IDs."""
    found: dict[str, SentMail] = {}
    for portion in in_portions(message_ids):
        statement = sa.select(_TABLE.c.message_id, *_FOUND).where(_TABLE.c.message_id.in_(portion))
        found.update((row[0], SentMail(*row[1:])) for row in session.execute(statement))
    return found


def by_number(session: Session, identifier: int) -> SentMail | None:
    """Return the mail we wrote that has this number."""
    row = session.execute(sa.select(*_FOUND).where(_TABLE.c.id == identifier)).first()
    return SentMail(*row) if row is not None else None


def listed(
    session: Session,
    *,
    ticket: int | None = None,
    states: Collection[OutboxState] = (),
    identifier: int | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Return rows as mappings without their bytes, newest first."""
    statement = sa.select(*_LISTED).order_by(col(OutboxRow.id).desc()).limit(limit)
    if ticket is not None:
        statement = statement.where(col(OutboxRow.ticket) == ticket)
    if states:
        statement = statement.where(col(OutboxRow.state).in_(states))
    if identifier is not None:
        statement = statement.where(col(OutboxRow.id) == identifier)
    return [dict(row) for row in session.execute(statement).mappings()]


def cause(session: Session, identifier: int) -> str:
    """Return what a mail was written for."""
    return session.exec(select(OutboxRow.cause).where(OutboxRow.id == identifier)).first() or ""


def written_at(session: Session, identifier: int) -> datetime | None:
    """Return when a mail was written."""
    return session.exec(select(OutboxRow.created_at).where(OutboxRow.id == identifier)).first()


def content(session: Session, identifier: int) -> bytes | None:
    """Return the final bytes of a mail."""
    return session.exec(select(OutboxRow.content).where(OutboxRow.id == identifier)).first()


def tries(session: Session, identifier: int) -> list[SendAttemptRow]:
    """Return each try to hand a mail over, in order."""
    statement = select(SendAttemptRow).where(SendAttemptRow.outbox == identifier)
    return list(session.exec(statement.order_by(col(SendAttemptRow.attempt))))


def set_state(
    session: Session, identifier: int, allowed: Collection[OutboxState], state: OutboxState, reason: str
) -> bool:
    """Change a row's state by hand, if it is in one of the allowed states; return whether it was."""
    changed = session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == identifier, col(OutboxRow.state).in_(allowed))
        .values(state=state, reason=reason, next_attempt_at=None)
    )
    return touched(changed) == 1


def was_caused_by(session: Session, cause: str) -> bool:
    """Return whether any mail was written for this cause."""
    return session.exec(select(OutboxRow.id).where(OutboxRow.cause == cause).limit(1)).first() is not None


def prove(session: Session, identifier: int, reason: str, now: datetime) -> bool:
    """Mark a mail in doubt as sent, since somebody has it; return whether it was in doubt."""
    proven = session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == identifier, col(OutboxRow.state) == OutboxState.UNKNOWN)
        .values(state=OutboxState.SENT, sent_at=now, reason=reason, next_attempt_at=None)
    )
    return touched(proven) == 1


def set_failed(session: Session, identifier: int, reason: str) -> bool:
    """Mark a mail that left as not having arrived; return whether that is news.

    One that a person cancelled stays so.
    """
    settled = (OutboxState.CANCELLED, OutboxState.FAILED)
    changed = session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == identifier, col(OutboxRow.state).not_in(settled))
        .values(state=OutboxState.FAILED, reason=reason, next_attempt_at=None, claimed_by=None, claimed_until=None)
    )
    return touched(changed) == 1


def held_back(
    session: Session, kind: NotificationKind, reasons: Collection[str], since: datetime, until: datetime
) -> dict[str, list[int]]:
    """Return, by recipient, the tickets about which mails of that kind were held for these reasons, oldest first."""
    statement = (
        select(OutboxRow.recipient, OutboxRow.ticket)
        .where(OutboxRow.notification == kind, OutboxRow.state == OutboxState.HELD, col(OutboxRow.reason).in_(reasons))
        .where(col(OutboxRow.created_at) >= since, col(OutboxRow.created_at) < until)
        .order_by(col(OutboxRow.id))
    )
    found: dict[str, list[int]] = {}
    for recipient, ticket in session.exec(statement):
        if ticket is not None:
            found.setdefault(recipient, []).append(ticket)
    return found


def counts(session: Session) -> dict[OutboxState, int]:
    """Return how many mails are in each state."""
    statement = select(OutboxRow.state, sa.func.count()).group_by(col(OutboxRow.state))
    return {OutboxState(state): count for state, count in session.exec(statement)}


def touched(result: Any) -> int:
    """Return how many rows a statement changed."""
    return int(result.rowcount)
