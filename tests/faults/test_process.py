"""C, T, G: the daemon as a process: its end, its double, its clock and its rules."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from helpdesk.desk.terms import EntryState, NotificationKind, OutboxState
from helpdesk.errors import TemplateError
from helpdesk.store import journal
from helpdesk.store.journal import NewEntry
from helpdesk.store.tables import JournalRow, OutboxRow, RawMailRow, TicketRow
from helpdesk.store.unit_of_work import Database
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.process import wait_until
from tests.servers.sink import Sink
from tests.servers.walltime import WallTime
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import JAN, answer, write

pytestmark = pytest.mark.xdist_group("daemons")


def backlog(database: Database, entries: int, letters: int) -> None:
    """Put so many mails into the journal and so many into the outbox, past what would take its time over each."""
    now, raw = datetime.now(UTC), write("k0000@acme.test", subject="Sprawa 0000")
    raws = [raw.replace(b"0000", b"%04d" % number) for number in range(entries)]
    values = [journal._journal_values(NewEntry("dynamics", None, None, now, one), now) for one in raws]
    contents = [{"entry": number, "content": one} for number, one in enumerate(raws, start=1)]
    with database.begin() as session:
        session.execute(sa.insert(JournalRow), values)  # numbered from 1, as the database is new
        session.execute(sa.insert(RawMailRow), contents)
        session.add_all(letter(number, now) for number in range(letters))


def letter(number: int, now: datetime) -> OutboxRow:
    """Return a mail that waits to be sent."""
    return OutboxRow(
        cause=f"test:{number}",
        notification=NotificationKind.NOTICE_DIGEST,
        recipient=f"p{number}@desk.example.org",
        account="default",
        sender="pomocdynamics@desk.example.org",
        subject="Zestawienie",
        message_id=f"zestawienie.{number}@desk.example.org",
        state=OutboxState.QUEUED,
        created_at=now,
        content=f"Subject: Zestawienie {number}\r\n\r\nNic nowego.\r\n".encode(),
    )


def test_C_03_sigterm_with_ten_thousand_entries_and_five_hundred_mails_ends_soon_and_leaves_every_row_whole(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, ready_url: str
) -> None:
    office = Office(tmp_path, dovecot, sink, ready_url)
    with closing(Database(ready_url)) as database:
        backlog(database, 10_000, 500)
        daemon = office.start()
        office.wait_for("message.processed", 50)
        began = time.monotonic()
        assert office.end(daemon) == 0
        assert time.monotonic() - began < 20, "and 90 is what the service manager allows"
        with database.read() as session:
            entries = session.exec(select(JournalRow.state, JournalRow.claimed_by)).all()
            outgoing = session.exec(select(OutboxRow.state, OutboxRow.claimed_by, OutboxRow.ticket)).all()
    states, sent = [state for state, _ in entries], [state for state, _, _ in outgoing]
    assert len(entries) == 10_000 and set(states) == {EntryState.RECEIVED, EntryState.PROCESSED}
    assert {owner for _, owner in entries} == {None} >= {owner for _, owner, _ in outgoing}, "no claim is left behind"
    assert set(sent) <= {OutboxState.SENT, OutboxState.QUEUED}
    assert sum(ticket is None for _, _, ticket in outgoing) == 500
    assert sum(ticket is not None for _, _, ticket in outgoing) == 2 * states.count(EntryState.PROCESSED)
    assert len(sink.copies) == sent.count(OutboxState.SENT), "and each says what is true"


def test_C_04_a_second_daemon_on_one_sqlite_file_says_who_is_first_and_a_dead_ones_lock_blocks_nobody(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, sqlite_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, sqlite_ready)
    first = office.start()
    office.wait_for("daemon.started")
    second = office.cli("run", check=False)
    assert second.returncode == 75 and str(first.pid) in second.stderr
    first.kill()
    first.wait()
    third = office.start()
    office.wait_for("daemon.started", 2)
    assert office.end(third) == 0


def test_T_06_dates_that_lie_are_shown_and_never_counted(desk: DeskAtWork) -> None:
    dates = [
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Tue, 19 Jan 2038 03:14:08 +0000",
        "Mon, 30 Feb 2026 10:00:00 +0100",
        "Fri, 20 Nov 2026 23:59:60 +0100",
        "no date at all",
    ]
    desk.receive(*(write(f"k{n}@acme.test", fields={"Date": date}) for n, date in enumerate(dates)))
    desk.receive(write(JAN), delivered_at=desk.now + timedelta(days=3))
    assert len(desk.tickets) == 6
    assert {ticket.delivered_at for ticket in desk.tickets} == {desk.now}, "never later than the intake"


def test_T_03_a_clock_set_ahead_and_back_is_told_with_its_size_and_stops_no_poll(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, sqlite_ready: str
) -> None:
    office, wall = Office(tmp_path, dovecot, sink, sqlite_ready), WallTime(tmp_path)
    daemon = office.start(**wall.environment)
    office.wait_for("daemon.started")
    office.deliver("DYNAMICS", [write("Jan <slow4@acme.test>")])
    wait_until(lambda: bool(sink.to("slow4@acme.test")), "a mail to be on its way", 60)
    wall.jump_to(timedelta(hours=2))
    office.wait_for("clock.jumped")
    office.deliver("TARGIT", [write("Ewa <ewa@acme.test>", to="pomoctargit@desk.example.org")])
    wait_until(lambda: bool(sink.to("ewa@acme.test")), "the polls to go on", 60)
    wall.jump_to(timedelta())
    office.wait_for("clock.jumped", 2)
    office.deliver("PROPHIX", [write("Ida <ida@acme.test>", to="pomocprophix@desk.example.org")])
    wait_until(lambda: bool(sink.to("ida@acme.test")), "the polls to go on", 60)
    wait_until(lambda: len(sink.copies) >= 6, "the consultants to be told", 60)
    assert office.end(daemon) == 0
    log = [json.loads(line) for line in (tmp_path / "daemon.log").read_text().splitlines()]
    jumps = [line["seconds"] for line in log if line["event"] == "clock.jumped"]
    assert jumps == [pytest.approx(7200, abs=5), pytest.approx(-7200, abs=5)], "each said once, with its size"
    with closing(Database(sqlite_ready)) as database, database.read() as session:
        assert set(session.exec(select(OutboxRow.state)).all()) == {OutboxState.SENT}, "no claim was taken away"
        assert len(session.exec(select(TicketRow.number)).all()) == 3
    assert max(Counter(copy.digest for copy in sink.copies).values()) == 1


def test_T_03_a_clock_that_jumps_does_nothing_twice_and_steals_no_claim(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    ack = desk.letter("new")
    desk.wait(hours=2)
    desk.receive(answer(ack))
    desk.wait(hours=-2)
    desk.receive(answer(ack))
    assert len(desk.tickets) == 1 and len(desk.comments) == 3
    assert len(desk.outbox(notification="new")) == 1
    assert {row.state for row in desk.rows(JournalRow)} == {EntryState.PROCESSED}


def test_G_03_a_template_that_fails_costs_neither_ticket_nor_mail(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(letter: object) -> object:
        raise TemplateError("pl/new/body.txt", 3, "'klient' is undefined")

    class Renderer:
        fallback = desk.desk.renderer.fallback
        render = staticmethod(broken)

    desk.under(renderer=Renderer())
    [outcome] = desk.receive(write(JAN))
    assert desk.entry(outcome.entry).state is EntryState.PROCESSED, "not shunted"
    assert "jan@acme.test" in {row.recipient for row in desk.outbox(notification="new") if row.content}


def test_G_04_each_mail_is_decided_under_one_version_and_its_hash_is_kept(desk: DeskAtWork) -> None:
    [before] = desk.receive(write(JAN))
    other = DeskAtWork(desk.database, more_rules="rules:\n  - { name: all, when: {}, then: { priority: 1 } }\n")
    [after] = other.receive(write("Ewa <ewa@acme.test>"))
    versions = [desk.entry(one.entry).rules_version for one in (before, after)]
    assert versions == [desk.desk.rules.version_hash, other.desk.rules.version_hash]
    assert [ticket.priority for ticket in desk.tickets] == [3, 1]
