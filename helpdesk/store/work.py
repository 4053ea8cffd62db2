"""What is left to do: live tickets that nobody has reacted to, or whose customer waits for a word."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import Disposition
from helpdesk.store.tables import JournalRow, TicketRow
from helpdesk.store.tickets import live, order_of_work


def unreacted(session: Session, react_by_until: datetime | None = None) -> list[TicketRow]:
    """Return the live tickets that nobody has reacted to, what expires first on top; only up to a deadline if given."""
    statement = select(TicketRow).where(col(TicketRow.reacted_at).is_(None), live())
    if react_by_until is not None:
        statement = statement.where(col(TicketRow.react_by) <= react_by_until)
    return list(session.exec(statement.order_by(col(TicketRow.react_by), col(TicketRow.number))))


def of_queue(session: Session, queue: str) -> list[TicketRow]:
    """Return what a queue's consultants have before them, in the order of work."""
    open_ends = sa.or_(col(TicketRow.reacted_at).is_(None), col(TicketRow.waiting_since).is_not(None))
    statement = select(TicketRow).where(TicketRow.queue == queue, live(), open_ends)
    return list(session.exec(statement.order_by(*order_of_work())))


def urgency(ticket: TicketRow) -> tuple[int, datetime, int]:
    """Return what sorts tickets of several queues in the order of work."""
    unreacted = ticket.reacted_at is None and ticket.react_by is not None
    rank = 0 if unreacted else 1 if ticket.waiting_since else 2
    when = (ticket.react_by if unreacted else ticket.waiting_since) or ticket.created_at
    return rank, when, -ticket.number


def held_since(session: Session, mailboxes: list[str], since: datetime) -> int:
    """Return how many mails a rule or our server's verdict has kept apart in these mailboxes since then."""
    statement = select(sa.func.count()).where(
        JournalRow.disposition == Disposition.HELD,
        col(JournalRow.mailbox).in_(mailboxes),
        col(JournalRow.processed_at) >= since,
    )
    return session.exec(statement).one()
