"""Accepted versions of routing_rules.yaml, so that every decision's version can be read again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from helpdesk.store.tables import RulesVersionRow


def accept(session: Session, digest: str, text: str, now: datetime) -> None:
    """Keep a version as the newest accepted one."""
    row = session.get(RulesVersionRow, digest)
    if row is None:
        session.add(RulesVersionRow(digest=digest, text=text, accepted_at=now))
    else:
        row.accepted_at = now


def newest(session: Session) -> str | None:
    """Return the text of the version accepted last."""
    statement = select(RulesVersionRow.text).order_by(col(RulesVersionRow.accepted_at).desc()).limit(1)
    return session.exec(statement).first()
