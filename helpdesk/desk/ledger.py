"""What time costs: how a session of work counts, what the package bears, and the month's account.

Asked by the services that log time and by `helpdesk ledger`. Entries are never changed: a correction is a
counter-entry. How an entry counts is settled when it is written, by the plan of that day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from helpdesk.desk.hours import local_date
from helpdesk.desk.plans import Channel, Plan
from helpdesk.desk.terms import TicketKind

NOTHING = timedelta()
_GROSZ = Decimal("0.01")
_MICROSECONDS_AN_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Charge:
    """How one session counts. Of `counted`, `packaged` is borne by the package and `overage` is paid.

    For mail nothing is packaged or paid: its time counts towards the guarantee's cap alone.
    """

    channel: Channel
    worked: timedelta
    write_up: timedelta
    unit: timedelta  # counted per started unit; zero: exactly
    counted: timedelta
    packaged: timedelta
    overage: timedelta
    rate: Decimal | None  # an hour of overage, net; None where no plan names a price

    @property
    def amount(self) -> Decimal | None:
        """The price of the overage, net, rounded to the grosz session by session; None without a rate."""
        if not self.overage:
            return Decimal("0.00")
        if self.rate is None:
            return None
        exact = self.rate * (self.overage // timedelta(microseconds=1)) / _MICROSECONDS_AN_HOUR
        return exact.quantize(_GROSZ, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One session, or the counter-entry that takes one back (`corrects`)."""

    number: int
    started_at: datetime
    consultant: str
    ticket: str
    kind: TicketKind
    charge: Charge
    corrects: int | None = None
    plan: str = ""  # the name of the plan that it was counted by
    zone: str = "UTC"  # the plan's
    reason: str = ""  # what was done, or why it is taken back


def charge(
    plan: Plan | None, channel: Channel, worked: timedelta, package_left: timedelta, write_up: timedelta | None = None
) -> Charge:
    """Return how a session counts, the package first and the rest at the plan's rate.

    `worked` is without the writing up: the plan's `write_up` is added, or the one given here instead, and then
    the sum is rounded up to the channel's started unit. Raises ValueError for a session without length.
    """
    if worked <= NOTHING or (write_up is not None and write_up < NOTHING):
        raise ValueError("a session lasts at least a minute, and writing it up never takes less than none")
    if channel is Channel.MAIL:
        return Charge(channel, worked, NOTHING, NOTHING, worked, NOTHING, NOTHING, None)
    terms = plan or Plan("")
    writing = terms.write_up if write_up is None else write_up
    unit = terms.rounding.get(channel, NOTHING)
    counted = _rounded_up(worked + writing, unit)
    packaged = min(counted, max(package_left, NOTHING)) if channel in terms.package_for else NOTHING
    return Charge(channel, worked, writing, unit, counted, packaged, counted - packaged, terms.rate)


def _rounded_up(time: timedelta, unit: timedelta) -> timedelta:
    return -(-time // unit) * unit if unit else time


def counter_entry(entry: LedgerEntry, number: int, consultant: str, reason: str = "") -> LedgerEntry:
    """Return the entry that takes another back, in the same month; what it used of the package is free again."""
    taken = entry.charge
    back = replace(
        taken,
        worked=-taken.worked,
        write_up=-taken.write_up,
        counted=-taken.counted,
        packaged=-taken.packaged,
        overage=-taken.overage,
    )
    return replace(entry, number=number, consultant=consultant, charge=back, corrects=entry.number, reason=reason)


def month_of(started_at: datetime, zone: str) -> str:
    """Return the month (`2026-11`) that a session belongs to: that of its start, in the plan's zone."""
    return f"{local_date(started_at, zone):%Y-%m}"


def package_left(plan: Plan | None, month: Iterable[LedgerEntry]) -> timedelta:
    """Return what is left of the package, given the month's entries so far; never less than nothing."""
    package = plan.package if plan and plan.package else NOTHING
    return max(NOTHING, package - sum((entry.charge.packaged for entry in month), NOTHING))


def guaranteed_support_used(month: Iterable[LedgerEntry]) -> timedelta:
    """Return the month's mail time that counts towards the guarantee's cap: errors don't."""
    counts = (e.charge.counted for e in month if e.charge.channel is Channel.MAIL and e.kind is not TicketKind.ERROR)
    return sum(counts, NOTHING)


@dataclass(frozen=True, slots=True)
class Statement:
    """A month's account of one organisation, entries in the order of their start."""

    entries: tuple[LedgerEntry, ...]
    package: timedelta
    packaged: timedelta
    overage: timedelta
    amount: Decimal  # net
    unpriced: timedelta  # overage for which no plan names a price
    guaranteed_support: timedelta | None  # the cap; None: no cap
    guaranteed_support_used: timedelta

    @property
    def package_left(self) -> timedelta:
        return max(NOTHING, self.package - self.packaged)


def statement(plan: Plan | None, month: Iterable[LedgerEntry]) -> Statement:
    """Return the account of a month's entries; the same entries give the same account, whatever their order."""
    entries = tuple(sorted(month, key=lambda entry: (entry.started_at, entry.number)))
    charges = [entry.charge for entry in entries]
    return Statement(
        entries=entries,
        package=plan.package if plan and plan.package else NOTHING,
        packaged=sum((one.packaged for one in charges), NOTHING),
        overage=sum((one.overage for one in charges), NOTHING),
        amount=sum((one.amount or Decimal(0) for one in charges), Decimal("0.00")),
        unpriced=sum((one.overage for one in charges if one.amount is None), NOTHING),
        guaranteed_support=plan.guaranteed_support if plan else None,
        guaranteed_support_used=guaranteed_support_used(entries),
    )
