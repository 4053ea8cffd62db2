"""A row whose key is taken is passed over, on either database."""

from __future__ import annotations

from datetime import UTC, datetime

from helpdesk.store.inserts import insert_new
from helpdesk.store.tables import ClockEventRow
from helpdesk.store.unit_of_work import Database

NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)
EVENT = {"name": "digest:DYNAMICS:2026-11-24", "due_at": NOON, "done_at": NOON}


def test_a_row_is_new_once(database: Database) -> None:
    with database.begin() as session:
        assert insert_new(session, ClockEventRow, EVENT)
    with database.begin() as session:
        assert not insert_new(session, ClockEventRow, EVENT)
        assert insert_new(session, ClockEventRow, EVENT | {"name": "digest:DYNAMICS:2026-11-25"})
