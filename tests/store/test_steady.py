"""The clock by which claims run: the server's where there is one, and never one that jumps."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from helpdesk.store import steady
from helpdesk.store.steady import SteadyClock
from helpdesk.store.unit_of_work import Database

HOUR = timedelta(hours=1)


def test_with_a_server_it_is_the_servers_and_asked_now_and_then(
    postgres_ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [1000.0]
    monkeypatch.setattr(steady, "elapsed", lambda: ticks[0])
    with closing(Database(postgres_ready)) as database, database.read() as session:
        clock = SteadyClock(of_server=True)
        first = clock(session)
        servers = session.connection().execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        assert abs(first - servers) < timedelta(seconds=5) and first.tzinfo is UTC
        ticks[0] += 1.5
        assert clock(session) - first == timedelta(seconds=1.5), "counted on, not asked"
        ticks[0] += 3600
        assert clock(session) - first < HOUR / 2, "asked again: the server knows of no hour that has passed"


def test_without_one_it_counts_on_from_when_the_database_was_opened(
    sqlite_ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [1000.0]
    monkeypatch.setattr(steady, "elapsed", lambda: ticks[0])
    with closing(Database(sqlite_ready)) as database, database.read() as session:
        begun = database.lease_clock(session)
        assert abs(begun - datetime.now(UTC)) < timedelta(minutes=1)
        ticks[0] += 3600
        assert database.lease_clock(session) - begun == HOUR
