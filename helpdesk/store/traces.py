"""Where a person on the customers' side stands in the memory: asked by `services.contacts`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.redaction import names_address
from helpdesk.desk.terms import Disposition, EntryState, Side
from helpdesk.store.portions import in_portions
from helpdesk.store.tables import (
    CommentRow,
    JournalRow,
    OutboxRow,
    ParticipantRow,
    RawMailRow,
    Row,
    TicketRow,
    VisitGuestRow,
    metadata,
)

_AT_ONCE = 50  # raw mails in memory
KEPT_TABLES = frozenset({"ledger", "rules_version", "rules_refusal"})  # accounts, and what the admin wrote
_SHOWN_OTHERWISE = frozenset({"ticket", "comment", "participant", "history", "journal", "outbox", "attachment"})


@dataclass(frozen=True, slots=True)
class CommentTrace:
    """What must be known of a comment to say whose it is."""

    id: int
    ticket: int
    entry: int | None
    side: Side
    author: str


def tickets_of(session: Session, addr: str) -> tuple[set[int], set[int]]:
    """Return the numbers of the tickets that a person opened, and of those in which they took part otherwise."""
    opened = set(session.exec(select(TicketRow.number).where(_is(TicketRow.requester_addr, addr))))
    joined = set(session.exec(select(ParticipantRow.ticket).where(_is(ParticipantRow.addr, addr))))
    joined |= set(session.exec(select(CommentRow.ticket).where(_is(CommentRow.author_addr, addr))))
    return opened, joined - opened


def names_of(session: Session, addr: str) -> set[str]:
    """Return the names that were seen with an address."""
    columns = (
        (TicketRow.requester_addr, TicketRow.requester_name),
        (ParticipantRow.addr, ParticipantRow.name),
        (CommentRow.author_addr, CommentRow.author_name),
        (VisitGuestRow.addr, VisitGuestRow.name),
    )
    found = {name for at, names in columns for name in session.exec(select(names).where(_is(at, addr)))}
    return {name for name in found if name}


def comments_on(session: Session, numbers: Collection[int]) -> list[CommentTrace]:
    """Return the comments of tickets."""
    return _comments(session, CommentRow.ticket, numbers)


def comments_from(session: Session, entries: Collection[int]) -> list[CommentTrace]:
    """Return the comments that mails became."""
    return _comments(session, CommentRow.entry, entries)


def _comments(session: Session, column: Any, wanted: Collection[int]) -> list[CommentTrace]:
    statement = select(CommentRow.id, CommentRow.ticket, CommentRow.entry, CommentRow.side, CommentRow.author_addr)  # type: ignore[call-overload]  # typed for four
    portions = in_portions(wanted)
    return [CommentTrace(*row) for portion in portions for row in session.execute(statement.where(column.in_(portion)))]


def mails_naming(session: Session, addr: str, after: int) -> Iterator[tuple[int, bytes]]:
    """Yield the raw mails younger than an entry in whose bytes the address stands; every one is read."""
    needle = addr.encode()
    while True:
        statement = select(RawMailRow.entry, RawMailRow.content).where(col(RawMailRow.entry) > after)
        found = list(session.exec(statement.order_by(col(RawMailRow.entry)).limit(_AT_ONCE)))
        for entry, content in found:
            if needle in content.lower() and names_address(content.decode("utf-8", "replace"), addr):
                yield entry, content
        if len(found) < _AT_ONCE:
            return
        after = found[-1][0]


def last_mail(session: Session) -> int:
    """Return the number of the youngest raw mail; 0 if there is none."""
    return session.exec(select(sa.func.max(RawMailRow.entry))).one() or 0


def entries(session: Session, ids: Collection[int]) -> list[JournalRow]:
    """Return journal entries by their numbers, oldest first."""
    statement = select(JournalRow).order_by(col(JournalRow.id))
    portions = in_portions(sorted(ids))
    return [row for portion in portions for row in session.exec(statement.where(col(JournalRow.id).in_(portion)))]


def unheard(session: Session, ids: Collection[int]) -> set[int]:
    """Return those of the journal entries that nobody has worked off yet, or that a rule holds back."""
    return {
        row.id or 0
        for row in entries(session, ids)
        if row.state is not EntryState.PROCESSED or row.disposition is Disposition.HELD
    }


def letters(session: Session, addr: str, numbers: Collection[int]) -> list[tuple[int, int | None, str]]:
    """Return (id, ticket, recipient) of every mail that was written to a person or about these tickets."""
    statement = select(OutboxRow.id, OutboxRow.ticket, OutboxRow.recipient)
    about = (col(OutboxRow.ticket).in_(portion) for portion in in_portions(numbers))
    conditions = (_is(OutboxRow.recipient, addr), *about)
    found = {row for condition in conditions for row in session.exec(statement.where(condition))}
    return sorted((identifier or 0, ticket, recipient) for identifier, ticket, recipient in found)


def elsewhere(session: Session, addr: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row, by its table's name, that names an address outside tickets, mails and letters."""
    for table in metadata.sorted_tables:
        if table.name in _SHOWN_OTHERWISE | KEPT_TABLES:
            continue
        for row in session.execute(sa.select(table).where(naming(table, addr))).mappings():
            if any(names_address(str(row[column.name]), addr) for column in texts(table)):
                yield table.name, dict(row)


def texts(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns of a table in which people's words or addresses can stand."""
    return [column for column in table.columns if _holds_text(column.type)]


def _holds_text(kind: Any) -> bool:
    plain = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind  # SQLModel's strings are wrapped
    return isinstance(plain, sa.String | sa.JSON) and not isinstance(plain, sa.Enum)


def naming(table: sa.Table, addr: str, columns: Collection[sa.Column[Any]] = ()) -> sa.ColumnElement[bool]:
    """Return the condition that some text of a row may name the address; it is looked at closely afterwards."""
    found = (sa.func.lower(sa.cast(one, sa.Text)).contains(addr, autoescape=True) for one in columns or texts(table))
    return sa.or_(sa.false(), *found)


def mentioned_in(session: Session, table: type[Row], addr: str) -> int:
    """Return how many rows of a table name an address."""
    statement = sa.select(sa.func.count()).select_from(table.__table__).where(naming(table.__table__, addr))
    return int(session.execute(statement).scalar_one())


def _is(column: Any, addr: str) -> sa.ColumnElement[bool]:
    return sa.func.lower(column) == addr
