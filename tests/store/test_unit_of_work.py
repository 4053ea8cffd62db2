"""One commit in the program: what a unit of work keeps, what it loses, and who waits for whom."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlmodel import select

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store import journal, threads, tickets
from helpdesk.store.tables import MailboxStateRow, TicketRow
from helpdesk.store.unit_of_work import Database, Session, keep_open
from tests.store.rows import NOW, journalled, new_entry, ticket


class Stop(Exception):
    """The unit ends badly."""


def names(database: Database) -> set[str]:
    """Return the names of the rows that were written."""
    with database.read() as session:
        return set(session.exec(select(MailboxStateRow.mailbox)))


def note(session: Session, name: str) -> None:
    """Write a row."""
    session.add(MailboxStateRow(mailbox=name))
    session.flush()


def test_a_unit_that_ends_well_is_kept_and_one_that_ends_badly_never_was(database: Database) -> None:
    with database.begin() as session:
        note(session, "kept")
    with pytest.raises(Stop), database.begin() as session:
        note(session, "lost")
        raise Stop

    assert names(database) == {"kept"}


def test_a_unit_that_would_not_wait_is_as_good_as_any(database: Database) -> None:
    with database.begin_if_free() as session:
        assert session is not None
        note(session, "kept")
    with pytest.raises(Stop), database.begin_if_free() as session:
        assert session is not None
        note(session, "lost")
        raise Stop

    assert names(database) == {"kept"}


def test_a_unit_that_would_not_wait_is_told_so_while_another_writes(sqlite_database: Database) -> None:
    with sqlite_database.begin() as session:
        note(session, "first")
        with sqlite_database.begin_if_free() as other:
            assert other is None

    with sqlite_database.begin() as session:
        timeouts = [session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar_one()]
    with sqlite_database.begin_if_free() as tried:
        assert tried is not None
        timeouts.append(tried.connection().exec_driver_sql("PRAGMA busy_timeout").scalar_one())

    assert names(sqlite_database) == {"first"}
    assert timeouts == [30_000, 30_000], "whoever has the connection next waits again"


def test_a_savepoint_that_is_rolled_back_takes_only_its_own_rows(database: Database) -> None:
    with database.begin() as session:
        note(session, "before")
        with pytest.raises(Stop), session.begin_nested():
            note(session, "inside")
            raise Stop
        note(session, "after")

    assert names(database) == {"before", "after"}


def test_a_row_that_is_kept_open_is_written_again_when_it_changes(database: Database) -> None:
    with database.begin() as session:
        row = ticket(1001)
        keep_open(session, row)
        row.subject = "Invoice of May"

    with database.read() as session:
        assert session.get_one(TicketRow, 1001).subject == "Invoice of May"


def test_a_row_that_went_with_its_savepoint_makes_room_for_another_of_its_key(database: Database) -> None:
    with database.begin() as session:
        first = ticket(1001, subject="taken back")
        with pytest.raises(Stop), session.begin_nested():
            keep_open(session, first)
            first.language = "en"
            raise Stop
        second = ticket(1001, subject="in its place")
        keep_open(session, second)
        second.language = "de"
        first.subject = "written by nobody"

    with database.read() as session:
        row = session.get_one(TicketRow, 1001)
        assert (row.subject, row.language) == ("in its place", "de")


def test_a_savepoint_before_any_write_stays_inside_the_unit(database: Database) -> None:
    # SQLite's driver left to itself opens a transaction for the savepoint and commits it on release
    with pytest.raises(Stop), database.begin() as session:
        with session.begin_nested():
            note(session, "released")
        raise Stop

    assert names(database) == set()


def test_after_a_broken_constraint_the_savepoint_is_lost_and_the_unit_goes_on(database: Database) -> None:
    with database.begin() as session:
        note(session, "once")
    with database.begin() as session:
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            note(session, "once")
        note(session, "more")

    assert names(database) == {"once", "more"}


def test_two_writers_at_once_wait_for_each_other(database: Database) -> None:
    def work(thread: int) -> None:
        for unit in range(200):
            with database.begin() as session:
                session.exec(
                    select(MailboxStateRow)
                ).first()  # a batch reads first too: to write then is what deadlocks
                note(session, f"{thread}-{unit}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, (1, 2)))

    assert len(names(database)) == 400


def test_a_reader_is_not_held_up_by_a_writer_and_sees_none_of_its_work(database: Database) -> None:
    with database.begin() as session:
        note(session, "not committed yet")

        assert names(database) == set()


def test_ticket_numbers_have_neither_gaps_nor_doubles_under_two_writers(database: Database) -> None:
    def work(_: int) -> list[int]:
        found = []
        for _unit in range(20):
            with database.begin() as session:
                found.append(tickets.next_number(session))
        return found

    with pytest.raises(Stop), database.begin() as session:
        tickets.next_number(session)
        raise Stop  # gives its number back
    with ThreadPoolExecutor(2) as pool:
        given = [number for numbers in pool.map(work, (1, 2)) for number in numbers]

    assert sorted(given) == list(range(1001, 1041))


def test_instants_come_back_aware_and_in_utc(database: Database) -> None:
    warsaw = timezone(timedelta(hours=1))
    with database.begin() as session:
        session.add(ticket(delivered_at=datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=warsaw)))

    with database.read() as session:
        row = session.exec(select(TicketRow)).one()

    assert row.delivered_at == datetime(2026, 11, 24, 11, 0, 0, 123456, tzinfo=UTC)
    assert row.delivered_at.utcoffset() == timedelta(0)
    assert row.react_by is None


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, sa.exc.StatementError)), database.begin() as session:
        session.add(ticket(delivered_at=datetime(2026, 11, 24, 12, 0)))  # noqa: DTZ001  # that is the point


def test_a_word_outside_its_closed_set_is_refused(database: Database) -> None:
    with pytest.raises((LookupError, sa.exc.StatementError)), database.begin() as session:
        session.add(ticket(state="asleep"))


def test_a_row_about_nothing_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.begin() as session:
        threads.remember_ids(session, 4711, ["a@acme.test"])


def test_a_full_disk_costs_the_whole_unit_and_is_said_in_a_word(sqlite_database: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match="full"), sqlite_database.begin() as session:
        note(session, "dropped with the rest")
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        with session.begin_nested():
            journal.add_entries(session, [new_entry(raw=os.urandom(100_000))], NOW)

    sqlite_database.engine.dispose()  # the next connection has room again
    assert names(sqlite_database) == set()
    assert journalled(sqlite_database, new_entry()) == [1]


HOPELESS = {
    "what no table has": "SELECT nonsense FROM mailbox_state",
    "a key too long for any index": "INSERT INTO mailbox_state (mailbox, trouble) VALUES (:long, ''), (:long, '')",
}


@pytest.mark.parametrize("statement", HOPELESS.values(), ids=HOPELESS)
def test_a_statement_that_would_always_fail_is_no_passing_trouble(database: Database, statement: str) -> None:
    # called passing trouble, a mail that leads to such a statement would be tried for ever, and its batch with it
    long = os.urandom(20_000).hex()
    with pytest.raises(sa.exc.DBAPIError), database.begin() as session:
        session.execute(sa.text(statement).bindparams(**({"long": long} if ":long" in statement else {})))


def test_a_lost_connection_is_passing_trouble(postgres_ready: str) -> None:
    database = Database(postgres_ready)
    with pytest.raises(DatabaseUnavailable), database.begin() as session:
        note(session, "gone")
        with database.begin() as other:
            own = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            other.execute(sa.text(f"{own} AND pid <> pg_backend_pid() AND backend_type = 'client backend'"))
        note(session, "more")
    database.close()


def test_every_connection_to_sqlite_writes_through_and_checks_its_keys(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as one, sqlite_database.engine.connect() as another:
        for connection in (one, another):
            settings = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
            assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
