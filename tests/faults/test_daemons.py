"""Several daemons on one PostgreSQL: leases by the database's clock, and every mail once."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from helpdesk.desk.terms import EntryState, OutboxState
from helpdesk.store import leases
from helpdesk.store.tables import JournalRow, OutboxRow
from helpdesk.store.unit_of_work import Database
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.process import wait_until
from tests.servers.sink import Sink
from tests.services.mails import write

pytestmark = pytest.mark.xdist_group("daemons")


def take(database: Database, owner: str, seconds: float = leases.SECONDS) -> int | None:
    with database.begin() as session:
        return leases.take(session, "dynamics", owner, seconds)


def test_a_lease_is_one_daemons_until_it_runs_out_by_the_databases_clock(postgres_ready: str) -> None:
    with closing(Database(postgres_ready)) as database:
        assert take(database, "one") == 1
        assert take(database, "two") is None
        assert take(database, "one") == 1, "renewed, not handed on"
        with database.begin() as session:
            session.connection().execute(sa.text("UPDATE mailbox_lease SET until = until - interval '2 minutes'"))
        assert take(database, "two") == 2, "the fence grows with each change of hands"
        assert take(database, "one") is None, "who slept too long has lost it"
        with database.begin() as session:
            leases.give_back(session, "two")
        assert take(database, "one") == 1


def test_on_sqlite_the_file_lock_has_decided_already(sqlite_ready: str) -> None:
    with closing(Database(sqlite_ready)) as database:
        assert take(database, "one") == 0 == take(database, "two")


def test_two_daemons_on_one_postgresql_one_of_them_killed_take_and_answer_every_mail_once(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, postgres_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, postgres_ready)
    daemons = [office.start(), office.start()]
    office.wait_for("daemon.started", 2)
    office.deliver("DYNAMICS", [write(f"k{n}@acme.test", subject=f"Sprawa {n}") for n in range(15)])
    office.deliver("TARGIT", [write(f"t{n}@acme.test", to="pomoctargit@desk.example.org") for n in range(15)])
    wait_until(lambda: len(sink.copies) >= 60, "all mails to be answered", 40)
    daemons[0].kill()
    daemons[0].wait()
    assert office.end(daemons[1]) == 0
    copies = Counter(str(message_from_bytes(copy.content)["Message-ID"]) for copy in sink.copies)
    assert len(copies) == 60 and set(copies.values()) == {1}
    assert len(office.rows("tickets", "list", "--limit", "100")) == 30


def half_an_hour_passes(database: Database) -> None:
    """Let claims and leases end, as they do while a daemon sleeps."""
    with database.begin() as session:
        for table, ends in (("journal", "claimed_until"), ("outbox", "claimed_until"), ("mailbox_lease", "until")):
            session.connection().execute(sa.text(f"UPDATE {table} SET {ends} = {ends} - interval '30 minutes'"))


def test_C_06_a_daemon_that_was_stopped_for_longer_than_its_leases_changes_nothing_when_it_goes_on(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, postgres_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, postgres_ready)
    sleeper = office.start()
    office.wait_for("daemon.started")
    office.deliver("DYNAMICS", [write("Jan <slow3@acme.test>")])
    wait_until(lambda: bool(sink.to("slow3@acme.test")), "a mail to be on its way", 60)
    sleeper.send_signal(signal.SIGSTOP)
    with closing(Database(postgres_ready)) as database:
        half_an_hour_passes(database)
        awake = office.start()
        office.deliver("DYNAMICS", [write("Ewa <ewa@acme.test>")])
        wait_until(lambda: len(sink.to("ewa@acme.test")) == 1, "the other daemon to take over", 60)
        sleeper.send_signal(signal.SIGCONT)
        office.wait_for("delivery.overtaken")
        assert office.end(sleeper) == office.end(awake) == 0
        with database.read() as session:
            entries = session.exec(select(JournalRow.state)).all()
            mails = session.exec(select(OutboxRow)).all()
    assert entries == [EntryState.PROCESSED] * 2, "no second entry, and with it no second ticket"
    assert len(office.rows("tickets", "list")) == 2
    states = {row.recipient: row.state for row in mails if row.notification == "new"}
    assert states == {"slow3@acme.test": OutboxState.UNKNOWN, "ewa@acme.test": OutboxState.SENT}
    copies = Counter((copy.recipients, copy.digest) for copy in sink.copies)
    assert set(copies.values()) == {1}, "what the sleeper had claimed beside it left once"
    assert {row.state for row in mails if row.recipient != "slow3@acme.test"} == {OutboxState.SENT}
