"""Versions of routing_rules.yaml: accepted ones, so that every decision's version can be read again, and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.store.inserts import insert_new, inserter
from helpdesk.store.tables import RulesRefusalRow, RulesVersionRow


def accept(session: Session, digest: str, text: str, now: datetime) -> None:
    """Keep a version as the newest accepted one, though another daemon may just have done so."""
    statement = inserter(session)(RulesVersionRow).on_conflict_do_update(
        index_elements=["digest"], set_={"accepted_at": now}
    )
    session.execute(statement, [{"digest": digest, "text": text, "accepted_at": now}])


def newest(session: Session) -> str | None:
    """Return the text of the version accepted last."""
    statement = select(RulesVersionRow.text).order_by(col(RulesVersionRow.accepted_at).desc()).limit(1)
    return session.exec(statement).first()


def newest_digest(session: Session) -> str | None:
    """Return the digest of the version accepted last."""
    statement = select(RulesVersionRow.digest).order_by(col(RulesVersionRow.accepted_at).desc()).limit(1)
    return session.exec(statement).first()


def digests(session: Session) -> set[str]:
    """Return the digests of every version that was ever accepted."""
    return set(session.exec(select(RulesVersionRow.digest)))


def refuse(session: Session, digest: str, problems: Sequence[str], now: datetime) -> bool:
    """Keep a refusal as the one that stands; False when the same content was refused before."""
    settle(session)
    values = {"digest": digest, "problems": list(problems), "refused_at": now, "standing": True}
    if insert_new(session, RulesRefusalRow, values):
        return True
    session.execute(
        sa.update(RulesRefusalRow).where(col(RulesRefusalRow.digest) == digest).values(standing=True, refused_at=now)
    )
    return False


def settle(session: Session) -> None:
    """Note that no refusal stands any more."""
    session.execute(sa.update(RulesRefusalRow).where(col(RulesRefusalRow.standing)).values(standing=False))


def standing_refusals(session: Session) -> list[str]:
    """Return what is wrong with the files that the daemon looked at last; nothing when they were accepted."""
    statement = (
        select(RulesRefusalRow.problems)
        .where(col(RulesRefusalRow.standing))
        .order_by(col(RulesRefusalRow.refused_at).desc())
        .limit(1)
    )
    return list(session.exec(statement).first() or ())
