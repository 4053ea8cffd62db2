"""The ledger: time used for customers. Rows are only ever added; the database refuses anything else.

Questions that a batch of mails asks are answered for the whole batch at once.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.plans import Channel
from helpdesk.desk.terms import TicketKind
from helpdesk.store.tables import CounterRow, LedgerRow

_NUMBERS = "ledger"


def next_number(session: Session) -> int:
    """Return the next entry's number, without gaps.

    Until the unit ends nobody else gets one: what is left of a package can then be read and used up safely.
    """
    raised = sa.update(CounterRow).where(col(CounterRow.name) == _NUMBERS).values(value=CounterRow.value + 1)
    return int(session.execute(raised.returning(col(CounterRow.value))).scalar_one())


def entry(session: Session, number: int) -> LedgerRow | None:
    """Return one entry."""
    return session.get(LedgerRow, number)


def counter_entry_of(session: Session, number: int) -> LedgerRow | None:
    """Return the entry that took another back."""
    return session.exec(select(LedgerRow).where(LedgerRow.corrects == number)).first()


def of_month(session: Session, organisation: str, month: str) -> list[LedgerRow]:
    """Return an organisation's entries of a month in the order of writing."""
    statement = select(LedgerRow).where(LedgerRow.organisation == organisation, LedgerRow.month == month)
    return list(session.exec(statement.order_by(col(LedgerRow.number))))


def of_ticket(session: Session, ticket: int) -> list[LedgerRow]:
    """Return a ticket's entries in the order of writing."""
    return list(session.exec(select(LedgerRow).where(LedgerRow.ticket == ticket).order_by(col(LedgerRow.number))))


def guaranteed_support(session: Session, since_month: str) -> dict[tuple[str, str], int]:
    """Return, by organisation and month, the seconds of mail on non-errors in that month and later."""
    counts = (
        select(LedgerRow.organisation, LedgerRow.month, sa.func.sum(LedgerRow.counted))
        .where(
            LedgerRow.channel == Channel.MAIL,
            LedgerRow.kind != TicketKind.ERROR,
            col(LedgerRow.month) >= since_month,
        )
        .group_by(col(LedgerRow.organisation), col(LedgerRow.month))
    )
    return {(organisation, month): int(used) for organisation, month, used in session.exec(counts)}
