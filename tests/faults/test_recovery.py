"""D-09: a copy of the database put back: nothing goes out, nothing is lost, no number is given twice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from helpdesk.adapters.imap import FolderMail
from helpdesk.desk.keys import format_key, tagged_numbers
from helpdesk.desk.terms import OutboxState
from helpdesk.desk.tokens import Keyring, SigningKey, TokenRole
from helpdesk.services import actions, timers, visits
from helpdesk.services.intake import IntakePolicy, Kept
from helpdesk.services.ports import FetchedMail, FolderStatus
from helpdesk.services.recovery import numbers_in, recover
from helpdesk.store import restoration, schema
from helpdesk.store.tables import CommentRow, JournalRow
from helpdesk.store.unit_of_work import Database
from tests.office import QUEUES, Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.services.desk_at_work import TUESDAY, DeskAtWork
from tests.services.mails import JAN, write

pytestmark = pytest.mark.xdist_group("crashes")
PREFIXES = frozenset(QUEUES.values())


def numbers_mailed(sink: Sink) -> set[int]:
    """Return every ticket number that some mail in the sink bears in its subject."""
    subjects = (re.search(rb"^Subject: (.*)$", copy.content, re.MULTILINE) for copy in sink.copies)
    return {number for found in subjects if found for number in tagged_numbers(found[1].decode(), PREFIXES)}


def lose(url: str) -> None:
    """Destroy the database as a broken disk does, with all that lay beside it."""
    with closing(Database(url)) as database:
        file = database.file
        if file is None:
            with database.begin() as session:
                session.execute(sa.text("DROP SCHEMA public CASCADE"))
                session.execute(sa.text("CREATE SCHEMA public"))
            return
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()


def test_D_09_the_drill_backup_more_mail_loss_restore_loses_nothing_and_gives_no_number_twice(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, database_url: str
) -> None:
    office = Office(tmp_path, dovecot, sink, database_url)
    office.deliver("DYNAMICS", [write(JAN, subject="Pierwsza"), write("obcy@inna.test", subject="Druga")])
    office.run_once()
    office.cli("tickets", "comment", "DYN-10019", "-m", "Odpowiedź w drodze")  # in the copy's outbox; then it left
    office.cli("db", "backup", str(tmp_path / "copy"))
    asked = datetime.now(UTC) - timedelta(minutes=1)  # servers tell seconds: a question and its answer never share one
    question = write("obcy@inna.test", subject="Trzecia", fields={"Message-ID": "<trzecia@a.test>"})
    office.deliver("PROPHIX", [question], asked)
    office.run_once()
    answer = write("obcy@inna.test", subject="Re: Trzecia", fields={"References": "<trzecia@a.test>"})
    office.deliver("DYNAMICS", [write(JAN, subject="Czwarta"), answer])
    office.run_once()
    before = len(sink.copies)
    assert numbers_mailed(sink) == {1001, 1002, 1003, 1004}

    lose(database_url)
    office.cli("db", "restore", str(tmp_path / "copy"))
    office.deliver("DYNAMICS", [write(JAN, subject="Nowa po awarii")])
    ended = office.cli("run", "--once", "--log-level", "warning", check=False)
    assert ended.returncode == 75 and "outbox release" in ended.stderr
    assert len(sink.copies) == before, "0 mails out until a person says so"
    sums = office.rows("reconcile")
    assert [row["not_accounted_for"] + row["taken_in"] for row in sums] == [0, 0, 0, 0], "the daemon took all in, once"
    with closing(Database(database_url)) as database:
        desk = DeskAtWork(database)
        numbers = {row.subject: row.number for row in desk.tickets}
        assert set(numbers) == {"Pierwsza", "Druga", "Trzecia", "Czwarta", "Nowa po awarii"}
        assert sorted(numbers.values())[:2] == [1001, 1002] and sorted(numbers.values())[2] > 2000
        assert len(desk.rows(CommentRow, ticket=numbers["Trzecia"])) == 2, "the answer found its ticket"
        assert len(desk.rows(JournalRow)) == 6

        office.cli("outbox", "release")
        office.run_once()
        fresh = sink.copies[before:]
        assert sorted(copy.recipients[0] for copy in fresh) == ["anna@desk.example.org", "jan@acme.test"]
        assert all(b"Nowa po awarii" in copy.content for copy in fresh)
        held = desk.outbox(state=OutboxState.HELD)
        assert {row.reason for row in held} == {"restored"} and len(held) == 6
        [comment] = [row.id for row in held if row.notification == "comment"]
    office.cli("outbox", "retry", str(comment))
    office.run_once()
    assert len(sink.copies) == before + 3


@pytest.mark.parametrize("way", ["in_its_place", "on_a_new_disk", "begun_anew"])
def test_D_09_a_sqlite_file_put_back_by_hand_is_found_out(way: str, sqlite_ready: str, tmp_path: Path) -> None:
    file, copy = tmp_path / "helpdesk.db", tmp_path / "copy.db"
    with closing(Database(sqlite_ready)) as database:
        assert not restoration.discover(database, TUESDAY), "a first start is no restore"
        assert not restoration.discover(database, TUESDAY)
    shutil.copyfile(file, copy)
    with closing(Database(sqlite_ready)) as database:
        desk = DeskAtWork(database)
        desk.receive(write(JAN, subject="Po kopii"))
        restoration.beat(database)
        assert not restoration.discover(database, TUESDAY)
    lose(sqlite_ready) if way == "on_a_new_disk" else file.unlink()
    if way != "begun_anew":
        shutil.copyfile(copy, file)
    else:
        with closing(Database(sqlite_ready)) as database:
            schema.upgrade(database)
    with closing(Database(sqlite_ready)) as database:
        assert restoration.discover(database, TUESDAY)
        assert not restoration.discover(database, TUESDAY), "once"
        desk = DeskAtWork(database)
        [outcome] = desk.receive(write(JAN, subject="Nowa"))
        assert outcome.ticket is not None and outcome.ticket > 2000
        with database.read() as session:
            assert restoration.standing(session) is not None


def test_D_09_a_copied_postgresql_database_is_found_out(postgres_ready: str) -> None:
    url = make_url(postgres_ready)
    with closing(Database(postgres_ready)) as database:
        assert not restoration.discover(database, TUESDAY)
    admin = psycopg.connect(host=str(url.query["host"]), user="postgres", dbname="postgres", autocommit=True)
    with closing(admin), closing(Database(postgres_ready)) as database:
        admin.execute(f'CREATE DATABASE "copied" TEMPLATE "{url.database}"'.encode())
        try:
            with closing(Database(url.set(database="copied").render_as_string())) as copied:
                assert restoration.discover(copied, TUESDAY)
                assert not restoration.discover(copied, TUESDAY)
            assert not restoration.discover(database, TUESDAY), "the original is as it was"
        finally:
            admin.execute(b'DROP DATABASE "copied" WITH (FORCE)')


def test_D_09_numbers_begin_above_what_the_copys_pace_may_have_given(desk: DeskAtWork) -> None:
    for number in range(60):
        desk.receive(write(f"k{number}@acme.test", subject=f"Sprawa {number}"))
    desk.wait(days=90)
    restoration.declare(desk.database, "the test says so", desk.now)
    [outcome] = desk.receive(write(JAN, subject="Następna"))
    assert outcome.ticket == 1060 + 10 * 180 + 1, "60 in a month were known, and three months are missing"


def test_D_09_a_signed_number_is_believed_and_a_forged_tag_uses_none_up(sqlite_database: Database) -> None:
    ring = Keyring("desk.example.org", (SigningKey("1", b"k" * 32),))
    desk = DeskAtWork(sqlite_database, keyring=ring).desk
    signed = ring.message_id(TokenRole.CONTACT, 5_000_000, 0, 0, "abcdefgh", "desk.example.org")
    likely, absurd = format_key("DYN", 1_500), format_key("DYN", 10**12)
    mail = write(JAN, subject=f"[{likely}] [{absurd}]", fields={"References": f"<{signed}>"})
    assert numbers_in(mail, desk, 1_400) == {5_000_000, 1_500}
    assert numbers_in(mail, desk, 2_000) == {5_000_000}, "a number that the copy knows needs no gap"
    assert numbers_in(mail.replace(b"c1.", b"c2."), desk, 2_000) == set()


class Server:
    """A mailbox with folders, as recovery and the accounts of it see one."""

    name = "dynamics"

    def __init__(self, **folders: list[FetchedMail]) -> None:
        self.folders = folders

    def open(self) -> FolderStatus:
        return FolderStatus(7, len(self.folders.get("INBOX", ())))

    def search_folder(self, folder: str) -> Iterator[FolderMail]:
        for mail in self.folders[folder]:
            yield FolderMail(mail.uid, mail.delivered_at, len(mail.raw), mail.raw.partition(b"\r\n\r\n")[0])

    def fetch_folder(self, folder: str, uids: Sequence[int]) -> Iterator[list[FetchedMail]]:
        yield [mail for mail in self.folders[folder] if mail.uid in uids]


@pytest.mark.parametrize("kept", [Kept("INBOX", is_inbox=True), Kept("Taken")], ids=["stays", "moved"])
def test_D_09_what_the_copy_does_not_know_is_journalled_once_wherever_it_was_kept(kept: Kept, desk: DeskAtWork) -> None:
    known, lost, reused = write(JAN), write(JAN, subject="Po kopii"), write(JAN, subject="Pod starym numerem")
    number = re.search(rb"Message-ID: .*", known)
    assert number is not None
    reused = re.sub(rb"Message-ID: .*", number[0], reused)
    desk.receive(known)
    restoration.declare(desk.database, "the test says so", desk.now + timedelta(hours=2))
    hour = desk.now + timedelta(hours=1)
    mails = [FetchedMail(at + 1, hour, raw) for at, raw in enumerate((known, lost, lost, reused))]
    fresh = FetchedMail(9, hour + timedelta(hours=5), write(JAN, subject="Po awarii"))
    server = Server(**{kept.folder: [*mails, *([fresh] if kept.is_inbox else [])]})

    taken = [recover(server, desk.database, desk.desk, IntakePolicy(), kept, desk.clock) for _ in range(2)]

    assert taken == [2, None]
    assert [outcome.ticket for outcome in desk.process()] == [2002, 2003]
    uids = [row.uid for row in desk.rows(JournalRow)][1:]
    assert uids == ([2, 4] if kept.is_inbox else [None, None])
    assert {row.reason for row in desk.outbox() if (row.ticket or 0) > 2000} == {"restored"}


def test_D_09_a_ticket_that_was_closed_before_the_restore_is_closed_again_without_a_word(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(actions.resolve, 1001, "Gotowe.")
    desk.wait(days=28)  # a working day: what was missed closes on no other
    restoration.declare(desk.database, "the test says so", desk.now)
    told = len(desk.outbox())
    assert timers.close_resolved(desk.database, desk.desk, desk.clock) == 1
    assert {(row.state, row.reason) for row in desk.outbox()[told:]} == {(OutboxState.HELD, "restored")}


def test_D_09_a_ticket_that_a_visit_kept_open_past_the_restore_is_closed_for_the_first_time(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(visits.visit, 1001, "", "2026-12-22 10:00 60m Prosta 1")
    desk.act(actions.resolve, 1001, "Gotowe.")
    desk.wait(days=21)  # silence alone would have closed it before
    restoration.declare(desk.database, "the test says so", desk.now)
    desk.wait(days=7)  # the visit is over
    told = len(desk.outbox())
    assert timers.close_resolved(desk.database, desk.desk, desk.clock) == 1
    assert {row.state for row in desk.outbox()[told:]} == {OutboxState.QUEUED}
