"""Intake: a mail is ours before its server's copy is touched, whatever happens in between."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from helpdesk.desk.terms import Disposition, Filed
from helpdesk.errors import MailboxUnavailable
from helpdesk.services import intake
from helpdesk.services.intake import Bound, Collected, IntakePolicy, collect
from helpdesk.services.ports import FetchedMail, FolderStatus
from helpdesk.store import journal, mailboxes
from helpdesk.store.tables import JournalRow
from helpdesk.store.unit_of_work import Database, Session
from tests.services.desk_at_work import TUESDAY, DeskAtWork
from tests.services.mails import write

SINCE = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)  # 20 November in Warsaw
GONE = MailboxUnavailable("dynamics", "lost", "the connection broke")


@dataclass
class Moves:
    """What became of the server's copies."""

    moved: Sequence[int] = ()
    gone: Sequence[int] = ()
    failed: str = ""


@dataclass
class Inbox:
    """A mailbox on a server that is played by this object: `mails` lie in it, `taken` were moved away."""

    desk: DeskAtWork
    mails: dict[int, FetchedMail] = field(default_factory=dict)
    taken: dict[int, FetchedMail] = field(default_factory=dict)
    name: str = "dynamics"
    uidvalidity: int = 7
    size: int = 2  # mails a batch
    full: bool = False  # nothing can be moved
    breaks: str = ""  # the step at which the connection is lost
    fetched: list[int] = field(default_factory=list)
    days: list[date | None] = field(default_factory=list)

    def put(self, raw: bytes, delivered_at: datetime = TUESDAY) -> None:
        uid = max((*self.mails, *self.taken, 0)) + 1
        self.mails[uid] = FetchedMail(uid, delivered_at, raw)

    def open(self) -> FolderStatus:
        self._break("open")
        return FolderStatus(self.uidvalidity, len(self.mails))

    def candidates(self, since: date | None) -> list[int]:
        self.days.append(since)
        return sorted(uid for uid, mail in self.mails.items() if since is None or mail.delivered_at.date() >= since)

    def fetch(self, uids: Sequence[int], since: datetime | None = None) -> Iterator[list[FetchedMail]]:
        wanted = [uid for uid in uids if since is None or self.mails[uid].delivered_at >= since]
        for start in range(0, len(wanted), self.size):
            if start:
                self._break("fetch")
            self.fetched += wanted[start : start + self.size]
            yield [self.mails[uid] for uid in wanted[start : start + self.size]]

    def file_away(self, uids: Sequence[int]) -> Moves:
        with self.desk.database.read() as session:  # from another connection: only what is committed is seen
            assert journal.known_uids(session, self.name, self.uidvalidity, uids) == set(uids)
        self._break("file")
        if self.full:
            return Moves(failed="over quota")
        present = [uid for uid in uids if uid in self.mails]
        for uid in present:
            self.taken[uid] = self.mails.pop(uid)
        self._break("filed")
        return Moves(present, [uid for uid in uids if uid not in present])

    def wait(self, seconds: float) -> bool:
        return False

    def interrupt(self) -> None:
        return

    def close(self) -> None:
        return

    def arm(self) -> None:
        return

    def abort(self) -> None:
        return

    def _break(self, step: str) -> None:
        if self.breaks == step:
            self.breaks = ""
            raise GONE


@pytest.fixture
def inbox(desk: DeskAtWork) -> Inbox:
    """An inbox with three mails in it."""
    box = Inbox(desk)
    for number in range(3):
        box.put(write(subject=f"Pytanie {number}"))
    return box


def poll(inbox: Inbox, since: datetime | None = None) -> Collected:
    return collect(inbox, inbox.desk.database, IntakePolicy(since), inbox.desk.clock)


def filed(inbox: Inbox) -> list[Filed]:
    return [row.filed for row in inbox.desk.rows(JournalRow)]


def test_new_mail_is_journalled_and_then_put_away(inbox: Inbox) -> None:
    assert poll(inbox) == Collected(taken=3, filed=3)

    assert (inbox.mails, sorted(inbox.taken)) == ({}, [1, 2, 3])
    assert filed(inbox) == [Filed.YES] * 3
    [first, *_] = inbox.desk.rows(JournalRow)
    assert (first.mailbox, first.uidvalidity, first.uid, first.delivered_at) == ("dynamics", 7, 1, TUESDAY)


def test_a_second_poll_brings_nothing_new(inbox: Inbox) -> None:
    poll(inbox)

    assert poll(inbox) == Collected()


STEPS = {
    "before anything": "open",
    "between two batches": "fetch",
    "before the copies are moved": "file",
    "after they were moved, before that was noted": "filed",
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_connection_that_breaks_loses_nothing_and_doubles_nothing(inbox: Inbox, step: str) -> None:
    inbox.breaks = step
    with pytest.raises(MailboxUnavailable):
        poll(inbox)
    poll(inbox)

    assert [row.uid for row in inbox.desk.rows(JournalRow)] == [1, 2, 3]
    assert inbox.mails == {}
    assert Filed.NO not in filed(inbox)


def test_what_is_journalled_already_is_not_fetched_again(inbox: Inbox) -> None:
    inbox.breaks = "fetch"
    with pytest.raises(MailboxUnavailable):
        poll(inbox)
    assert inbox.fetched == [1, 2]
    poll(inbox)

    assert inbox.fetched == [1, 2, 3]


def test_a_copy_that_somebody_moved_away_meanwhile_is_noted_as_gone(inbox: Inbox) -> None:
    inbox.breaks = "file"
    with pytest.raises(MailboxUnavailable):
        poll(inbox)
    inbox.mails.pop(2)
    poll(inbox)

    assert filed(inbox) == [Filed.YES, Filed.GONE, Filed.YES]


def test_mail_of_before_the_first_day_is_left_alone(inbox: Inbox) -> None:
    inbox.put(write(), SINCE - timedelta(seconds=1))
    inbox.put(write(), SINCE)
    poll(inbox, SINCE)

    assert [row.uid for row in inbox.desk.rows(JournalRow)] == [1, 2, 3, 5]
    assert list(inbox.mails) == [4]
    assert inbox.days[0] is not None
    assert inbox.days[0] < SINCE.date()  # a server in Honolulu still calls it the day before


def test_mail_that_the_server_will_not_move_is_ours_all_the_same(inbox: Inbox) -> None:
    inbox.full = True
    assert poll(inbox) == Collected(taken=3, trouble="over quota")
    assert (filed(inbox), sorted(inbox.mails)) == ([Filed.NO] * 3, [1, 2, 3])

    inbox.full = False
    assert poll(inbox) == Collected(filed=3)


def test_each_batch_is_announced_when_it_is_safe(inbox: Inbox) -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(len(inbox.desk.rows(JournalRow)))

    collect(inbox, inbox.desk.database, IntakePolicy(), inbox.desk.clock, look)

    assert seen == [2, 3]


def test_a_renumbered_mailbox_is_taken_in_anew_and_opens_nothing_twice(inbox: Inbox) -> None:
    poll(inbox)
    inbox.desk.process()
    inbox.uidvalidity = 8
    inbox.mails, inbox.taken = (
        {uid + 40: FetchedMail(uid + 40, TUESDAY, one.raw) for uid, one in inbox.taken.items()},
        {},
    )
    inbox.put(write(subject="Nowe"))

    assert poll(inbox) == Collected(taken=4, filed=4)
    outcomes = inbox.desk.process()
    assert [one.disposition for one in outcomes] == [Disposition.DUPLICATE] * 3 + [Disposition.OPENED]
    with inbox.desk.database.read() as session:
        state = mailboxes.state(session, "dynamics")
    assert state is not None
    assert state.uidvalidity == 8


def test_under_a_backlog_mail_stays_on_the_server_where_it_is_safest(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.breaks = "file"
    with pytest.raises(MailboxUnavailable):
        poll(inbox)
    inbox.put(write())
    monkeypatch.setattr(intake, "BACKLOG_LIMIT", 3)

    assert poll(inbox) == Collected(taken=0, filed=3, held_back=Bound.BACKLOG)
    assert list(inbox.mails) == [4]
    inbox.desk.process()
    assert poll(inbox) == Collected(taken=1, filed=1)


def test_the_bounds_are_looked_at_again_after_each_batch(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BACKLOG_LIMIT", 2)

    assert poll(inbox) == Collected(taken=2, filed=2, held_back=Bound.BACKLOG)
    assert inbox.fetched == [1, 2]
    inbox.desk.process()
    assert poll(inbox) == Collected(taken=1, filed=1)


def test_a_disk_that_is_nearly_full_stops_the_fetching_and_is_said(
    sqlite_ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([intake.LEAST_ROOM, intake.LEAST_ROOM - 1, intake.LEAST_ROOM - 1])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=next(free)))
    with closing(Database(sqlite_ready)) as database:
        box = Inbox(DeskAtWork(database))
        for _ in range(3):
            box.put(write())

        assert poll(box) == Collected(taken=2, filed=2, held_back=Bound.ROOM, trouble=intake.NO_ROOM)
        assert poll(box) == Collected(held_back=Bound.ROOM, trouble=intake.NO_ROOM)
        assert (sorted(box.taken), list(box.mails)) == ([1, 2], [3])


def test_what_was_put_away_is_noted_a_portion_at_a_time(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "FILED_AT_ONCE", 2)
    noted: list[int] = []
    note = journal.note_filed

    def watched(session: Session, mailbox: str, uidvalidity: int, uids: Collection[int], filed: Filed) -> None:
        noted.append(len(uids))
        note(session, mailbox, uidvalidity, uids, filed)

    monkeypatch.setattr(journal, "note_filed", watched)

    assert poll(inbox) == Collected(taken=3, filed=3)
    assert noted == [2, 1]
    assert filed(inbox) == [Filed.YES] * 3


def test_trouble_with_a_mailbox_is_news_once(desk: DeskAtWork) -> None:
    def note(trouble: str) -> bool:
        with desk.database.begin() as session:
            return mailboxes.note_poll(session, "dynamics", desk.now, trouble)

    assert [note(word) for word in ("", "login refused", "login refused", "", "")] == [False, True, False, True, False]
    with desk.database.read() as session:
        state = mailboxes.state(session, "dynamics")
    assert state is not None
    assert (state.last_ok_at, state.trouble, state.trouble_since) == (TUESDAY, "", None)
