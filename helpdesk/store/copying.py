"""Tickets with all that belongs to them, copied from one database into another: for what is only tried out.

Called by `services.rehearsal`, which plays a mail beside the desk's database and never in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from helpdesk.store.journal import index_key
from helpdesk.store.tables import (
    CommentRow,
    CounterRow,
    LinkRow,
    OutboxRow,
    ParticipantRow,
    Row,
    ThreadIdRow,
    TicketRow,
)

_NOTHING: Mapping[str, Any] = {}


def copy_tickets(source: Session, target: Session, numbers: Collection[int], without_id: str) -> int:
    """Copy these tickets; return the last number of their mails in the outbox.

    `without_id` is a Message-ID that the copy has not seen yet. Bytes of mails and files stay behind.
    """
    _copy(source, target, TicketRow, TicketRow.__table__.c.number.in_(numbers))
    _copy(source, target, ParticipantRow, ParticipantRow.__table__.c.ticket.in_(numbers))
    links = LinkRow.__table__.c
    _copy(source, target, LinkRow, sa.and_(links.ticket.in_(numbers), links.other.in_(numbers)))
    _copy(source, target, CommentRow, CommentRow.__table__.c.ticket.in_(numbers), {"entry": None})
    ids = ThreadIdRow.__table__.c
    _copy(source, target, ThreadIdRow, sa.and_(ids.ticket.in_(numbers), ids.message_id != index_key(without_id)))
    _copy(source, target, OutboxRow, OutboxRow.__table__.c.ticket.in_(numbers), {"content": b""}, named="cause")
    counted = source.get(CounterRow, "ticket")
    if counted is not None:
        target.execute(sa.update(CounterRow).values(value=counted.value).where(CounterRow.__table__.c.name == "ticket"))
    return int(target.execute(sa.select(sa.func.max(OutboxRow.__table__.c.id))).scalar() or 0)


def _copy(
    source: Session,
    target: Session,
    model: type[Row],
    wanted: sa.ColumnElement[bool],
    changes: Mapping[str, Any] = _NOTHING,
    named: str = "",
) -> None:
    """Copy rows with some values changed; the column `named` gets a name that nothing in the copy will ask for."""
    table = model.__table__
    rows = [{**row, **changes} for row in source.execute(sa.select(table).where(wanted)).mappings()]
    for row in rows if named else ():
        row[named] = f"copied:{row[named]}"
    if rows:
        target.execute(sa.insert(table), rows)
