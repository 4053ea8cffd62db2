"""Visits: found by ticket, by their calendar's UID, or by the day they are on; written by `services.visits`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import NotificationKind
from helpdesk.desk.visit import VisitState
from helpdesk.store.tables import OutboxRow, VisitGuestRow, VisitRow


def live(session: Session, ticket: int, now: datetime) -> VisitRow | None:
    """Return the ticket's appointment that is neither past nor cancelled."""
    statement = (
        select(VisitRow)
        .where(VisitRow.ticket == ticket, VisitRow.state != VisitState.CANCELLED, VisitRow.ends_at > now)
        .order_by(col(VisitRow.id).desc())
    )
    return session.exec(statement).first()


def ahead(session: Session, ticket: int, now: datetime) -> Sequence[VisitRow]:
    """Return the ticket's appointments that have not begun and are not cancelled, the first first."""
    statement = (
        select(VisitRow)
        .where(VisitRow.ticket == ticket, VisitRow.state != VisitState.CANCELLED, VisitRow.starts_at > now)
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    return session.exec(statement).all()


def by_uid(session: Session, uids: Collection[str]) -> VisitRow | None:
    """Return the visit whose calendar event has one of these UIDs, locked for who changes it."""
    if not uids:
        return None
    return session.exec(select(VisitRow).where(col(VisitRow.uid).in_(uids)).with_for_update()).first()


def guests_of(session: Session, visit: VisitRow) -> dict[str, VisitGuestRow]:
    """Return who is invited, by address."""
    rows = session.exec(select(VisitGuestRow).where(VisitGuestRow.visit == visit.id))
    return {row.addr: row for row in rows}


def between(session: Session, start: datetime, end: datetime) -> Sequence[VisitRow]:
    """Return the visits that begin in that time and are not cancelled, the first first."""
    statement = (
        select(VisitRow)
        .where(VisitRow.starts_at >= start, VisitRow.starts_at < end, VisitRow.state != VisitState.CANCELLED)
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    return session.exec(statement).all()


def last_ends(session: Session, only: int | None = None) -> dict[int, datetime]:
    """Return when the last confirmed visit of each ticket, or of that one, ends or has ended."""
    statement = (
        select(VisitRow.ticket, sa.func.max(VisitRow.ends_at))
        .where(VisitRow.state == VisitState.CONFIRMED)
        .group_by(col(VisitRow.ticket))
    )
    if only is not None:
        statement = statement.where(col(VisitRow.ticket) == only)
    return dict(session.exec(statement).all())


def move(session: Session, ticket: int, target: int) -> None:
    """Let the visits of a ticket that was merged be the other's."""
    for row in session.exec(select(VisitRow).where(VisitRow.ticket == ticket)):
        row.ticket = target


def last_letter(session: Session, ticket: int, addr: str) -> NotificationKind | None:
    """Return the kind of the newest mail of ours to a person about a ticket."""
    statement = (
        select(OutboxRow.notification)
        .where(OutboxRow.ticket == ticket, OutboxRow.recipient == addr)
        .order_by(col(OutboxRow.id).desc())
    )
    found = session.exec(statement.limit(1)).first()
    return NotificationKind(found) if found else None
