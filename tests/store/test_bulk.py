"""Big contents: the same bytes come back, nothing of them outlives a unit that fails, and each is held once."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlmodel import select

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store import bulk, claims, sending
from helpdesk.store.tables import OutboxRow, RawMailRow
from helpdesk.store.unit_of_work import Database, keep
from tests.store.rows import LEASE, NOW, journalled, new_entry, outgoing

SIZES = (0, bulk.BIG - 1, bulk.BIG, bulk.PIECE, 2 * bulk.PIECE + 1)
HELD = """
import json, os, re, sys
from datetime import UTC, datetime, timedelta
from helpdesk.store import claims, journal
from helpdesk.store.unit_of_work import Database

def megabytes(name):
    with open("/proc/self/status") as status:
        return int(re.search(name + r":\\s+(\\d+)", status.read())[1]) / 1024

def beyond(before, work):
    result = work()
    return result, megabytes("VmHWM") - before

now = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
database = Database(sys.argv[1])
def add(raw):
    with database.begin() as session:
        journal.add_entries(session, [journal.NewEntry("dynamics", None, None, now, raw)], now)
def claim():
    with database.begin() as session:
        return claims.claim(session, "me", now, timedelta(minutes=10), limit=1, max_bytes=1)
add(b"x")
claim()
raw = bytes(range(256)) * (int(sys.argv[2]) << 12)
_, written = beyond(megabytes("VmRSS"), lambda: add(raw))
del raw
left = megabytes("VmRSS")
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
[entry], read = beyond(left, claim)
assert len(entry.raw) == int(sys.argv[2]) << 20
json.dump({"written": written, "read": read}, sys.stdout)
"""


def pattern(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def test_mails_of_any_size_are_journalled_and_claimed_as_they_came(database: Database) -> None:
    raws = [pattern(size) for size in SIZES]
    journalled(database, *(new_entry(number, raw) for number, raw in enumerate(raws, start=1)))

    with database.begin() as session:
        claimed = claims.claim(session, "me", NOW, LEASE, limit=10, max_bytes=10**9)
    assert [entry.raw for entry in claimed] == raws


def test_letters_of_any_size_are_claimed_as_they_were_written(database: Database) -> None:
    contents = [pattern(size) for size in SIZES]
    with database.begin() as session:
        keep(session, [outgoing(f"entry:{n}", recipient=f"{n}@acme.test", content=c) for n, c in enumerate(contents)])

    with database.begin() as session:
        claimed = sending.claim_due(session, "default", "me", NOW, NOW + LEASE, limit=10, max_bytes=10**9)
    assert [mail.content for mail in claimed] == contents


def test_a_big_content_goes_with_the_savepoint_that_it_was_written_in(database: Database) -> None:
    with database.begin() as session:
        nested = session.begin_nested()
        keep(session, [outgoing("entry:1", content=pattern(bulk.BIG))])
        nested.rollback()
        keep(session, [outgoing("entry:2", content=pattern(2 * bulk.BIG))])

    with database.read() as session:
        assert [row.content for row in session.exec(select(OutboxRow))] == [pattern(2 * bulk.BIG)]


def test_a_big_mail_that_no_longer_fits_on_the_disk_costs_the_unit_and_is_not_half_there(
    sqlite_database: Database,
) -> None:
    with pytest.raises(DatabaseUnavailable, match="full"), sqlite_database.begin() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1000")
        keep(session, [outgoing("entry:1")])
        keep(session, [outgoing("entry:2", content=pattern(8 * bulk.PIECE))])

    with sqlite_database.read() as session:
        assert session.exec(select(OutboxRow)).all() == []


def test_a_connection_to_postgresql_that_has_sent_a_big_mail_is_not_used_again(postgres_ready: str) -> None:
    def server(database: Database) -> int:
        with database.read() as session:
            return int(session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    with closing(Database(postgres_ready)) as database:
        first = server(database)
        journalled(database, new_entry(1, b"x"))
        assert server(database) == first
        journalled(database, new_entry(2, pattern(bulk.BIG)))
        assert server(database) != first


def test_a_content_whose_row_is_gone_is_an_error_like_any_of_the_databases(sqlite_database: Database) -> None:
    with sqlite_database.read() as session, pytest.raises(sa.exc.OperationalError, match="no such rowid"):
        bulk.read(session.connection(), RawMailRow.__table__.c.content, 1)


def test_a_mail_of_forty_megabytes_is_held_once_while_it_is_written_and_read(sqlite_ready: str) -> None:
    argv = [sys.executable, "-c", HELD, sqlite_ready, "40"]
    held = json.loads(subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout)

    assert held["written"] < 20  # beside the mail itself, which was there before
    assert held["read"] < 60
