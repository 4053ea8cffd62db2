"""Who works on a journal entry: claimed before any work is done on it, counted, given back.

Called by `services.process` and `services.replay`. A claim is its owner's, and runs by the lease clock (2.6).
Claims are made one after the other, and a mailbox's mail is worked on in the order in which it came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import Disposition, EntryState
from helpdesk.store import bulk
from helpdesk.store.tables import JournalRow, RawMailRow

KEEPS_ORDER = timedelta(seconds=15)  # that others wait after a worker's claim: who needs longer may be dead


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


_TABLE = JournalRow.__table__
_OF_A_CLAIM = ("id", "mailbox", "delivered_at", "taken_at", "attempts", "silent", "truncated", "recovered")
_CONTENT = RawMailRow.__table__.c.content
_CLAIMED = sa.select(*(_TABLE.c[name] for name in _OF_A_CLAIM), bulk.unless_big(_CONTENT).label("raw")).join_from(
    _TABLE, RawMailRow.__table__
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

    A mailbox of which another worker has just claimed mail is left to that worker: an answer that overtook its question
    would open a ticket of its own.
    """
    _one_at_a_time(session)
    waits = _asked_for(only) if only is not None else _free(owner, now, lease)
    order = (col(JournalRow.delivered_at), col(JournalRow.id)) if by_delivery else (col(JournalRow.id),)
    ids = _lock(session, _choose(session, waits, order, limit, max_bytes), waits)
    if not ids:
        return []
    session.execute(
        sa.update(JournalRow)
        .where(col(JournalRow.id).in_(ids))
        .values(attempts=JournalRow.attempts + 1, claimed_by=owner, claimed_until=now + lease)
    )
    found = bulk.rows(session.connection(), _CLAIMED.where(_TABLE.c.id.in_(ids)), "raw", _CONTENT)
    return sorted((ClaimedEntry(**row, owner=owner) for row in found), key=lambda each: ids.index(each.id))


def _one_at_a_time(session: Session) -> None:
    """Wait for the claims of others to be committed, so that this one sees them; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("helpdesk.store.claims"))))


def _asked_for(ids: Collection[int]) -> list[Any]:
    return [col(JournalRow.state) == EntryState.RECEIVED, col(JournalRow.id).in_(ids)]


def _free(owner: str, now: datetime, lease: timedelta) -> list[Any]:
    """Return what must be true of an entry that its worker may claim unasked."""
    other = _TABLE.alias()
    just_claimed = other.c.claimed_until > now + lease - KEEPS_ORDER
    busy = sa.select(other.c.mailbox).where(
        other.c.state == EntryState.RECEIVED, other.c.claimed_by != owner, just_claimed
    )
    unclaimed = sa.or_(col(JournalRow.claimed_until).is_(None), col(JournalRow.claimed_until) < now)
    return [col(JournalRow.state) == EntryState.RECEIVED, unclaimed, col(JournalRow.mailbox).not_in(busy)]


def _choose(session: Session, waits: Sequence[Any], order: Sequence[Any], limit: int, max_bytes: int) -> list[int]:
    statement = select(JournalRow.id, JournalRow.size, JournalRow.attempts).where(*waits)
    chosen: list[int] = []
    total = 0
    for identifier, size, attempts in session.exec(statement.order_by(*order).limit(limit)).all():
        total += size
        if chosen and (total > max_bytes or attempts):
            break
        chosen.append(identifier or 0)
        if attempts:
            break
    return chosen


def _lock(session: Session, ids: Sequence[int], waits: Sequence[Any]) -> list[int]:
    """Return which of the entries still wait, now locked: one that intake is just noting as filed is waited for.

    Passed by, as SKIP LOCKED would have it, it would be worked on after mail that came later.
    """
    statement = select(JournalRow.id).where(col(JournalRow.id).in_(ids), *waits)
    locked = set(session.exec(statement.order_by(col(JournalRow.id)).with_for_update()))
    return [identifier for identifier in ids if identifier in locked]


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


def rows_for_work(session: Session, ids: Collection[int], owner: str) -> dict[int, JournalRow]:
    """Return the entries that `still_to_do` finds, with all that is known of them."""
    ours = still_to_do(session, ids, owner)
    return {row.id or 0: row for row in session.exec(select(JournalRow).where(col(JournalRow.id).in_(ours)))}


def reopen(session: Session, identifier: int, owner: str, until: datetime) -> JournalRow | None:
    """Make a shunted or held entry wait for its owner's work, its attempts forgotten; None when it can't be."""
    row = session.get(JournalRow, identifier)
    if row is None or not (row.state is EntryState.SHUNTED or row.disposition is Disposition.HELD):
        return None
    row.state, row.attempts, row.claimed_by, row.claimed_until = EntryState.RECEIVED, 0, owner, until
    return row


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
