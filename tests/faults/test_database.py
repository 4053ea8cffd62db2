"""D: a database that is locked, full, cut off or in each other's way costs time, never a mail."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from helpdesk.desk.terms import EntryState, OutboxState
from helpdesk.errors import DatabaseUnavailable
from helpdesk.services import process
from helpdesk.services.intake import IntakePolicy, collect
from helpdesk.services.schedule import AMBIGUOUS_WAIT
from helpdesk.store import claims, journal, outbox, sending
from helpdesk.store.tables import JournalRow
from helpdesk.store.unit_of_work import Database
from tests.adapters.imap_support import mail, opened
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.proxy import Cut, FaultProxy, Rule
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import JAN, answer, write
from tests.services.smtp_account import Account, delivery, send


def lock(database: Database) -> sqlite3.Connection:
    """Hold the write lock, as another process would."""
    other = sqlite3.connect(str(database.file), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def impatient(database: Database) -> None:
    """Make every connection wait for a lock for a moment only, instead of half a minute."""

    @sa.event.listens_for(database.engine, "checkout")
    def _(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA busy_timeout=50")


def test_D_01_a_lock_of_another_process_is_waited_for_and_nothing_is_moved_before(
    sqlite_database: Database, dovecot: Dovecot
) -> None:
    desk, user = DeskAtWork(sqlite_database), dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    with opened(dovecot, user, name="dynamics") as mailbox, closing(lock(sqlite_database)) as other:
        done = threading.Timer(0.5, lambda: other.execute("COMMIT"))
        done.start()
        assert len(dovecot.maildir(user).mails()) == 2
        assert collect(mailbox, desk.database, IntakePolicy(), desk.clock).filed == 2
        done.join()
    assert len(desk.process()) == 2


def test_D_01_a_lock_that_lasts_ends_the_poll_and_charges_nobody(sqlite_database: Database, dovecot: Dovecot) -> None:
    desk, user = DeskAtWork(sqlite_database), dovecot.new_user()
    impatient(sqlite_database)
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    with opened(dovecot, user, name="dynamics") as mailbox:
        with closing(lock(sqlite_database)) as other:
            with pytest.raises(DatabaseUnavailable):
                collect(mailbox, desk.database, IntakePolicy(), desk.clock)
            assert len(dovecot.maildir(user).mails()) == 2, "nothing moved before the commit"
            other.execute("ROLLBACK")
        assert collect(mailbox, desk.database, IntakePolicy(), desk.clock).taken == 2
    with closing(lock(sqlite_database)) as other:
        with pytest.raises(DatabaseUnavailable):
            desk.process()
        other.execute("ROLLBACK")
    assert {row.attempts for row in desk.rows(JournalRow)} == {0}
    assert [outcome.disposition for outcome in desk.process()] == ["opened", "opened"]


def test_D_03_an_answer_that_a_full_disk_could_not_take_is_kept_and_nothing_is_sent_twice(
    desk: DeskAtWork,
) -> None:
    desk.receive(write(JAN), write("Ewa <ewa@acme.test>"))
    account = Account()
    sender = delivery(desk, account)
    record = sender._books._record
    broken = True

    def no_room(*given: Any) -> None:
        if broken:
            raise DatabaseUnavailable("the database can't be used now: database or disk is full")
        record(*given)

    sender._books._record = no_room  # type: ignore[method-assign,assignment]  # the disk fills after the first answer
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            asyncio.run(sender.deliver_due())
        desk.wait(minutes=1)
    assert len(account.taken) == 1, "no resend while it lives"
    broken = False
    asyncio.run(sender.deliver_due())
    assert {row.state for row in desk.outbox()} == {OutboxState.SENT}
    assert len(account.taken) == len(desk.outbox())


def test_D_03_killed_meanwhile_the_mail_is_in_doubt(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    with desk.database.begin() as session:
        until = desk.now + timedelta(minutes=20)
        claimed = sending.claim_due(session, "default", "dead", desk.now, until, limit=1, max_bytes=1)
    with desk.database.begin() as session:
        assert sending.mark_in_data(session, claimed[0], "dead", until)
    account = Account()
    desk.wait(minutes=21)
    send(desk, account)
    [first] = [row for row in desk.outbox() if row.id == claimed[0].id]
    assert first.state is OutboxState.UNKNOWN and first.next_attempt_at == desk.now + AMBIGUOUS_WAIT
    desk.wait(minutes=16)
    send(desk, account)
    assert {row.state for row in desk.outbox()} == {OutboxState.SENT}


@pytest.fixture
def behind_proxy(postgres: Postgres, postgres_ready: str) -> Iterator[tuple[DeskAtWork, FaultProxy]]:
    """A desk whose database connection leads through a proxy."""
    name = sa.engine.make_url(postgres_ready).database
    with FaultProxy(Path(postgres.base) / ".s.PGSQL.5432") as proxy:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{proxy.port}/{name}?sslmode=disable&gssencmode=disable"
        with closing(Database(url)) as database:
            yield DeskAtWork(database), proxy


@pytest.mark.parametrize("commits_before", [0, 1, 2])
def test_D_04_a_connection_cut_right_after_a_commit_leaves_one_ticket_and_shunts_nothing(
    behind_proxy: tuple[DeskAtWork, FaultProxy], commits_before: int
) -> None:
    desk, proxy = behind_proxy
    rule = Rule("client", Cut(), pattern=rb"COMMIT\x00")
    real, left = rule.find, [commits_before]

    def later(data: bytes, passed: int) -> tuple[int, int] | None:
        span = real(data, passed)
        if span is not None and left[0]:
            left[0] -= 1
            return None
        return span

    rule.find = later  # type: ignore[method-assign]  # the n-th commit
    desk.journal(write(JAN), write("Ewa <ewa@acme.test>"))
    proxy.add(rule)
    for _ in range(4):
        try:
            desk.process()
        except DatabaseUnavailable:
            desk.wait(minutes=11)
    assert len(desk.tickets) == 2 == len(desk.outbox(notification="new"))
    assert {row.state for row in desk.rows(JournalRow)} == {EntryState.PROCESSED}


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_D_06_a_collision_is_tried_again_at_once_and_charges_nobody(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch, sqlstate: str
) -> None:
    class Collision(Exception):
        """What the driver raises for the unit that must give way."""

    Collision.sqlstate = sqlstate  # type: ignore[attr-defined]
    ours: Any = process
    gather, left = ours.gather, [4]

    def collide(*given: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise sa.exc.OperationalError("UPDATE ticket", {}, Collision("deadlock detected"))
        return gather(*given)

    monkeypatch.setattr(process, "gather", collide)
    [outcome] = desk.receive(write(JAN))
    assert outcome.disposition == "opened"
    assert (desk.entry(outcome.entry).attempts, desk.entry(outcome.entry).state) == (1, EntryState.PROCESSED)
    assert len(desk.tickets) == 1


FROM = b"From: jan@acme.test\r\nMessage-ID: <zly@acme.test>\r\n"
WICKED = {
    "NUL in subject and text": FROM + b"Subject: a\x00b\r\n\r\nc\x00d\r\n",
    "bytes that are no letters": FROM + b"Subject: =?utf-8?b?7aCA7bOD?= \xed\xa0\x80\r\n\r\n\xff\xfe\xed\xa0\x80\r\n",
    "a subject of two megabytes": FROM + b"Subject: " + b"x" * 2_000_000 + b"\r\n\r\ntext\r\n",
}


@pytest.mark.parametrize("raw", WICKED.values(), ids=WICKED)
def test_D_07_what_a_database_could_choke_on_is_a_ticket_and_its_bytes_stay_as_they_came(
    desk: DeskAtWork, raw: bytes
) -> None:
    [outcome] = desk.receive(raw)
    ticket = desk.ticket()
    assert outcome.ticket == ticket.number
    shown = ticket.subject + desk.comments[0].text
    assert "\x00" not in shown and not any("\ud800" <= letter <= "\udfff" for letter in shown)
    assert len(ticket.subject) <= 500
    with desk.database.read() as session:
        assert journal.raw(session, outcome.entry) == raw


def test_C_06_a_worker_that_slept_too_long_changes_nothing_when_it_wakes(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    sleeper, awake = Account(), Account()
    first = delivery(desk, sleeper)
    first.owner = "sleeper"
    real = sleeper.send

    async def sleep_and_send(envelope: Any, cleared: Any) -> Any:
        await cleared()
        desk.wait(minutes=30)
        await asyncio.to_thread(send, desk, awake)
        return await real(envelope)

    sleeper.send = sleep_and_send  # type: ignore[method-assign, assignment]
    with desk.database.begin() as session:
        for row in outbox.listed(session)[1:]:
            outbox.set_state(session, row["id"], [OutboxState.QUEUED], OutboxState.CANCELLED, "one is enough")
    asyncio.run(first.deliver_due())
    [mine] = [one for one in desk.outbox() if one.state is not OutboxState.CANCELLED]
    assert mine.state is OutboxState.UNKNOWN, "its late record changed nothing: what is overtaken is in doubt"
    assert len(desk.tickets) == 1


def test_C_06_a_worker_that_slept_alone_still_records_the_answer_that_it_waited_for(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    account = Account()
    sleeper = delivery(desk, account)
    real = account.send

    async def sleep_and_send(envelope: Any, cleared: Any) -> Any:
        await cleared()
        desk.wait(minutes=30)
        assert await sleeper.due_accounts() == [], "its own round comes before the answer"
        return await real(envelope)

    account.send = sleep_and_send  # type: ignore[method-assign, assignment]
    asyncio.run(sleeper.deliver_due())
    assert {row.state for row in desk.outbox()} == {OutboxState.SENT}
    assert {row.ambiguous for row in desk.outbox()} == {0}


def test_C_06_a_batch_decided_twice_by_two_workers_is_one_ticket(desk: DeskAtWork) -> None:
    [entry] = desk.journal(write(JAN))
    with desk.database.begin() as session:
        claimed = claims.claim(session, "sleeper", desk.now, process.LEASE, limit=9, max_bytes=10**6)
    late = [process.understand(one, desk.desk) for one in claimed]
    desk.wait(minutes=11)
    desk.process()
    assert process._decide(desk.database, desk.desk, desk.now, late) == [], "its late work finds nothing to do"
    assert len(desk.tickets) == 1 and desk.entry(entry).state is EntryState.PROCESSED
    desk.receive(answer(desk.letter("new")))
    assert len(desk.tickets) == 1
