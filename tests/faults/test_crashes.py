"""C: the process ended by SIGKILL at each point of the protocol, and what the next start makes of it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from helpdesk import crashpoints
from helpdesk.desk.terms import EntryState, Filed, OutboxState, State
from helpdesk.services import actions, timers
from helpdesk.store import schema
from helpdesk.store.tables import CommentRow, JournalRow, OutboxRow, TicketRow
from helpdesk.store.unit_of_work import Database
from tests.adapters.imap_support import without
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.preloaded import PRELOADED
from tests.servers.process import wait_until
from tests.servers.proxy import FaultProxy
from tests.servers.sink import Sink
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import JAN, write

pytestmark = pytest.mark.xdist_group("crashes")
MAILS = 4
AMBIGUOUS = ("C12", "C13", "C14")


@dataclass
class Scene:
    """An office with mail in one mailbox, on one database."""

    office: Office
    database: Database
    sink: Sink

    def run(self, **environment: str) -> int:
        """Take in, process and send all, in a process with the hook armed; return how it ended."""
        words = ["run", "--once", "--log-level", "warning"]
        done = PRELOADED.run("tests.faults.crashing:main", words, self.office._environment | environment)
        print(f"ended with {done.returncode}: {done.stderr[-3000:]}")  # shown by a test that fails
        return done.returncode

    def rows(self, table: type[Any]) -> list[Any]:
        with self.database.read() as session:
            return list(session.exec(select(table)))


@pytest.fixture
def scene(tmp_path: Path, dovecot: Dovecot, sink: Sink, ready_url: str) -> Any:
    """Four mails wait, one of which no line can take."""
    office = Office(tmp_path, dovecot, sink, ready_url)
    mails = [write(f"k{number}@acme.test", subject=f"Sprawa {number}") for number in range(MAILS - 1)]
    office.deliver("DYNAMICS", [*mails, write("k9@acme.test", subject="zepsuta")])
    with closing(Database(ready_url)) as database:
        yield Scene(office, database, sink)


def _check(scene: Scene, point: str) -> None:
    entries, tickets, comments = (scene.rows(table) for table in (JournalRow, TicketRow, CommentRow))
    assert len(entries) == len(tickets) == len(comments) == MAILS, "none lost, none doubled"
    assert {row.state for row in entries} == {EntryState.PROCESSED, EntryState.SHUNTED}
    assert Filed.NO not in {row.filed for row in entries}
    assert scene.office.mails("DYNAMICS") == []
    outgoing = scene.rows(OutboxRow)
    states = Counter(row.state for row in outgoing)
    assert states[OutboxState.SENT] + states[OutboxState.UNKNOWN] == len(outgoing) == 2 * MAILS
    assert states[OutboxState.UNKNOWN] == (point in AMBIGUOUS), "listed, and only where nobody can know"
    copies = Counter(str(message_from_bytes(copy.content)["Message-ID"]) for copy in scene.sink.copies)
    assert set(copies.values()) == {1}
    assert len(copies) == 2 * MAILS - (point == "C12")


def _outlive(database: Database) -> None:
    """Wait until the server has noticed that the process is dead, and let its claims end, as they do in minutes."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.begin() as session:  # what it was asked to commit may still be under way
        wait_until(lambda: session.connection().execute(sa.text(others)).scalar() == 0, "its connections to end")
    with database.begin() as session:
        session.connection().execute(sa.text("DELETE FROM mailbox_lease"))
        for table in ("journal", "outbox"):
            session.connection().execute(sa.text(f"UPDATE {table} SET claimed_until = now() - interval '1 hour'"))


POINTS = ["C1", "C2", "C3", "C4", "C5", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C14", "C15"]


@pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("point", POINTS)
def test_C_01_a_kill_at_each_point_loses_nothing_and_doubles_nothing(scene: Scene, point: str) -> None:
    assert scene.run(HELPDESK_CRASH_AT=point, HELPDESK_SPOILT="zepsuta") == -signal.SIGKILL
    assert scene.run(HELPDESK_SPOILT="zepsuta") == 0
    _check(scene, point)


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("point", ["C3", "C9", "C13", "C15"])
def test_C_01_a_kill_leaves_postgresql_as_whole(scene: Scene, point: str) -> None:
    assert scene.run(HELPDESK_CRASH_AT=point, HELPDESK_SPOILT="zepsuta") == -signal.SIGKILL
    _outlive(scene.database)
    assert scene.run(HELPDESK_SPOILT="zepsuta") == 0
    _check(scene, point)


@pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
def test_C_01_a_kill_between_copy_and_expunge_leaves_one_ticket_and_one_copy_of_each(scene: Scene) -> None:
    with FaultProxy(scene.office.dovecot.port) as proxy:
        for rule in without("MOVE"):
            proxy.add(rule)
        scene.office.through(proxy.port)
        assert scene.run(HELPDESK_CRASH_AT="C6", HELPDESK_SPOILT="zepsuta") == -signal.SIGKILL
        assert len(scene.office.mails("DYNAMICS")) == MAILS == len(scene.office.mails("DYNAMICS", "Helpdesk/Taken"))
        assert scene.run(HELPDESK_SPOILT="zepsuta") == 0
        assert b" MOVE " not in proxy.seen("client") and b"UID COPY" in proxy.seen("client")
    _check(scene, "C6")
    assert len(scene.office.mails("DYNAMICS", "Helpdesk/Taken")) == MAILS


def _put_back(scene: Scene, copy: Path) -> None:
    """Put a copy in the database's place, as an admin does who knows of no other way."""
    scene.database.close()
    file = scene.database.file
    assert file is not None
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        part.unlink(missing_ok=True)
    shutil.copyfile(copy, file)


@pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
def test_C_01_a_kill_while_a_restored_database_is_mended_leaves_it_to_the_next_start(
    scene: Scene, tmp_path: Path
) -> None:
    assert scene.run() == 0
    with closing(sqlite3.connect(str(scene.database.file))) as live, closing(sqlite3.connect(tmp_path / "copy")) as to:
        live.backup(to)
    scene.office.deliver("DYNAMICS", [write(f"later{number}@acme.test") for number in range(2)])
    assert scene.run() == 0
    mailed = len(scene.sink.copies)
    for passed in (1, 2):  # the batch not committed, the search not noted
        _put_back(scene, tmp_path / "copy")
        assert scene.run(HELPDESK_CRASH_AT="C17", HELPDESK_CRASH_AFTER=str(passed)) == -signal.SIGKILL
        assert scene.run() == 75, "mail is held until a person says that it may go"
        assert len(scene.rows(JournalRow)) == len(scene.rows(TicketRow)) == MAILS + 2
        held = [row for row in scene.rows(OutboxRow) if row.state is not OutboxState.SENT]
        assert {row.state for row in held} == {OutboxState.HELD} and len(held) == 2 * 2
        assert len(scene.sink.copies) == mailed, "what may have left before leaves for nobody"
        numbers = sorted(row.number for row in scene.rows(TicketRow))
        assert numbers[MAILS] > 2000, "and none is given again"
        assert scene.office.mails("DYNAMICS") == []


def test_C_01_a_kill_half_way_through_what_the_clock_does_leaves_none_of_it(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process is gone."""

    def kill(point: str) -> None:
        if point == "C18":
            raise Killed

    desk.receive(write(JAN))
    desk.act(actions.resolve, desk.ticket().number)
    desk.wait(days=28)  # a working day: what was missed closes on no other
    monkeypatch.setattr(crashpoints, "hook", kill)
    with pytest.raises(Killed):
        timers.close_resolved(desk.database, desk.desk, desk.clock)
    assert desk.ticket().state is State.RESOLVED and not desk.outbox(notification="closed")
    monkeypatch.setattr(crashpoints, "hook", None)
    assert timers.close_resolved(desk.database, desk.desk, desk.clock) == 1
    assert timers.close_resolved(desk.database, desk.desk, desk.clock) == 0
    assert len(desk.outbox(notification="closed")) == 1, "missed, done once, late"


@pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
def test_C_07_a_mail_that_ends_the_process_does_so_three_times_and_then_has_a_minimal_ticket(
    scene: Scene,
) -> None:
    killer = write("k5@acme.test", subject="Ostatnia", text="zabójca".encode().hex())
    scene.office.deliver("DYNAMICS", [killer, *(write(f"d{n}@acme.test", subject=f"Dobra {n}") for n in range(5))])
    ends = [scene.run(HELPDESK_KILLER="zabójca".encode().hex()) for _ in range(5)]
    assert ends.count(9) <= 4 and ends[-1] == 0, "three deaths for it alone, and one in company at most"
    tickets = {row.subject for row in scene.rows(TicketRow)}
    assert len(tickets) == MAILS + 6 and "Ostatnia" in tickets
    assert [row.state for row in scene.rows(JournalRow)].count(EntryState.SHUNTED) == 1


def test_C_09_a_kill_in_every_migration_step_is_made_good_by_the_next_start(database_url: str) -> None:
    steps = len(list((schema.MIGRATIONS / "versions").glob("0*.py")))
    for step in range(steps):
        with closing(Database(database_url)) as database:
            done = PRELOADED.run("tests.faults.migrating:main", [database_url, "0"], os.environ)
            assert done.returncode == -signal.SIGKILL
            killed_at = schema.current(database)
        done = PRELOADED.run("tests.faults.migrating:main", [database_url, "1"], os.environ)
        if done.returncode == 0:
            break
        with closing(Database(database_url)) as database:
            assert schema.current(database) != killed_at, f"step {step} was made good"
    with closing(Database(database_url)) as database:
        schema.upgrade(database)
        schema.require_current(database)
        assert schema.upgrade(database) is False
