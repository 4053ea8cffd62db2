"""A database of a desk that has worked for years: thousands of tickets with their mails, comments, letters and ids.

Written straight into the tables; nine in ten tickets are closed. Called by `__main__`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bench.mails import Mail
from helpdesk.desk.terms import (
    Disposition,
    EntryState,
    Filed,
    NotificationKind,
    OutboxState,
    Side,
    State,
    Via,
    Visibility,
)
from helpdesk.store import schema
from helpdesk.store.tables import (
    CommentRow,
    CounterRow,
    HistoryRow,
    JournalRow,
    MailIdentityRow,
    OutboxRow,
    ParticipantRow,
    RawMailRow,
    Row,
    SendAttemptRow,
    ThreadIdRow,
    TicketRow,
)
from helpdesk.store.unit_of_work import Database, write

FIRST = 1001
_BEGUN = datetime(2024, 1, 8, 9, tzinfo=UTC)
_TABLES = (
    JournalRow, RawMailRow, MailIdentityRow, TicketRow, ParticipantRow,
    CommentRow, HistoryRow, OutboxRow, ThreadIdRow, SendAttemptRow,
)  # fmt: skip  # in the order of their references
_AT_ONCE = 1000


def fill(url: str, tickets: int, mails: list[Mail]) -> None:
    """Bring a new database to today's schema and put so many tickets into it, made of these mails."""
    database = Database(url)
    schema.upgrade(database)
    for start in range(0, tickets, _AT_ONCE):
        rows = [row for number in range(start, min(start + _AT_ONCE, tickets)) for row in _ticket(number, mails)]
        with database.begin() as session:
            for table in _TABLES:
                write(session, table, [_values(row) for row in rows if type(row) is table])
    with database.begin() as session:
        counter = sa.update(CounterRow.__table__).where(CounterRow.__table__.c.name == "ticket")
        session.connection().execute(counter.values(value=FIRST + tickets - 1))
    database.close()


def _values(row: Row) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in row.__table__.c}


def _ticket(index: int, mails: list[Mail]) -> Iterator[Row]:
    """Yield all rows of one ticket: its mail, what was said, the two letters about it."""
    mail = mails[index % len(mails)]
    number, entry, at = FIRST + index, index + 1, _BEGUN + timedelta(minutes=40 * index)
    author, identifier, text = f"osoba{index % 4000}@firma{index % 300}.test", f"old.{index}@firma.test", "Słowa. " * 90
    closed = index % 10 > 0
    yield JournalRow(
        id=entry, mailbox=mail.queue.lower(), uidvalidity=1, uid=entry, delivered_at=at, taken_at=at,
        size=len(mail.raw), raw_digest=f"{index:064x}", filed=Filed.YES, state=EntryState.PROCESSED, attempts=1,
        message_id=identifier, message_kind="personal", disposition=Disposition.OPENED, reason="new_ticket",
        ticket=number, processed_at=at,
    )  # fmt: skip
    yield RawMailRow(entry=entry, content=mail.raw)
    yield MailIdentityRow(message_id=identifier, content_digest=f"{index:064x}", entry=entry)
    yield TicketRow(
        number=number, queue=mail.queue, prefix=mail.queue[:3], subject=f"Dawna {index}", search=f"dawna {index}",
        state=State.CLOSED if closed else State.OPEN, calendar="cwt", language="pl", requester_addr=author,
        created_at=at, delivered_at=at, received_at=at, waiting_since=None if closed else at,
        closed_at=at if closed else None, root_message_id=identifier, last_message_id=identifier,
    )  # fmt: skip
    yield ParticipantRow(ticket=number, addr=author, joined_at=at)
    yield CommentRow(
        id=entry, ticket=number, entry=entry, side=Side.CUSTOMER, author_addr=author, visibility=Visibility.PUBLIC,
        via=Via.MAIL, text=text, new_text=text, message_id=identifier, created_at=at, delivered_at=at,
    )  # fmt: skip
    yield HistoryRow(id=entry, ticket=number, at=at, event="opened", by=author, new="new")
    yield ThreadIdRow(message_id=identifier, ticket=number)
    for place, kind in enumerate((NotificationKind.NEW, NotificationKind.NOTICE_OPENED)):
        yield from _letter(2 * index + place + 1, kind, number, author, at)


def _letter(identifier: int, kind: NotificationKind, number: int, recipient: str, at: datetime) -> Iterator[Row]:
    message_id = f"letter.{identifier}@desk.example.org"
    yield OutboxRow(
        id=identifier, cause=f"entry:{number}", notification=kind, recipient=recipient, ticket=number,
        account="default", sender="", subject="Dawna sprawa", message_id=message_id, state=OutboxState.SENT,
        attempts=1, created_at=at, sent_at=at, code=250, reply="Ok", content=b"Words. " * 500,
    )  # fmt: skip
    yield ThreadIdRow(message_id=message_id, ticket=number)
    yield SendAttemptRow(outbox=identifier, attempt=1, at=at, outcome="sent", code=250)
