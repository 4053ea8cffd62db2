"""The journal: every mail that ever came in, raw, and what became of it.

`services.intake` writes it, `services.process` works it off, the faces list and replay it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import Disposition, EntryState, Filed
from helpdesk.store.inserts import inserter
from helpdesk.store.portions import in_portions
from helpdesk.store.tables import JournalRow, MailIdentityRow, RawMailRow
from helpdesk.store.unit_of_work import write

_AT_ONCE = 50  # entries read at once with their bytes
_TABLE = JournalRow.__table__
_CLOSE = sa.update(_TABLE).where(_TABLE.c.id == sa.bindparam("entry"))
_TOMB = "erased:"
MAX_KEY = 200  # octets of a message id that stand in an index; PostgreSQL's limit lies near 2,700


def index_key(message_id: str) -> str:
    """Return the id as it stands in indexes: itself, or its digest when somebody made it huge."""
    if len(message_id.encode("utf-8", "replace")) <= MAX_KEY:
        return message_id
    return "sha256:" + sha256(message_id.encode("utf-8", "replace")).hexdigest()


def tombstone(message_id: str) -> str:
    """Return what stands for a message id once its mail was erased: a second copy of it is still known as one."""
    return message_id if message_id.startswith(_TOMB) else _TOMB + sha256(message_id.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A mail about to be journalled. `uidvalidity` and `uid` are None for mail that no IMAP server held."""

    mailbox: str
    uidvalidity: int | None
    uid: int | None
    delivered_at: datetime
    raw: bytes = field(repr=False)
    truncated: bool = False
    silent: bool = False
    recovered: bool = False  # fetched again after the database was restored


def known_uids(session: Session, mailbox: str, uidvalidity: int, uids: Collection[int]) -> set[int]:
    """Return which of the UIDs are journalled already."""
    if not uids:
        return set()
    statement = select(JournalRow.uid).where(
        JournalRow.mailbox == mailbox,
        JournalRow.uidvalidity == uidvalidity,
        col(JournalRow.uid).between(min(uids), max(uids)),
    )
    return set(uids) & {uid for uid in session.exec(statement) if uid is not None}


def add_entries(session: Session, entries: Sequence[NewEntry], now: datetime) -> list[int]:
    """Journal the mails, passing over UIDs that are there already; return the new entries' ids in order."""
    if not entries:
        return []
    connection = session.connection()  # past the ORM, as below: it would cost more than the database does
    statement = inserter(session)(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)
    ids: list[int] = []
    contents: list[dict[str, Any]] = []
    for entry in entries:
        found = connection.execute(statement, _journal_values(entry, now)).scalar_one_or_none()
        if found is not None:
            ids.append(found)
            contents.append({"entry": found, "content": entry.raw})
    write(session, RawMailRow, contents)
    return ids


def _journal_values(entry: NewEntry, now: datetime) -> dict[str, Any]:
    return {
        "mailbox": entry.mailbox,
        "uidvalidity": entry.uidvalidity,
        "uid": entry.uid,
        "delivered_at": min(entry.delivered_at, now),
        "taken_at": now,
        "size": len(entry.raw),
        "raw_digest": sha256(entry.raw).hexdigest(),
        "truncated": entry.truncated,
        "silent": entry.silent,
        "recovered": entry.recovered,
        "filed": Filed.NO if entry.uid is not None else Filed.GONE,
        "state": EntryState.RECEIVED,
        "attempts": 0,
        "message_id": "",
        "message_kind": "",
        "reason": "",
        "trace": [],
        "rules_version": "",
        "failure": "",
    }


def unfiled(session: Session, mailbox: str, uidvalidity: int) -> list[int]:
    """Return the UIDs that are safe with us but whose server copy was not put away yet."""
    statement = select(JournalRow.uid).where(
        JournalRow.mailbox == mailbox, JournalRow.uidvalidity == uidvalidity, JournalRow.filed == Filed.NO
    )
    return sorted(uid for uid in session.exec(statement) if uid is not None)


def note_filed(session: Session, mailbox: str, uidvalidity: int, uids: Collection[int], filed: Filed) -> None:
    """Note what happened to the server's copies, where nobody has: who finds them gone may just have come late.

    Locked in the order in which claims lock them, so that the two never wait for each other.
    """
    if uids:
        statement = select(JournalRow.id).where(
            col(JournalRow.mailbox) == mailbox,
            col(JournalRow.uidvalidity) == uidvalidity,
            col(JournalRow.uid).in_(uids),
            col(JournalRow.filed) == Filed.NO,
        )
        ids = session.exec(statement.order_by(col(JournalRow.id)).with_for_update()).all()
        session.execute(sa.update(JournalRow).where(col(JournalRow.id).in_(ids)).values(filed=filed))


def owners_of(session: Session, message_ids: Collection[str]) -> dict[tuple[str, str], JournalRow]:
    """Return, by (message id, content digest), the entries that own these mails, the erased ones too."""
    names = {tombstone(each): each for each in message_ids} | {each: each for each in message_ids}
    statement = (
        select(MailIdentityRow, JournalRow)
        .join(JournalRow, col(JournalRow.id) == col(MailIdentityRow.entry))
        .where(col(MailIdentityRow.message_id).in_(names))
    )
    return {(names[identity.message_id], identity.content_digest): row for identity, row in session.exec(statement)}


def own(session: Session, identity: tuple[str, str], entry: int) -> None:
    """Note which entry owns a mail: its (message id, content digest) is taken from now on."""
    write(session, MailIdentityRow, [{"message_id": identity[0], "content_digest": identity[1], "entry": entry}])


def close(session: Session, identifier: int, values: Mapping[str, Any]) -> None:
    """Write down what became of an entry; nobody has a claim on it any more."""
    settled = {"entry": identifier, "claimed_by": None, "claimed_until": None, **values}
    session.connection().execute(_CLOSE, settled)


def count(session: Session, state: EntryState) -> int:
    """Return how many entries are in a state."""
    return session.exec(select(sa.func.count()).select_from(JournalRow).where(JournalRow.state == state)).one()


def waiting(session: Session) -> int:
    """Return how many entries are received and not yet worked on."""
    return count(session, EntryState.RECEIVED)


def entry(session: Session, identifier: int) -> JournalRow | None:
    """Return one entry without its bytes."""
    return session.get(JournalRow, identifier)


def raw(session: Session, identifier: int) -> bytes | None:
    """Return the exact bytes of an entry."""
    row = session.get(RawMailRow, identifier)
    return row.content if row else None


def entries(
    session: Session, *, mailbox: str | None = None, state: EntryState | None = None, limit: int | None = None
) -> list[JournalRow]:
    """Return entries, shunted ones first, then the newest first."""
    statement = select(JournalRow)
    if mailbox is not None:
        statement = statement.where(JournalRow.mailbox == mailbox)
    if state is not None:
        statement = statement.where(JournalRow.state == state)
    shunted_first = sa.case((col(JournalRow.state) == EntryState.SHUNTED, 0), else_=1)
    statement = statement.order_by(shunted_first, col(JournalRow.id).desc()).limit(limit)
    return list(session.exec(statement))


def decided_since(
    session: Session, dispositions: Collection[Disposition], since: datetime
) -> Iterator[tuple[JournalRow, bytes]]:
    """Yield the entries delivered since then that ended so, oldest first, with their bytes, a few at a time."""
    last = 0
    while True:
        statement = (
            select(JournalRow, RawMailRow.content)
            .join(RawMailRow, col(RawMailRow.entry) == col(JournalRow.id))
            .where(col(JournalRow.id) > last, col(JournalRow.delivered_at) >= since)
            .where(col(JournalRow.disposition).in_(dispositions), col(RawMailRow.content) != b"")  # "": it was erased
            .order_by(col(JournalRow.id))
            .limit(_AT_ONCE)
        )
        found = list(session.exec(statement))
        yield from found
        if len(found) < _AT_ONCE:
            return
        last = found[-1][0].id or 0
        session.expunge_all()  # else the session keeps every row that it has ever read


def message_ids_of(session: Session, mailbox: str) -> set[str]:
    """Return every message id journalled from a mailbox (as index keys): what `reconcile` compares with."""
    return set(session.exec(select(JournalRow.message_id).where(JournalRow.mailbox == mailbox)))


def known_digests(session: Session, mailbox: str, digests: Collection[str]) -> set[str]:
    """Return which of these digests of exact bytes were journalled from a mailbox."""
    found = set[str]()
    for portion in in_portions(digests):
        journalled = select(JournalRow.raw_digest).where(JournalRow.mailbox == mailbox)
        found.update(session.exec(journalled.where(col(JournalRow.raw_digest).in_(portion))))
    return found


def digests_of(session: Session, mailbox: str) -> set[str]:
    """Return the digests of the exact bytes of everything journalled from a mailbox."""
    return set(session.exec(select(JournalRow.raw_digest).where(JournalRow.mailbox == mailbox)))
