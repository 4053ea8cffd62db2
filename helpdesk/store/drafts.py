"""Consultants' texts that wait, since a command above them was refused."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from helpdesk.store.tables import DraftRow


def keep(session: Session, row: DraftRow) -> None:
    """Write down that a comment is a draft."""
    session.add(row)
    session.flush()


def of_comment(session: Session, comment: int) -> DraftRow | None:
    """Return the draft that a comment is."""
    return session.get(DraftRow, comment)


def release(session: Session, comment: int, now: datetime) -> bool:
    """Note that a draft has been released; False when it was before."""
    waiting = (col(DraftRow.comment) == comment, col(DraftRow.released_at).is_(None))
    changed = session.execute(
        sa.update(DraftRow).where(*waiting).values(released_at=now).returning(col(DraftRow.comment))
    )
    return changed.first() is not None
