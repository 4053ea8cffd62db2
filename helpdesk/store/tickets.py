"""Tickets and what hangs on them: participants, comments, attachments, history, thread ids.

Questions that a batch of mails asks are answered for the whole batch at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.letter import Utterance
from helpdesk.desk.terms import Person, Standing, Visibility
from helpdesk.store.portions import in_portions
from helpdesk.store.tables import (
    AttachmentRow,
    CommentRow,
    CounterRow,
    HistoryRow,
    JournalRow,
    LinkRow,
    ParticipantRow,
    RawMailRow,
    TicketRow,
)
from helpdesk.store.unit_of_work import write

_COUNTERS = CounterRow.__table__
_RAISE_NUMBER = (
    sa.update(_COUNTERS)
    .where(_COUNTERS.c.name == "ticket")
    .values(value=_COUNTERS.c.value + 1)
    .returning(_COUNTERS.c.value)
)

MERGED = "merged into it"  # why a ticket is linked with the one that goes on in its place


def next_number(session: Session) -> int:
    """Return the next ticket number; a rolled-back unit gives its number back."""
    return int(session.connection().execute(_RAISE_NUMBER).scalar_one())


def ticket(session: Session, number: int, *, lock: bool = False) -> TicketRow | None:
    """Return one ticket; `lock` is for who is about to change it (RELIABILITY 2.6)."""
    return by_number(session, [number], lock=lock).get(number) if lock else session.get(TicketRow, number)


def by_number(session: Session, numbers: Collection[int], *, lock: bool = False) -> dict[int, TicketRow]:
    """Return the tickets that exist among these numbers.

    `lock` makes other units that want to change them wait, so that none overwrites what it has not seen; always in
    the order of numbers, so that two never wait for each other. On SQLite the unit of work itself is that lock.
    """
    found: dict[int, TicketRow] = {}
    for portion in in_portions(sorted(numbers)):
        statement = select(TicketRow).where(col(TicketRow.number).in_(portion))
        if lock:
            statement = (
                statement.order_by(col(TicketRow.number)).with_for_update().execution_options(populate_existing=True)
            )
        found.update((row.number, row) for row in session.exec(statement))
    return found


def participants_of(session: Session, numbers: Collection[int]) -> dict[int, dict[str, ParticipantRow]]:
    """Return, by ticket, its participants by address."""
    found: dict[int, dict[str, ParticipantRow]] = {number: {} for number in numbers}
    if numbers:
        for row in session.exec(select(ParticipantRow).where(col(ParticipantRow.ticket).in_(numbers))):
            found[row.ticket][row.addr] = row
    return found


def participants(session: Session, number: int) -> dict[str, ParticipantRow]:
    """Return one ticket's participants by address."""
    return participants_of(session, [number])[number]


def set_reply_to(session: Session, number: int, addr: str, reply_to: str) -> None:
    """Note where a participant wants their mail, "" for their own address."""
    participant = sa.and_(col(ParticipantRow.ticket) == number, col(ParticipantRow.addr) == addr)
    session.execute(
        sa.update(ParticipantRow)
        .where(participant)
        .values(reply_to=reply_to)
        .execution_options(synchronize_session=False)
    )


def comments_of(session: Session, number: int) -> list[CommentRow]:
    """Return a ticket's comments, oldest first."""
    statement = select(CommentRow).where(CommentRow.ticket == number).order_by(col(CommentRow.id))
    return list(session.exec(statement))


def quoted(row: CommentRow) -> Utterance:
    """Return a comment as an exchange quotes it."""
    internal, doubtful = row.visibility is Visibility.INTERNAL, row.standing is not Standing.CONFIRMED
    return Utterance(Person(row.author_name, row.author_addr), row.created_at, row.new_text, internal, doubtful)


def last_words(session: Session, numbers: Collection[int], count: int = 2) -> dict[int, list[Utterance]]:
    """Return, by ticket, the newest comments, newest first."""
    if not numbers:
        return {}
    newest = (
        select(col(CommentRow.id).label("id"), _rank().label("rank"))
        .where(col(CommentRow.ticket).in_(numbers))
        .subquery()
    )
    statement = (
        select(CommentRow)
        .join(newest, newest.c.id == CommentRow.id)
        .where(newest.c.rank <= count)
        .order_by(col(CommentRow.id).desc())
    )
    found: dict[int, list[Utterance]] = defaultdict(list)
    for row in session.exec(statement):
        found[row.ticket].append(quoted(row))
    return dict(found)


def _rank() -> sa.ColumnElement[int]:
    return sa.func.row_number().over(partition_by=col(CommentRow.ticket), order_by=col(CommentRow.id).desc())


def attachments_of(session: Session, comment_ids: Collection[int]) -> dict[int, list[AttachmentRow]]:
    """Return, by comment, its attachments in order."""
    found: dict[int, list[AttachmentRow]] = defaultdict(list)
    if comment_ids:
        statement = (
            select(AttachmentRow)
            .where(col(AttachmentRow.comment).in_(comment_ids))
            .order_by(col(AttachmentRow.comment), col(AttachmentRow.position))
        )
        for row in session.exec(statement):
            found[row.comment].append(row)
    return dict(found)


def comment_of_entry(session: Session, entry: int) -> CommentRow | None:
    """Return the comment that a journal entry became."""
    return session.exec(select(CommentRow).where(CommentRow.entry == entry)).first()


def drop_attachments(session: Session, comment: int) -> None:
    """Forget a comment's attachments, because better ones are about to be written."""
    session.execute(sa.delete(AttachmentRow).where(col(AttachmentRow.comment) == comment))


def raw_of_comment(session: Session, comment_id: int) -> bytes | None:
    """Return the raw mail a comment came in with, None for one that came another way."""
    statement = (
        select(RawMailRow.content)
        .join(CommentRow, col(CommentRow.entry) == col(RawMailRow.entry))
        .where(CommentRow.id == comment_id)
    )
    return session.exec(statement).first()


def history_of(session: Session, number: int) -> list[HistoryRow]:
    """Return what happened to a ticket, oldest first."""
    statement = select(HistoryRow).where(HistoryRow.ticket == number).order_by(col(HistoryRow.id))
    return list(session.exec(statement))


def history_since(session: Session, number: int, at: datetime) -> list[HistoryRow]:
    """Return what happened to a ticket after an instant, oldest first."""
    statement = select(HistoryRow).where(HistoryRow.ticket == number, HistoryRow.at > at)
    return list(session.exec(statement.order_by(col(HistoryRow.id))))


def last_event(session: Session, number: int) -> int:
    """Return the id of the newest line of a ticket's history: what a letter about a change was caused by."""
    statement = select(sa.func.max(HistoryRow.id)).where(HistoryRow.ticket == number)
    return session.exec(statement).one() or 0


def links_of(session: Session, numbers: Collection[int]) -> dict[int, list[LinkRow]]:
    """Return, by ticket, its links."""
    found: dict[int, list[LinkRow]] = {number: [] for number in numbers}
    if numbers:
        statement = select(LinkRow).where(col(LinkRow.ticket).in_(numbers)).order_by(col(LinkRow.other))
        for row in session.exec(statement):
            found[row.ticket].append(row)
    return found


def merged_into(session: Session, numbers: Collection[int]) -> dict[int, int]:
    """Return, of these tickets, those that were merged and the ticket that goes on in each one's place."""
    statement = select(LinkRow).where(col(LinkRow.ticket).in_(numbers), LinkRow.why == MERGED)
    return {row.ticket: row.other for row in session.exec(statement)}


def link_merged(session: Session, number: int, target: int) -> None:
    """Note on both tickets that one goes on in the other's place."""
    session.merge(LinkRow(ticket=number, other=target, why=MERGED))
    session.merge(LinkRow(ticket=target, other=number, why="merged from it"))
    session.flush()


def move_comments(session: Session, number: int, target: int, only: int | None = None) -> None:
    """Move a ticket's comments, or one of them, to another; the journal follows."""
    moving = sa.select(col(CommentRow.entry)).where(col(CommentRow.ticket) == number)
    update = sa.update(CommentRow).where(col(CommentRow.ticket) == number)
    if only is not None:
        moving, update = moving.where(col(CommentRow.id) == only), update.where(col(CommentRow.id) == only)
    entries = [entry for entry in session.execute(moving).scalars() if entry is not None]
    session.execute(update.values(ticket=target))
    session.execute(sa.update(JournalRow).where(col(JournalRow.id).in_(entries)).values(ticket=target))


def entries_of(session: Session, number: int) -> list[JournalRow]:
    """Return the journal entries that ended on a ticket, oldest first."""
    statement = select(JournalRow).where(JournalRow.ticket == number).order_by(col(JournalRow.id))
    return list(session.exec(statement))


def note(
    session: Session, number: int, at: datetime, event: str, by: str, *, old: str = "", new: str = "", reason: str = ""
) -> None:
    """Add a line to a ticket's history."""
    line = {"ticket": number, "at": at, "event": event, "by": by, "old": old, "new": new, "reason": reason}
    write(session, HistoryRow, [line])
