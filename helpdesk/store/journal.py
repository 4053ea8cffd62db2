"""The journal: every mail that ever came in, raw, and what became of it.

`services.intake` writes it, `services.process` works it off, the faces list and replay it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from helpdesk.desk.terms import Disposition, EntryState, Filed
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


@dataclass(frozen=True, slots=True)
class ClaimedEntry:
    """A journal entry to work on: what is known before its bytes are read."""

    id: int
    mailbox: str
    delivered_at: datetime
    taken_at: datetime
    attempts: int
    silent: bool
    truncated: bool
    raw: bytes = field(repr=False)
    recovered: bool = False  # its letters may have left before
    owner: str = ""  # who claimed it; a mail that is only tried out is nobody's


_OF_A_CLAIM = ("id", "mailbox", "delivered_at", "taken_at", "attempts", "silent", "truncated", "recovered")
_CLAIMED = sa.select(*(_TABLE.c[name] for name in _OF_A_CLAIM), RawMailRow.__table__.c.content.label("raw")).join_from(
    _TABLE, RawMailRow.__table__
)


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
    insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)
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
    """Note what happened to the server's copies, where nobody has: who finds them gone may just have come late."""
    if uids:
        session.execute(
            sa.update(JournalRow)
            .where(col(JournalRow.mailbox) == mailbox, col(JournalRow.uidvalidity) == uidvalidity)
            .where(col(JournalRow.uid).in_(uids), col(JournalRow.filed) == Filed.NO)
            .values(filed=filed)
        )


def claim(
    session: Session,
    owner: str,
    now: datetime,
    lease: timedelta,
    *,
    limit: int,
    max_bytes: int,
    only: Collection[int] | None = None,
    by_delivery: bool = False,
) -> list[ClaimedEntry]:
    """Claim waiting entries, oldest first, counting the attempt before any work is done; `now` is the lease clock's.

    `only` names the entries wanted, whatever lease is on them; `by_delivery` lets the time of delivery decide which is
    older, for mail that was not journalled in the order in which it came. At least one is returned if any waits,
    however large; further ones stay within `max_bytes` of raw mail. One over which the program may have died
    is claimed alone: if it is a killer, nobody else is charged for it, and it is not charged for another.
    """
    order = (col(JournalRow.delivered_at), col(JournalRow.id)) if by_delivery else (col(JournalRow.id),)
    ids = _claimable(session, now, limit, max_bytes, only, order)
    if not ids:
        return []
    session.execute(
        sa.update(JournalRow)
        .where(col(JournalRow.id).in_(ids))
        .values(attempts=JournalRow.attempts + 1, claimed_by=owner, claimed_until=now + lease)
    )
    statement = _CLAIMED.where(_TABLE.c.id.in_(ids)).order_by(*order)
    found = session.connection().execute(statement)
    return [ClaimedEntry(**row, owner=owner) for row in found.mappings()]


def _claimable(
    session: Session, now: datetime, limit: int, max_bytes: int, only: Collection[int] | None, order: Sequence[Any]
) -> list[int]:
    statement = select(JournalRow.id, JournalRow.size, JournalRow.attempts).where(
        JournalRow.state == EntryState.RECEIVED
    )
    if only is not None:
        statement = statement.where(col(JournalRow.id).in_(only))
    else:
        statement = statement.where(
            sa.or_(col(JournalRow.claimed_until).is_(None), col(JournalRow.claimed_until) < now)
        )
    statement = statement.order_by(*order).limit(limit).with_for_update(skip_locked=True)
    chosen: list[int] = []
    total = 0
    for identifier, size, attempts in session.exec(statement).all():
        total += size
        if chosen and (total > max_bytes or attempts):
            break
        chosen.append(identifier or 0)
        if attempts:
            break
    return chosen


def release(session: Session, ids: Iterable[int], owner: str, *, uncharged: bool) -> None:
    """Give claimed entries back; uncharged, when what stopped the work was not theirs."""
    values: dict[str, Any] = {"claimed_by": None, "claimed_until": None}
    if uncharged:
        values["attempts"] = JournalRow.attempts - 1
    session.execute(_mine(ids, owner).values(**values))


def acquit(session: Session, ids: Iterable[int], owner: str) -> None:
    """Take the charge of this attempt back; the claim stays."""
    session.execute(_mine(ids, owner).values(attempts=JournalRow.attempts - 1))


def _mine(ids: Iterable[int], owner: str) -> Any:
    """An update fenced by the claim: what somebody else has taken over meanwhile is left alone."""
    return sa.update(JournalRow).where(
        col(JournalRow.id).in_(list(ids)),
        col(JournalRow.claimed_by) == owner,
        col(JournalRow.state) == EntryState.RECEIVED,
    )


def release_dead(session: Session) -> None:
    """Free every claim, attempts kept: called by the only daemon there can be, when it starts."""
    session.execute(
        sa.update(JournalRow)
        .where(col(JournalRow.state) == EntryState.RECEIVED, col(JournalRow.claimed_by).is_not(None))
        .values(claimed_by=None, claimed_until=None)
    )


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


def rows_for_work(session: Session, ids: Collection[int], owner: str) -> dict[int, JournalRow]:
    """Return the entries that `still_to_do` finds, with all that is known of them."""
    ours = still_to_do(session, ids, owner)
    return {row.id or 0: row for row in session.exec(select(JournalRow).where(col(JournalRow.id).in_(ours)))}


def still_to_do(session: Session, ids: Collection[int], owner: str) -> set[int]:
    """Return which of the entries still wait and are still the owner's, locked where the database can.

    Who slept for longer than its claim finds none: another worker has them, and may be done (C-06).

    It waits for a lock rather than pass an entry by: intake may be noting this very moment where it was filed.
    """
    statement = (
        select(JournalRow.id)
        .where(col(JournalRow.id).in_(ids), JournalRow.state == EntryState.RECEIVED)
        .where(col(JournalRow.claimed_by) == owner)
        .order_by(col(JournalRow.id))
        .with_for_update()
    )
    return {identifier for identifier in session.exec(statement) if identifier is not None}


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


def digests_of(session: Session, mailbox: str) -> set[str]:
    """Return the digests of the exact bytes of everything journalled from a mailbox."""
    return set(session.exec(select(JournalRow.raw_digest).where(JournalRow.mailbox == mailbox)))


def reopen(session: Session, identifier: int, owner: str, until: datetime) -> JournalRow | None:
    """Make a shunted or held entry wait for its owner's work, its attempts forgotten; None when it can't be."""
    row = session.get(JournalRow, identifier)
    if row is None or not (row.state is EntryState.SHUNTED or row.disposition is Disposition.HELD):
        return None
    row.state, row.attempts, row.claimed_by, row.claimed_until = EntryState.RECEIVED, 0, owner, until
    return row
