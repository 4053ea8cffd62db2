"""Tickets as work: listed by filters, in the order in which they expire; what nobody has reacted to, what waits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import Disposition, State
from helpdesk.store.tables import JournalRow, TicketRow


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What `tickets list` asks for; None means any."""

    queue: str | None = None
    state: State | None = None
    requester: str | None = None
    organisation: str | None = None
    assignee: str | None = None
    overdue_at: datetime | None = None
    words: tuple[str, ...] = ()  # folded; each must occur in the ticket's search text
    limit: int | None = None


def listed(session: Session, wanted: TicketFilter) -> list[TicketRow]:
    """Return tickets in the order of work: not yet reacted by `react_by`, then `waiting_since`, then the rest."""
    statement: Any = select(TicketRow)
    for column, value in (
        (TicketRow.queue, wanted.queue),
        (TicketRow.state, wanted.state),
        (TicketRow.requester_addr, wanted.requester.casefold() if wanted.requester else None),
        (TicketRow.organisation, wanted.organisation),
        (TicketRow.assignee, wanted.assignee),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.overdue_at is not None:
        statement = statement.where(
            col(TicketRow.react_by) < wanted.overdue_at, col(TicketRow.reacted_at).is_(None), live()
        )
    for word in wanted.words:
        statement = statement.where(col(TicketRow.search).contains(word, autoescape=True))
    return list(session.exec(statement.order_by(*order_of_work()).limit(wanted.limit)))


def live() -> sa.ColumnElement[bool]:
    """Neither resolved nor closed."""
    return col(TicketRow.state).not_in((State.RESOLVED, State.CLOSED))


def order_of_work() -> tuple[Any, ...]:
    """Not yet reacted by `react_by`, then `waiting_since`, oldest first, then the rest (CONTRACT)."""
    unreacted = sa.and_(col(TicketRow.reacted_at).is_(None), col(TicketRow.react_by).is_not(None), live())
    rank = sa.case((unreacted, 0), (col(TicketRow.waiting_since).is_not(None), 1), else_=2)
    when = sa.case((unreacted, col(TicketRow.react_by)), else_=col(TicketRow.waiting_since))
    return rank, when, col(TicketRow.number).desc()


def next_deadline(session: Session) -> TicketRow | None:
    """Return the live ticket whose reaction expires first."""
    statement = select(TicketRow).where(
        col(TicketRow.reacted_at).is_(None), col(TicketRow.react_by).is_not(None), live()
    )
    return session.exec(statement.order_by(col(TicketRow.react_by)).limit(1)).first()


def oldest_waiting(session: Session) -> TicketRow | None:
    """Return the live ticket whose customer has waited longest for a word."""
    statement = select(TicketRow).where(col(TicketRow.waiting_since).is_not(None), live())
    return session.exec(statement.order_by(col(TicketRow.waiting_since)).limit(1)).first()


def resolved(session: Session) -> list[TicketRow]:
    """Return resolved tickets, longest resolved first: what the clock may close."""
    statement = select(TicketRow).where(TicketRow.state == State.RESOLVED).order_by(col(TicketRow.resolved_at))
    return list(session.exec(statement))


def unreacted(session: Session, react_by_until: datetime | None = None) -> list[TicketRow]:
    """Return the live tickets that nobody has reacted to, what expires first on top; only up to a deadline if given."""
    statement = select(TicketRow).where(col(TicketRow.reacted_at).is_(None), live())
    if react_by_until is not None:
        statement = statement.where(col(TicketRow.react_by) <= react_by_until)
    return list(session.exec(statement.order_by(col(TicketRow.react_by), col(TicketRow.number))))


def of_queues(session: Session, queues: Collection[str]) -> list[TicketRow]:
    """Return what the consultants of these queues have before them, in the order of work."""
    open_ends = sa.or_(col(TicketRow.reacted_at).is_(None), col(TicketRow.waiting_since).is_not(None))
    statement = select(TicketRow).where(col(TicketRow.queue).in_(queues), live(), open_ends)
    return list(session.exec(statement.order_by(*order_of_work())))


def held_since(session: Session, mailboxes: list[str], since: datetime) -> int:
    """Return how many mails a rule or our server's verdict has kept apart in these mailboxes since then."""
    statement = select(sa.func.count()).where(
        JournalRow.disposition == Disposition.HELD,
        col(JournalRow.mailbox).in_(mailboxes),
        col(JournalRow.processed_at) >= since,
    )
    return session.exec(statement).one()
