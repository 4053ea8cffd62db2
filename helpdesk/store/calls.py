"""Phone calls that became tickets, and whether the customer has confirmed them."""

from __future__ import annotations

from sqlmodel import Session, col, select

from helpdesk.store.tables import CallRow


def of_ticket(session: Session, number: int) -> CallRow | None:
    """Return the call that a ticket came from."""
    return session.get(CallRow, number)


def unsettled(session: Session) -> list[CallRow]:
    """Return the calls that wait for a word, what lapses first on top."""
    statement = select(CallRow).where(col(CallRow.settled_at).is_(None))
    return list(session.exec(statement.order_by(col(CallRow.confirm_by), col(CallRow.ticket))))
