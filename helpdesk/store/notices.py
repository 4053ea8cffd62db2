"""What was told to whom, asked by those who hand a notice on or speak into silence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import Side, Standing, State, Visibility
from helpdesk.store.tables import CommentRow, HistoryRow, OutboxRow, TicketRow


def recipients_of(session: Session, cause: str) -> set[str]:
    """Return who was written to for this cause."""
    return set(session.exec(select(OutboxRow.recipient).where(OutboxRow.cause == cause)))


def comment(session: Session, identifier: int) -> CommentRow | None:
    """Return one comment."""
    return session.get(CommentRow, identifier)


def last_public_word(session: Session, number: int) -> CommentRow | None:
    """Return the newest words of a consultant's that the customer has seen."""
    statement = select(CommentRow).where(
        CommentRow.ticket == number,
        CommentRow.side == Side.CONSULTANT,
        CommentRow.visibility == Visibility.PUBLIC,
        CommentRow.standing == Standing.CONFIRMED,
    )
    return session.exec(statement.order_by(col(CommentRow.id).desc()).limit(1)).first()


def in_states(session: Session, states: Collection[State], created_before: datetime) -> list[TicketRow]:
    """Return the tickets in these states that are older than that."""
    statement = select(TicketRow).where(col(TicketRow.state).in_(states), col(TicketRow.created_at) < created_before)
    return list(session.exec(statement.order_by(col(TicketRow.number))))


def last_touched(session: Session, numbers: Collection[int]) -> dict[int, datetime]:
    """Return, by ticket, when a person last said or did something to it; the clock and the gate are nobody."""
    found: dict[int, datetime] = {}
    for rows in (
        _last(session, CommentRow, numbers),
        _last(session, HistoryRow, numbers, col(HistoryRow.by).contains("@")),
    ):
        for number, at in rows:
            found[number] = max(at, found.get(number, at))
    return found


def _last(
    session: Session, table: type[CommentRow | HistoryRow], numbers: Collection[int], *only: sa.ColumnElement[bool]
) -> list[tuple[int, datetime]]:
    at = col(CommentRow.created_at) if table is CommentRow else col(HistoryRow.at)
    statement = select(col(table.ticket), sa.func.max(at)).where(col(table.ticket).in_(numbers), *only)
    return [(number, last) for number, last in session.execute(statement.group_by(col(table.ticket)))]
