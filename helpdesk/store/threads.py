"""Message-IDs and the tickets they were seen on: what answers are matched against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.store.journal import index_key
from helpdesk.store.portions import in_portions
from helpdesk.store.tables import ThreadIdRow
from helpdesk.store.unit_of_work import write


def tickets_of_ids(session: Session, message_ids: Collection[str]) -> dict[str, list[int]]:
    """Return the tickets on which these Message-IDs were seen or sent; keys as given."""
    keys = {index_key(identifier): identifier for identifier in message_ids}
    found: dict[str, list[int]] = defaultdict(list)
    for portion in in_portions(keys):
        statement = select(ThreadIdRow).where(col(ThreadIdRow.message_id).in_(portion))
        for row in session.exec(statement):
            found[keys[row.message_id]].append(row.ticket)
    return dict(found)


def move_ids(session: Session, number: int, target: int, only: str | None = None) -> None:
    """Let Message-IDs of a ticket, or one of them, lead to another from now on."""
    statement = select(ThreadIdRow).where(ThreadIdRow.ticket == number)
    if only is not None:
        statement = statement.where(ThreadIdRow.message_id == index_key(only))
    keys = [row.message_id for row in session.exec(statement)]
    for portion in in_portions(keys):
        both = (col(ThreadIdRow.ticket).in_((number, target)), col(ThreadIdRow.message_id).in_(portion))
        session.execute(sa.delete(ThreadIdRow).where(*both))
    write(session, ThreadIdRow, [{"message_id": key, "ticket": target} for key in keys])


def remember_ids(session: Session, number: int, message_ids: Iterable[str]) -> None:
    """Index Message-IDs that no mail of this batch could have indexed before (fresh ids, or checked ones)."""
    write(session, ThreadIdRow, [{"message_id": index_key(each), "ticket": number} for each in message_ids])
