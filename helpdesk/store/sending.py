"""Outgoing mails on their way: claimed, marked before they may leave, recorded after the answer (RELIABILITY 2.6).

Called by `services.delivery` and its `aftermath`; what can be asked of letters at rest stands in `outbox`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.store import bulk
from helpdesk.store.outbox import touched
from helpdesk.store.tables import OutboxRow, SendAttemptRow
from helpdesk.store.unit_of_work import write

_TABLE = OutboxRow.__table__

# Run twice for every mail that leaves: built once, and past the ORM, which would look for rows to synchronise.
# The fence of RELIABILITY 2.6: owner and try, since an owner that slept may have claimed the same row anew.
_MINE = sa.and_(
    _TABLE.c.id == sa.bindparam("mine"),
    _TABLE.c.claimed_by == sa.bindparam("owner"),
    _TABLE.c.attempts == sa.bindparam("tries_before"),
    _TABLE.c.state == OutboxState.SENDING,
)


_SETTLE = sa.update(_TABLE).where(_MINE)


_MARK = _SETTLE.where(_TABLE.c.in_data.is_(False)).values(in_data=True, claimed_until=sa.bindparam("until"))


_FREE = _SETTLE.values(state=OutboxState.QUEUED, claimed_by=None, claimed_until=None, in_data=False)


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """An outgoing mail to hand over now."""

    id: int
    ticket: int | None
    notification: NotificationKind
    recipient: str
    sender: str
    subject: str
    attempt: int  # the number of this try, from 1
    ambiguous: int
    interruptions: int
    created_at: datetime
    content: bytes = field(repr=False)


_CLAIMED = sa.select(
    *(_TABLE.c[each.name] for each in fields(ClaimedMail) if each.name not in ("attempt", "content")),
    bulk.unless_big(_TABLE.c.content).label("content"),
    (_TABLE.c.attempts + 1).label("attempt"),
)


def _due(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    again = (OutboxState.DEFERRED, OutboxState.UNKNOWN)
    return sa.or_(
        _TABLE.c.state == OutboxState.QUEUED, sa.and_(_TABLE.c.state.in_(again), _TABLE.c.next_attempt_at <= now)
    )


def _earlier_on_its_way() -> sa.ColumnElement[bool]:
    earlier = _TABLE.alias()
    waits = sa.or_(
        earlier.c.state == OutboxState.QUEUED,  # else both were claimed, and the first might then be put off
        sa.and_(earlier.c.state == OutboxState.DEFERRED, earlier.c.next_attempt_at > sa.bindparam("now")),
    )
    holds_up = sa.or_(
        earlier.c.state == OutboxState.SENDING, sa.and_(waits, earlier.c.created_at > sa.bindparam("an_hour_ago"))
    )
    return sa.exists().where(
        earlier.c.ticket == _TABLE.c.ticket,
        earlier.c.recipient == _TABLE.c.recipient,
        earlier.c.id < _TABLE.c.id,
        holds_up,
    )


_NEXT = (
    sa.select(_TABLE.c.id, sa.func.length(_TABLE.c.content))
    .where(_TABLE.c.account == sa.bindparam("account"), _due(sa.bindparam("now")), ~_earlier_on_its_way())
    .order_by(_TABLE.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
)


def claim_due(
    session: Session, account: str, owner: str, now: datetime, until: datetime, *, limit: int, max_bytes: int
) -> list[ClaimedMail]:
    """Claim due mails of one account, oldest first, until an instant of the lease clock.

    No later mail of a ticket to a person goes while an earlier one is on its way, or waits and is less than
    an hour old (RELIABILITY 2.6). At least one is returned if any is due; more stay within `max_bytes`.
    """
    chosen = _choose(session, account, now, limit, max_bytes)
    if not chosen:
        return []
    connection = session.connection()
    claim = {"state": OutboxState.SENDING, "claimed_by": owner, "claimed_until": until, "in_data": False}
    connection.execute(sa.update(_TABLE).where(_TABLE.c.id.in_(chosen)).values(claim))
    statement = _CLAIMED.where(_TABLE.c.id.in_(chosen)).order_by(_TABLE.c.id)
    return [ClaimedMail(**row) for row in bulk.rows(connection, statement, "content", _TABLE.c.content)]


def _choose(session: Session, account: str, now: datetime, limit: int, max_bytes: int) -> list[int]:
    """Return the ids of what is due and fits, the oldest first; read without the mails, of which there may be many."""
    asked = {"account": account, "now": now, "an_hour_ago": now - timedelta(hours=1), "most": limit}
    chosen: list[int] = []
    total = 0
    for identifier, size in session.connection().execute(_NEXT, asked):
        total += size
        if chosen and total > max_bytes:
            break
        chosen.append(identifier)
    return chosen


def mark_in_data(session: Session, mail: ClaimedMail, owner: str, until: datetime) -> bool:
    """Note durably that a mail is about to leave; False when somebody else decided about it meanwhile.

    The lease is counted anew from here: the mails before it in the session may have taken long.
    """
    return touched(session.connection().execute(_MARK, _fence(mail, owner) | {"until": until})) == 1


def record(session: Session, mail: ClaimedMail, owner: str, now: datetime, values: Mapping[str, Any]) -> bool:
    """Record the outcome of a try; False (and nothing changed) when the claim was lost meanwhile."""
    settled = {"claimed_by": None, "claimed_until": None, "in_data": False, "attempts": mail.attempt, **values}
    if touched(session.connection().execute(_SETTLE, _fence(mail, owner) | settled)) != 1:
        return False
    attempt = {
        "outbox": mail.id,
        "attempt": mail.attempt,
        "at": now,
        "outcome": settled["state"].value,
        "code": settled.get("code"),
        "enhanced": "",
        "reply": settled.get("reply", ""),
    }
    write(session, SendAttemptRow, [attempt])
    return True


def release(session: Session, mails: Iterable[ClaimedMail], owner: str) -> None:
    """Give claimed mails back uncharged: nothing of them can have left."""
    for mail in mails:
        session.connection().execute(_FREE, _fence(mail, owner))


def interrupted(session: Session, mail: ClaimedMail, owner: str, reason: str, again: datetime | None) -> bool:
    """Give a mail back at which the server ended the session, uncharged; until `again` others go first.

    False (and nothing changed) when the claim was lost meanwhile.
    """
    freed = {"claimed_by": None, "claimed_until": None, "in_data": False, "interruptions": mail.interruptions + 1}
    state = OutboxState.DEFERRED if again else OutboxState.QUEUED
    values = freed | {"state": state, "next_attempt_at": again, "reason": reason}
    return touched(session.connection().execute(_SETTLE, _fence(mail, owner) | values)) == 1


def _fence(mail: ClaimedMail, owner: str) -> dict[str, Any]:
    return {"mine": mail.id, "owner": owner, "tries_before": mail.attempt - 1}


def recover_dead(
    session: Session,
    leased_until: datetime,
    ambiguous_until: datetime,
    *,
    living: tuple[str, Collection[str]] = ("", ()),
) -> int:
    """Settle what a dead owner left: back to QUEUED when nothing can have left, else UNKNOWN; return how many are.

    Dead are claims whose lease ends by `leased_until`: now, by the lease clock, or for the only daemon there can be
    the end of time. `living` is the owner who asks, with the accounts that it is sending on just now.
    """
    owner, at_work = living
    dead = sa.update(OutboxRow).where(
        col(OutboxRow.state) == OutboxState.SENDING,
        col(OutboxRow.claimed_until) <= leased_until,
        sa.or_(col(OutboxRow.claimed_by) != owner, col(OutboxRow.account).not_in(at_work)),
    )
    freed = {"claimed_by": None, "claimed_until": None, "in_data": False}
    session.execute(dead.where(col(OutboxRow.in_data).is_(False)).values(state=OutboxState.QUEUED, **freed))
    unknown = session.execute(
        dead.where(col(OutboxRow.in_data).is_(True)).values(
            state=OutboxState.UNKNOWN,
            reason="the program ended while this mail was on its way",
            next_attempt_at=sa.case((col(OutboxRow.ambiguous) == 0, ambiguous_until), else_=None),  # once, no more
            ambiguous=OutboxRow.ambiguous + 1,
            attempts=OutboxRow.attempts + 1,
            **freed,
        )
    )
    return touched(unknown)


def next_due(session: Session) -> datetime | None:
    """Return when the next deferred or unknown mail wants to be tried."""
    statement = select(sa.func.min(OutboxRow.next_attempt_at)).where(
        col(OutboxRow.state).in_((OutboxState.DEFERRED, OutboxState.UNKNOWN))
    )
    return session.exec(statement).one()


def accounts_with_due(session: Session, now: datetime) -> list[str]:
    """Return the accounts that have something to send now."""
    return list(session.exec(select(OutboxRow.account).where(_due(now)).distinct()))
