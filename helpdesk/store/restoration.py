"""A database that was restored from a copy: how that is noticed, and what holds until a person releases it (D-09).

Every face asks `discover` when it opens the database; the daemon `beat`s, so that a copy soon is older than what is
known of the original. Found to be older, the database holds its outbox and lets ticket numbers jump ahead;
`services.recovery` then fetches from the server what the copy does not know.
"""

from __future__ import annotations

import math
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk import crashpoints, logs
from helpdesk.desk.gate import GateReason
from helpdesk.desk.terms import OutboxState
from helpdesk.store import marks
from helpdesk.store.inserts import insert_new
from helpdesk.store.marks import Mark
from helpdesk.store.tables import CounterRow, JournalRow, MarkRow, OutboxRow, RestorationRow, TicketRow
from helpdesk.store.unit_of_work import Database

log = logs.get_logger(__name__)

MARGIN = 1_000  # numbers left out at least; those that were given after the copy was made lie there
HASTE = 10  # times the copy's own pace that numbers may have been given in meanwhile
FARTHEST = 100_000  # so far beyond the copy's last number a tag is believed that nobody signed
_PACE = timedelta(days=30)
_SOON = (OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.SENDING, OutboxState.UNKNOWN)


def discover(database: Database, now: datetime) -> bool:
    """Compare the database with what is known of it outside; return whether it was just found to be older."""
    with database.read() as session:
        if _reason(database, session) == "" and session.get(MarkRow, 1) is not None:
            return False
    with database.begin() as session:
        session.get(MarkRow, 1, with_for_update=True)
        reason = _reason(database, session)  # asked again: another process may have been faster
        if reason:
            _declare(database, session, reason, now)
            crashpoints.reached("C17")
        else:
            _make_mark(database, session)
    beat(database)
    return bool(reason)


def declare(database: Database, reason: str, now: datetime) -> None:
    """Treat the database as restored, because a person says so."""
    with database.begin() as session:
        session.get(MarkRow, 1, with_for_update=True)
        _declare(database, session, reason, now)
    beat(database)


def beat(database: Database) -> None:
    """Let every copy made so far be older than the original; a copy of PostgreSQL is told by its server."""
    if database.file is None:
        return
    with database.begin() as session:
        row = session.get(MarkRow, 1)
        if row is None:
            return
        row.generation += 1
        mark = Mark(row.desk, row.generation, _last_number(session))
    marks.write(database.file, mark)


def standing(session: Session) -> RestorationRow | None:
    """Return the restoration that nobody has released yet."""
    statement = select(RestorationRow).where(col(RestorationRow.released_at).is_(None))
    return session.exec(statement.order_by(col(RestorationRow.id).desc()).limit(1)).first()


def newest(session: Session, *, lock: bool = False) -> RestorationRow | None:
    """Return the last restoration, released or not."""
    statement = select(RestorationRow).order_by(col(RestorationRow.id).desc()).limit(1)
    return session.exec(statement.with_for_update() if lock else statement).first()


def unsearched(session: Session, mailbox: str) -> RestorationRow | None:
    """Return the restoration for which this mailbox's folders are still to be looked through."""
    row = newest(session)
    return None if row is None or mailbox in row.searched else row


def note_searched(session: Session, mailbox: str) -> None:
    """Note that everything of a mailbox that the copy did not know is in the journal now."""
    row = newest(session, lock=True)
    if row is not None and mailbox not in row.searched:
        row.searched = [*row.searched, mailbox]


def is_repeated(session: Session, due_at: datetime) -> bool:
    """Return whether what was due then may have been done before the database was restored."""
    row = newest(session)
    return row is not None and due_at <= row.found_at


def raise_number(session: Session, seen: int) -> None:
    """Let new tickets begin well above a number that somebody was told before."""
    counters = CounterRow.__table__.c
    wanted = sa.update(CounterRow).where(counters.name == "ticket", counters.value < seen + MARGIN)
    session.execute(wanted.values(value=seen + MARGIN))


def release(session: Session, now: datetime, *, everything: bool) -> tuple[int, int]:
    """Let mail go out again; return how many mails wait to be sent, and how many stay held as possible repeats.

    `everything` sends those as well.
    """
    for row in session.exec(select(RestorationRow).where(col(RestorationRow.released_at).is_(None))):
        row.released_at = now
    held = (col(OutboxRow.state) == OutboxState.HELD, col(OutboxRow.reason) == GateReason.RESTORED)
    if everything:
        session.execute(sa.update(OutboxRow).where(*held).values(state=OutboxState.QUEUED, reason=""))
    return _count(session, col(OutboxRow.state) == OutboxState.QUEUED), _count(session, *held)


def _reason(database: Database, session: Session) -> str:
    """Return why the database must be taken for a copy; "" if it need not."""
    row = session.get(MarkRow, 1)
    if database.file is None:
        changed = row is not None and row.server != marks.server_identity(session)
        return "it stands on another server, timeline or in other tables than before" if changed else ""
    mark = marks.read(database.file)
    if row is None:
        return "" if mark is None else "the file beside it belongs to a database that is gone"
    if mark is None:
        return f"{marks.path_of(database.file).name}, which tells its age, is not beside it"
    if mark.desk != row.desk:
        return "the file beside it belongs to another database"
    return "it is older than the file beside it says" if row.generation < mark.generation else ""


def _declare(database: Database, session: Session, reason: str, now: datetime) -> None:
    row = _make_mark(database, session)
    mark = marks.read(database.file) if database.file is not None else None
    last, known_until = _last_number(session), _known_until(session)
    session.add(RestorationRow(found_at=now, reason=reason, known_until=known_until, last_number=last))
    highest = max(last, mark.last_number if mark else 0)
    raise_number(session, highest + max(0, _given_meanwhile(session, known_until, now) - MARGIN))
    held = sa.update(OutboxRow).where(col(OutboxRow.state).in_(_SOON))
    freed = {"next_attempt_at": None, "claimed_by": None, "claimed_until": None, "in_data": False}
    session.execute(held.values(state=OutboxState.HELD, reason=GateReason.RESTORED, **freed))
    row.generation = max(row.generation, mark.generation if mark else 0)
    row.server = "" if database.is_sqlite else marks.server_identity(session)
    log.error("database.restored", reason=reason, known_until=str(known_until), last_number=last)


def _make_mark(database: Database, session: Session) -> MarkRow:
    """Return the database's mark, made if it has none; another daemon may be making it at this moment."""
    server = "" if database.is_sqlite else marks.server_identity(session)
    values = {"id": 1, "desk": secrets.token_hex(16), "generation": 0, "server": server}
    insert_new(session, MarkRow, values)
    return session.exec(select(MarkRow)).one()


def _last_number(session: Session) -> int:
    return session.exec(select(CounterRow.value).where(CounterRow.name == "ticket")).one()


def _known_until(session: Session) -> datetime | None:
    """Return when the newest thing happened that the database knows of."""
    newest_ = (
        session.exec(select(sa.func.max(column))).one() for column in (JournalRow.taken_at, TicketRow.created_at)
    )
    return max((each for each in newest_ if each is not None), default=None)


def _given_meanwhile(session: Session, known_until: datetime | None, now: datetime) -> int:
    """Return more numbers than can have been given since the copy was made, by its own pace."""
    if known_until is None:
        return 0
    opened = select(sa.func.count()).select_from(TicketRow).where(col(TicketRow.created_at) > known_until - _PACE)
    return math.ceil(HASTE * session.exec(opened).one() * max(now - known_until, timedelta(0)) / _PACE)


def held_back(session: Session) -> int:
    """Return how many mails are held because they may have left before."""
    return _count(session, col(OutboxRow.state) == OutboxState.HELD, col(OutboxRow.reason) == GateReason.RESTORED)


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    return session.exec(select(sa.func.count()).select_from(OutboxRow).where(*conditions)).one()
