"""Who polls a mailbox, where several daemons share one PostgreSQL (RELIABILITY 2.6).

The database's own clock decides, so that no daemon's wrong clock steals a lease. SQLite has one daemon at a time, which
its file lock sees to: there every lease is granted. Leases spare the servers double work; what makes double work
harmless is the journal's unique key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

SECONDS = 90  # a lease lasts so long unless it is renewed
RENEWAL = 30.0  # seconds between two renewals

_TAKE = sa.text(
    "INSERT INTO mailbox_lease (mailbox, owner, until, fence)"
    " VALUES (:mailbox, :owner, clock_timestamp() + make_interval(secs => :seconds), 1)"
    " ON CONFLICT (mailbox) DO UPDATE SET owner = excluded.owner, until = excluded.until,"
    " fence = mailbox_lease.fence + CASE WHEN mailbox_lease.owner = excluded.owner THEN 0 ELSE 1 END"
    " WHERE mailbox_lease.owner = excluded.owner OR mailbox_lease.until < clock_timestamp() RETURNING fence"
)
_HELD = sa.text(
    "SELECT 1 FROM mailbox_lease WHERE mailbox = :mailbox AND owner = :owner AND until >= clock_timestamp()"
)
_HOLDER = sa.text(
    "SELECT owner, until, EXTRACT(EPOCH FROM until - clock_timestamp()) FROM mailbox_lease"
    " WHERE mailbox = :mailbox AND until >= clock_timestamp()"
)
_GIVE_BACK = sa.text("DELETE FROM mailbox_lease WHERE owner = :owner")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease, until when, and for how many seconds from now; all by the database's clock."""

    owner: str
    until: datetime
    seconds: float


def take(session: Session, mailbox: str, owner: str, seconds: float = SECONDS) -> int | None:
    """Take or renew a lease; return its fencing number, which grows with each change of hands, or None: it is taken."""
    if session.get_bind().dialect.name == "sqlite":
        return 0
    wanted = {"mailbox": mailbox, "owner": owner, "seconds": seconds}
    fence = session.connection().execute(_TAKE, wanted).scalar()
    return None if fence is None else int(fence)


def is_held(session: Session, mailbox: str, owner: str) -> bool:
    """Return whether the lease is this owner's still."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return session.connection().execute(_HELD, {"mailbox": mailbox, "owner": owner}).first() is not None


def holder(session: Session, mailbox: str) -> Holder | None:
    """Return who holds a lease; None when nobody does, and always on SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    row = session.connection().execute(_HOLDER, {"mailbox": mailbox}).first()
    return None if row is None else Holder(row[0], row[1], float(row[2]))


def give_back(session: Session, owner: str) -> None:
    """End all leases of an owner, so that others need not wait for them to run out."""
    session.connection().execute(_GIVE_BACK, {"owner": owner})
