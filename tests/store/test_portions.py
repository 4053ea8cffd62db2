"""A question may name more things than one statement holds, on either database."""

from __future__ import annotations

import pytest

from helpdesk.store import outbox, portions, threads, tickets
from helpdesk.store.portions import in_portions
from helpdesk.store.unit_of_work import Database
from tests.store.rows import outgoing, posted

MANY = 70_000  # PostgreSQL's protocol ends at 65,535


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (2, [2]), (3, [2, 1])])
def test_a_list_is_cut_where_a_statement_is_full(monkeypatch: pytest.MonkeyPatch, count: int, sizes: list[int]) -> None:
    monkeypatch.setattr(portions, "MOST", 2)
    assert [len(portion) for portion in in_portions(range(count))] == sizes


def test_what_we_wrote_is_found_among_any_number_of_ids(database: Database) -> None:
    [number] = posted(database, outgoing("entry:1", message_id="ours@desk.example.org"))
    asked = [*(f"{each}@elsewhere.test" for each in range(MANY)), "ours@desk.example.org"]
    with database.read() as session:
        assert {found.id for found in outbox.by_message_id(session, asked).values()} == {number}
        assert threads.tickets_of_ids(session, asked) == {}


def test_tickets_are_found_among_any_number_of_numbers(database: Database) -> None:
    with database.begin() as session:
        assert tickets.by_number(session, range(MANY), lock=True) == {}
