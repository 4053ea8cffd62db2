"""A time zone as calendars exchange it (RFC 5545 §3.6.5): rules by month and weekday, which Outlook needs.

Called by `mail.invitation`. Zones whose changes follow no such rule get the dates themselves.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Timezone

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EVER = datetime(1970, 1, 1)  # noqa: DTZ001  # RFC 5545: onsets are on the wall clock


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of the clocks: on the wall clock before it, from offset to offset."""

    onset: datetime  # naive
    before: timedelta
    after: timedelta
    name: str
    daylight: bool

    def rules(self) -> set[tuple[int, str]]:
        """Return the yearly rules that give this day: the nth such weekday of the month, perhaps the last."""
        day = self.onset
        weekday, last = _DAYS[day.weekday()], calendar.monthrange(day.year, day.month)[1]
        nths = [(day.day - 1) // 7 + 1, *([-1] if day.day + 7 > last else [])]
        return {(day.month, f"{nth}{weekday}") for nth in nths}

    def rules_with(self, other: _Change) -> set[tuple[int, str]]:
        """Return the rules that give another year's change as well; none if it is another kind of change."""
        same = (self.before, self.after, self.onset.time()) == (other.before, other.after, other.onset.time())
        return self.rules() & other.rules() if same else set()


@lru_cache(maxsize=64)
def timezone_component(zone: str, year: int) -> Timezone:
    """Return the VTIMEZONE of an IANA zone, right for that year and the ones beside it."""
    from icalendar import Timezone

    first, this, later = (list(_changes(ZoneInfo(zone), each)) for each in (year - 1, year, year + 1))
    if not (first or this or later):
        local = datetime(year, 1, 1, tzinfo=ZoneInfo(zone))
        offset = local.utcoffset() or timedelta()
        return _component(zone, [(_Change(_EVER, offset, offset, local.tzname() or zone, daylight=False), None)])
    if len(first) == len(this) == len(later):
        shared = [a.rules_with(b) & a.rules_with(c) for a, b, c in zip(first, this, later, strict=True)]
        if all(shared):  # "the last" rather than "the fourth" where both are true: it sorts first
            return _component(zone, [(change, min(rules)) for change, rules in zip(first, shared, strict=True)])
    return Timezone.from_tzid(zone, first_date=date(year - 1, 1, 1), last_date=date(year + 2, 1, 1))


def _component(zone: str, observances: list[tuple[_Change, tuple[int, str] | None]]) -> Timezone:
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    found = Timezone()
    found.add("TZID", zone)
    for change, rule in observances:
        part = TimezoneDaylight() if change.daylight else TimezoneStandard()
        part.add("DTSTART", change.onset)
        if rule:
            part.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": rule[0], "BYDAY": rule[1]})
        part.add("TZOFFSETFROM", change.before)
        part.add("TZOFFSETTO", change.after)
        part.add("TZNAME", change.name)
        found.add_component(part)
    return found


def _changes(zone: ZoneInfo, year: int) -> Iterator[_Change]:
    """Yield the year's changes, each found between two midnights with other offsets."""
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        if _offset(zone, at) != _offset(zone, at + DAY):
            yield _change(zone, at)
        at += DAY


def _change(zone: ZoneInfo, low: datetime) -> _Change:
    high = low + DAY
    before, after = _offset(zone, low), _offset(zone, high)
    while high - low > MINUTE:
        middle = low + (high - low) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    instant = high.replace(second=0, microsecond=0)
    local = instant.astimezone(zone)
    onset = (instant + before).replace(tzinfo=None)
    return _Change(onset, before, after, local.tzname() or "", daylight=bool(local.dst()))


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
