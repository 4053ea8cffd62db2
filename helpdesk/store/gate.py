"""What the gate must know: mail that passed, mutes, quiet threads. One query answers for a whole batch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from helpdesk.desk.gate import LOOP_WINDOW_MINUTES, SURGE_WINDOW_MINUTES, Budget
from helpdesk.desk.mutes import Blame, muted_until
from helpdesk.desk.terms import NotificationKind, Side
from helpdesk.store.tables import AutomaticMailRow, CommentRow, MuteRow, OutboxRow, QuietThreadRow
from helpdesk.store.unit_of_work import write

SPAM = "spam, says "  # how the reason of such a mute begins
_MAIL = AutomaticMailRow.__table__


@dataclass(slots=True)
class GateFacts:
    """The facts of one batch; counts grow as the batch is worked off."""

    strangers: dict[str, int] = field(default_factory=dict)  # sent to each within the hour
    hour: dict[str, int] = field(default_factory=dict)
    day: dict[str, int] = field(default_factory=dict)
    mutes: dict[str, str] = field(default_factory=dict)  # address → reason
    heard: dict[tuple[int, str], int] = field(default_factory=dict)  # mails by ticket and author, a few minutes old
    quiet: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    relays: int = 0
    relayed: int = 0


def gather(session: Session, addresses: Collection[str], numbers: Collection[int], now: datetime) -> GateFacts:
    """Return what has been sent to these addresses and heard on these tickets: one query."""
    facts = GateFacts()
    asked = {
        "addresses": list(addresses),
        "numbers": list(numbers),
        "now": now,
        "a_day_ago": now - timedelta(days=1),
        "an_hour_ago": now - timedelta(hours=1),
        "surge_began": now - timedelta(minutes=SURGE_WINDOW_MINUTES),
        "loop_began": now - timedelta(minutes=LOOP_WINDOW_MINUTES),
    }
    for kind, name, number, first, second in session.connection().execute(_question(), asked):
        match kind:
            case "stranger":
                facts.strangers[name], facts.hour[name], facts.day[name] = first, first, second
            case "contact":
                facts.hour[name] = first
            case "mute":
                facts.mutes[name] = "muted"
            case "heard":
                facts.heard[number, name] = first
            case "quiet":
                facts.quiet.add(number)
            case "acknowledged":
                facts.acknowledged.add(number)
            case "relay":
                facts.relays, facts.relayed = first, second
    return facts


@cache
def _question() -> sa.CompoundSelect[Any]:
    """Return the one question, built once: to put it together takes longer than the database takes for an answer."""
    return sa.union_all(_strangers(), _relays(), _contacts(), _mutes(), _heard(), _quiet(), _acknowledged())


def _line(kind: str, name: Any, number: Any, first: Any, second: Any) -> Any:
    zero: Any = sa.literal_column("0")
    return sa.select(
        sa.literal_column(f"'{kind}'").label("kind"),
        (sa.literal_column("''") if name is None else name).label("name"),
        (zero if number is None else number).label("number"),
        (zero if first is None else first).label("first"),
        (zero if second is None else second).label("second"),
    )


def _one_of(name: str) -> Any:
    return sa.bindparam(name, expanding=True)


def _strangers() -> Any:
    within_hour = sa.func.sum(sa.case((_MAIL.c.at > sa.bindparam("an_hour_ago"), 1), else_=0))
    line = _line("stranger", _MAIL.c.recipient, None, within_hour, sa.func.count())
    today = _MAIL.c.at > sa.bindparam("a_day_ago")
    return line.where(_MAIL.c.kind == Budget.STRANGER, today).group_by(_MAIL.c.recipient)


def _relays() -> Any:
    line = _line("relay", None, None, sa.func.count(), sa.func.count(_MAIL.c.cause.distinct()))
    return line.where(_MAIL.c.kind == Budget.RELAY, _MAIL.c.at > sa.bindparam("surge_began"))


def _contacts() -> Any:
    line = _line("contact", _MAIL.c.recipient, None, sa.func.count(), None)
    known = _MAIL.c.kind.in_((Budget.CONTACT, Budget.RELAY))
    recent = _MAIL.c.at > sa.bindparam("an_hour_ago")
    return line.where(_MAIL.c.recipient.in_(_one_of("addresses")), recent, known).group_by(_MAIL.c.recipient)


def _mutes() -> Any:
    line = _line("mute", col(MuteRow.addr), None, None, None)
    lasts = sa.or_(col(MuteRow.until).is_(None), col(MuteRow.until) > sa.bindparam("now"))
    return line.where(col(MuteRow.addr).in_(_one_of("addresses")), lasts)


def _heard() -> Any:
    line = _line("heard", col(CommentRow.author_addr), col(CommentRow.ticket), sa.func.count(), None)
    return line.where(
        col(CommentRow.ticket).in_(_one_of("numbers")),
        CommentRow.side == Side.CUSTOMER,
        col(CommentRow.entry).is_not(None),
        col(CommentRow.delivered_at) > sa.bindparam("loop_began"),
    ).group_by(col(CommentRow.author_addr), col(CommentRow.ticket))


def _quiet() -> Any:
    line = _line("quiet", None, col(QuietThreadRow.ticket), None, None)
    return line.where(
        col(QuietThreadRow.ticket).in_(_one_of("numbers")), col(QuietThreadRow.until) > sa.bindparam("now")
    )


def _acknowledged() -> Any:
    line = _line("acknowledged", None, col(OutboxRow.ticket), None, None)
    return line.where(col(OutboxRow.ticket).in_(_one_of("numbers")), OutboxRow.notification == NotificationKind.NEW)


def count(session: Session, kind: Budget, recipient: str, cause: str, now: datetime) -> None:
    """Note that an automatic mail passed."""
    write(session, AutomaticMailRow, [{"at": now, "kind": kind.value, "recipient": recipient, "cause": cause}])


def forget_before(session: Session, now: datetime) -> None:
    """Drop what no budget looks at any more."""
    session.execute(sa.delete(AutomaticMailRow).where(col(AutomaticMailRow.at) < now - timedelta(days=2)))


def silence(session: Session, number: int, until: datetime) -> None:
    """Switch a ticket's automatic mail off until then."""
    session.merge(QuietThreadRow(ticket=number, until=until))
    session.flush()


def strike(session: Session, addr: str, trouble: Blame, reason: str, now: datetime) -> bool:
    """Mute an address as its trouble calls for; return whether it is muted now."""
    row = session.get(MuteRow, addr)
    found = muted_until(trouble, now, row.strikes if row else 0, row.struck_at if row else None)
    if found is None:
        return False
    until, strikes = found
    if row is not None and row.until is None:
        until = None  # what is for good stays so
    session.merge(MuteRow(addr=addr, until=until, reason=reason, strikes=strikes, struck_at=now))
    session.flush()
    return True


def is_spam(session: Session, addr: str) -> bool:
    """Return whether a consultant muted the address as a spammer's: writing again does not lift that."""
    row = session.get(MuteRow, addr.casefold())
    return row is not None and row.reason.startswith(SPAM)


def unmute(session: Session, addr: str) -> bool:
    """Let mail go to an address again; return whether it was muted."""
    row = session.get(MuteRow, addr.casefold())
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def muted(session: Session, now: datetime) -> list[MuteRow]:
    """Return the addresses that get no mail, the latest first."""
    live = sa.or_(col(MuteRow.until).is_(None), col(MuteRow.until) > now)
    return list(session.exec(select(MuteRow).where(live).order_by(col(MuteRow.struck_at).desc())))
