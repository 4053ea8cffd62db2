"""Intake: a mail is ours only after a durable commit, and the server's copy is touched only after that.

`collect` is one poll of one mailbox, run by the mailbox's own thread (steps S2–S7 of RELIABILITY 2.2). It can
be broken off at any point and simply done again: the journal's unique key makes the second time harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from helpdesk import crashpoints, logs
from helpdesk.desk.terms import Filed
from helpdesk.services.ports import FetchedMail, Mailbox
from helpdesk.store import journal, mailboxes, room
from helpdesk.store.journal import NewEntry
from helpdesk.store.unit_of_work import Database

log = logs.get_logger(__name__)

BACKLOG_LIMIT = 5_000  # entries waiting in the journal, above which mail is safest on the server
LEAST_ROOM = 512 * 1024 * 1024  # bytes free, below which likewise
NO_ROOM = "less than 512 MiB are free: new mail stays on the server until there is room"
FILED_AT_ONCE = 500  # copies put away before that is noted


class Bound(StrEnum):
    """What ended a poll before it had fetched everything."""

    BACKLOG = "backlog"  # too much waits already
    ROOM = "room"  # the disk is nearly full


@dataclass(frozen=True, slots=True)
class Collected:
    """What one poll brought."""

    taken: int = 0
    filed: int = 0
    held_back: Bound | None = None  # the rest was left on the server, where it is safest
    trouble: str = ""  # the server refused to put mails away; they are safe with us all the same
    elsewhere: bool = False  # another daemon polls this mailbox


@dataclass(frozen=True, slots=True)
class IntakePolicy:
    """What of a mailbox is ours to take; `since` is the first day, in the desk's time zone."""

    since: datetime | None = None

    @property
    def first_day(self) -> date | None:
        """The day for the server's own search: one early, since that knows neither hours nor our time zone."""
        return self.since.date() - timedelta(days=1) if self.since else None


@dataclass(frozen=True, slots=True)
class Kept:
    """Where intake leaves the mails of a mailbox: another folder, or the inbox itself; "" if it deletes them."""

    folder: str
    is_inbox: bool = False


def collect(
    mailbox: Mailbox,
    database: Database,
    policy: IntakePolicy,
    clock: Callable[[], datetime],
    on_batch: Callable[[], None] = lambda: None,
) -> Collected:
    """Journal what is new in the mailbox, then put the server's copies away; return the counts.

    `on_batch` is called, in this thread, after each batch that was committed: work on it can begin meanwhile.
    Raises MailboxUnavailable or LoginRefused; what was committed before stays committed.
    """
    status = mailbox.open()
    _notice_uidvalidity(database, mailbox.name, status.uidvalidity)
    taken, held_back = _take_new(mailbox, database, policy, status.uidvalidity, clock, on_batch)
    crashpoints.reached("C4")
    filed, trouble = _file_away(mailbox, database, status.uidvalidity)
    if held_back:
        log.warning("intake.held_back", mailbox=mailbox.name, reason=held_back.value)
    if held_back is Bound.ROOM:
        trouble = NO_ROOM
    return Collected(taken, filed, held_back, trouble)


def _take_new(
    mailbox: Mailbox,
    database: Database,
    policy: IntakePolicy,
    uidvalidity: int,
    clock: Callable[[], datetime],
    on_batch: Callable[[], None],
) -> tuple[int, Bound | None]:
    """Return how many were taken, and what ended it early, asked before each batch is fetched."""
    if bound := _bound(database):
        return 0, bound
    candidates = mailbox.candidates(policy.first_day)
    crashpoints.reached("C1")
    with database.read() as session:
        known = journal.known_uids(session, mailbox.name, uidvalidity, candidates)
    taken = 0
    for mails in mailbox.fetch([uid for uid in candidates if uid not in known], policy.since):
        taken += _journal(mailbox.name, database, uidvalidity, mails, clock())
        del mails  # the next batch is fetched before it would be let go
        on_batch()
        if bound := _bound(database):
            return taken, bound
    return taken, None


def _bound(database: Database) -> Bound | None:
    """Return which bound is reached, if one is (RELIABILITY 2.5)."""
    free = room.free_bytes(database)
    if free is not None and free < LEAST_ROOM:
        return Bound.ROOM
    with database.read() as session:
        return Bound.BACKLOG if journal.waiting(session) >= BACKLOG_LIMIT else None


def _journal(name: str, database: Database, uidvalidity: int, mails: Sequence[FetchedMail], now: datetime) -> int:
    """T1: one durable transaction for the batch."""
    entries = [NewEntry(name, uidvalidity, mail.uid, mail.delivered_at, mail.raw, mail.truncated) for mail in mails]
    with database.begin() as session:
        ids = journal.add_entries(session, entries, now)
        crashpoints.reached("C2")
    crashpoints.reached("C3")
    if ids:
        log.info("mail.taken", mailbox=name, entries=len(ids), first=ids[0], last=ids[-1])
    return len(ids)


def _file_away(mailbox: Mailbox, database: Database, uidvalidity: int) -> tuple[int, str]:
    """S7: put away what is committed, an earlier poll's too, some at a time; return how many, and trouble."""
    with database.read() as session:
        uids = journal.unfiled(session, mailbox.name, uidvalidity)
    filed = 0
    for start in range(0, len(uids), FILED_AT_ONCE):
        outcome = mailbox.file_away(uids[start : start + FILED_AT_ONCE])
        crashpoints.reached("C7")
        _note(database, mailbox.name, uidvalidity, outcome.moved, Filed.YES)
        _note(database, mailbox.name, uidvalidity, outcome.gone, Filed.GONE)
        filed += len(outcome.moved)
        if outcome.failed:
            return filed, outcome.failed
    return filed, ""


def _note(database: Database, name: str, uidvalidity: int, uids: Collection[int], filed: Filed) -> None:
    if uids:
        with database.begin() as session:
            journal.note_filed(session, name, uidvalidity, uids, filed)


def _notice_uidvalidity(database: Database, name: str, uidvalidity: int) -> None:
    """A new UIDVALIDITY makes every old UID worthless: identity decides then, and somebody is told once."""
    with database.read() as session:
        state = mailboxes.state(session, name)
    if state is not None and state.uidvalidity == uidvalidity:
        return
    if state is not None and state.uidvalidity is not None:
        log.warning("mailbox.renumbered", mailbox=name, old=state.uidvalidity, new=uidvalidity)
    with database.begin() as session:
        mailboxes.remember_uidvalidity(session, name, uidvalidity)
