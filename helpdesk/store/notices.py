"""What was told to whom, asked by those who hand a notice on or speak into silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import Side, Standing, State, Visibility
from helpdesk.store.tables import CommentRow, HistoryRow, OutboxRow, TicketRow

PORTION = 500  # tickets that are in memory at a time, where the clock looks at all that are open


def recipients_of(session: Session, cause: str) -> set[str]:
    """Return who was written to for this cause."""
    return set(session.exec(select(OutboxRow.recipient).where(OutboxRow.cause == cause)))


def letters_on(session: Session, number: int) -> list[OutboxRow]:
    """Return all that was written about a ticket; for one that was opened just now."""
    return list(session.exec(select(OutboxRow).where(OutboxRow.ticket == number).order_by(col(OutboxRow.id))))


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


def silent_since(
    session: Session, states: Collection[State], only: int | None = None
) -> Iterator[tuple[TicketRow, datetime]]:
    """Yield the tickets in these states, each with when a person last said or did something to it.

    The clock and the gate are nobody. Two look-ups by index for each ticket, however long its history is.
    """
    said = _newest(col(CommentRow.created_at), col(CommentRow.ticket) == TicketRow.number)
    done = _newest(col(HistoryRow.at), col(HistoryRow.ticket) == TicketRow.number, col(HistoryRow.by).contains("@"))
    statement = _tickets(select(TicketRow, said, done).where(col(TicketRow.state).in_(states)), only)
    for row, said, done in session.exec(statement):
        yield row, max(filter(None, (said, done)), default=row.created_at)


def waiting_since(session: Session, only: int | None = None) -> Iterator[tuple[TicketRow, datetime]]:
    """Yield the tickets that wait for their customer, each with since when: a later question begins it anew."""
    set_so = _newest(
        col(HistoryRow.at), col(HistoryRow.ticket) == TicketRow.number, col(HistoryRow.new) == State.PENDING
    )
    asked = _newest(
        col(CommentRow.created_at),
        col(CommentRow.ticket) == TicketRow.number,
        col(CommentRow.side) == Side.CONSULTANT,
        col(CommentRow.visibility) == Visibility.PUBLIC,
        col(CommentRow.standing) == Standing.CONFIRMED,
    )
    statement = _tickets(select(TicketRow, set_so, asked).where(col(TicketRow.state) == State.PENDING), only)
    for row, first, last in session.exec(statement):
        yield row, max(filter(None, (first, last)), default=row.created_at)


def _tickets(statement: Any, only: int | None) -> Any:
    """Return the statement for one ticket or for all, a portion of which is in memory at a time."""
    chosen = statement if only is None else statement.where(col(TicketRow.number) == only)
    return chosen.order_by(col(TicketRow.number)).execution_options(yield_per=PORTION)


def _newest(at: Any, *of: sa.ColumnElement[bool]) -> Any:
    return select(sa.func.max(at)).where(*of).correlate(TicketRow).scalar_subquery()
