"""What `contacts erase` changes, statement by statement: content goes, rows and their numbers stay.

Called by `services.contacts` in one transaction, with what `store.traces` found.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.redaction import ERASED, Redaction
from helpdesk.desk.terms import Disposition, EntryState, OutboxState
from helpdesk.store.journal import tombstone
from helpdesk.store.outbox import touched
from helpdesk.store.portions import in_portions
from helpdesk.store.tables import (
    AttachmentRow,
    CommentRow,
    ContactRow,
    HistoryRow,
    JournalRow,
    MailIdentityRow,
    MuteRow,
    OutboxRow,
    RawMailRow,
    SendAttemptRow,
    ThreadIdRow,
    TicketRow,
    metadata,
)
from helpdesk.store.traces import KEPT_TABLES, naming, texts
from helpdesk.store.unit_of_work import Database

_PERSONAL = ("name", "reply_to")  # what else a row tells of the person whose address it bears
_SETTLED = (OutboxState.SENT, OutboxState.FAILED, OutboxState.MUTED, OutboxState.CANCELLED)


def begin(session: Session) -> None:
    """Let SQLite overwrite what is deleted with zeros instead of leaving it in free pages."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


def scrub(database: Database) -> bool:
    """Take the old pages out of SQLite's log as well; return whether nothing of them is left."""
    if not database.is_sqlite:
        return False  # the server's own VACUUM does it, in its time
    with database.engine.connect() as connection:
        connection.rollback()
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy


def being_sent(session: Session, letters: Collection[int]) -> bool:
    """Return whether one of the letters is on its way this moment."""
    on_their_way = session.exec(select(OutboxRow.id).where(OutboxRow.state == OutboxState.SENDING))
    return not set(letters).isdisjoint(on_their_way)


def mails(session: Session, entries: Collection[int]) -> None:
    """Empty raw mails; that they came, when, and what became of them stays, and a second copy is still known as one."""
    for portion in in_portions(entries):
        _empty(session, portion)
    session.flush()


def _empty(session: Session, entries: list[int]) -> None:
    rows = session.exec(select(JournalRow).where(col(JournalRow.id).in_(entries))).all()
    session.execute(sa.delete(ThreadIdRow).where(col(ThreadIdRow.message_id).in_({row.message_id for row in rows})))
    session.execute(sa.update(RawMailRow).where(col(RawMailRow.entry).in_(entries)).values(content=b""))
    for identity in session.exec(select(MailIdentityRow).where(col(MailIdentityRow.entry).in_(entries))).all():
        identity.message_id = tombstone(identity.message_id)
    for row in rows:
        row.message_id, row.trace, row.failure = tombstone(row.message_id) if row.message_id else "", [], ""
        if row.state is not EntryState.PROCESSED or row.disposition is Disposition.HELD:
            row.state, row.disposition, row.reason = EntryState.PROCESSED, Disposition.DISCARDED, "erased"


def own_comments(session: Session, comments: Collection[int]) -> None:
    """Empty what a person said, and drop the files with it."""
    bare = {"author_name": "", "text": ERASED, "new_text": ERASED, "html": "", "message_id": ""}
    for portion in in_portions(comments):
        session.execute(sa.delete(AttachmentRow).where(col(AttachmentRow.comment).in_(portion)))
        session.execute(sa.update(CommentRow).where(col(CommentRow.id).in_(portion)).values(bare))


def others_comments(
    session: Session, comments: Collection[int], redaction: Redaction, emptied: Collection[int]
) -> None:
    """Leave others' own words, without what they quote and without the person; `emptied` mails held their files."""
    for portion in in_portions(comments):
        rows = session.exec(select(CommentRow).where(col(CommentRow.id).in_(portion))).all()
        for row in rows:
            row.text = row.new_text = redaction.everything_in(row.new_text)
            row.html = ""
            row.message_id = "" if row.entry in emptied else row.message_id
        bare = [row.id for row in rows if row.entry in emptied]
        held = sa.and_(col(AttachmentRow.comment).in_(bare), col(AttachmentRow.content).is_(None))
        session.execute(sa.delete(AttachmentRow).where(held))
    session.flush()


def tickets(session: Session, opened: Collection[int], joined: Collection[int], redaction: Redaction) -> None:
    """Take the person out of the tickets they opened, and their name out of the others' histories."""
    for portion in in_portions([*opened, *joined]):
        for row in session.exec(select(TicketRow).where(col(TicketRow.number).in_(portion))).all():
            if row.number in opened:
                row.requester_name, row.subject, row.search = "", ERASED, ""
                row.root_message_id = row.last_message_id = ""
            else:
                row.subject, row.search = redaction.everything_in(row.subject), redaction.everything_in(row.search)
        for line in session.exec(select(HistoryRow).where(col(HistoryRow.ticket).in_(portion))).all():
            line.old, line.new, line.reason = map(redaction.everything_in, (line.old, line.new, line.reason))
    session.flush()


def letters(session: Session, ids: Collection[int], to_go: Collection[int]) -> int:
    """Empty letters that are settled, and call off and empty those of them `to_go`; return how many were called off."""
    called_off = sum(_call_off(session, portion) for portion in in_portions(to_go))
    for portion in in_portions(ids):
        settled = sa.and_(col(OutboxRow.id).in_(portion), col(OutboxRow.state).in_(_SETTLED))
        session.execute(sa.update(OutboxRow).where(settled).values(content=b"", subject="", reply=""))
        session.execute(sa.update(SendAttemptRow).where(col(SendAttemptRow.outbox).in_(portion)).values(reply=""))
    return called_off


def _call_off(session: Session, ids: list[int]) -> int:
    """Cancel letters, so that they are settled as well; return how many of them were not."""
    waiting = sa.and_(col(OutboxRow.id).in_(ids), col(OutboxRow.state).not_in(_SETTLED))
    cancelled = {"state": OutboxState.CANCELLED, "reason": "erased", "next_attempt_at": None}
    return touched(session.execute(sa.update(OutboxRow).where(waiting).values(cancelled)))


def sweep(session: Session, redaction: Redaction) -> int:
    """Put the pseudonym in place of the address wherever it still stands; return in how many rows."""
    changed = 0
    session.execute(sa.delete(ContactRow).where(col(ContactRow.addr) == redaction.addr))
    session.execute(sa.delete(MuteRow).where(col(MuteRow.addr) == redaction.addr))
    for table in metadata.sorted_tables:
        if table.name not in KEPT_TABLES:
            changed += _sweep(session, table, redaction)
    return changed


def _sweep(session: Session, table: sa.Table, redaction: Redaction) -> int:
    columns = texts(table)
    key = list(table.primary_key.columns)
    if not columns:
        return 0
    wanted = dict.fromkeys([*key, *columns])
    changed = 0
    for row in session.execute(sa.select(*wanted).where(naming(table, redaction.addr))).mappings().all():
        values: dict[str, Any] = {one.name: redaction.in_value(row[one.name]) for one in columns}
        news = {name: value for name, value in values.items() if value != row[name]}
        if "addr" in news:
            news |= {name: "" for name in _PERSONAL if name in table.c}
        if news:
            same = sa.and_(*(one == row[one.name] for one in key))
            session.execute(sa.update(table).where(same).values(**news))
            changed += 1
    return changed
