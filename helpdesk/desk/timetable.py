"""The open intervals of a calendar over some years, as sorted integers with running sums.

Only `hours` uses it. Integers are microseconds since 1970 UTC: exact, and quick to search.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from operator import sub
from zoneinfo import ZoneInfo

Interval = tuple[int, int]  # minutes of the day, the end exclusive, 1440 being 24:00

EARLIEST_YEAR, LATEST_YEAR = 1900, 2400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 86_400 * _SECOND


def micros(at: datetime) -> int:
    """Return the instant in microseconds since 1970 UTC. Raises TypeError for a datetime without zone."""
    passed = at - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * _SECOND + passed.microseconds


def moment(instant: int) -> datetime:
    """Return the aware UTC datetime of that many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=instant)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Open intervals from `first_year` to a year after `last_year`; `days` are the business days' ordinals."""

    first_year: int
    last_year: int
    safe_from: int  # instants in [safe_from, safe_to) have all that matters around them in the table
    safe_to: int
    starts: list[int]
    ends: list[int]
    worked: list[int]  # open time up to and including each interval
    days: list[int]
    first_of_day: list[int]  # index of each business day's first interval
    last_of_day: list[int]

    def worked_before(self, instant: int) -> int:
        """Return the open time in the table before that instant."""
        index = bisect_right(self.starts, instant) - 1  # the interval it is in, or the last one before
        if index < 0:
            return 0
        return self.worked[index] - max(0, self.ends[index] - instant)

    @classmethod
    def compute(
        cls, hours_of: Callable[[date], tuple[Interval, ...]], zone: ZoneInfo, first_year: int, last_year: int
    ) -> Timetable:
        """Return the table of those years and a margin. Raises ValueError for years that no desk will see."""
        if first_year < EARLIEST_YEAR or last_year > LATEST_YEAR:
            raise ValueError(f"business time is known from {EARLIEST_YEAR} to {LATEST_YEAR} only")
        starts: list[int] = []
        ends: list[int] = []
        days: list[int] = []
        firsts: list[int] = []
        lasts: list[int] = []
        for ordinal, before, after in _offsets(zone, first_year, last_year + 1):
            pieces = _pieces(ordinal, hours_of(date.fromordinal(ordinal)), before, after, zone)
            if pieces:
                days.append(ordinal)
                firsts.append(len(starts))
                starts += [start for start, _ in pieces]
                ends += [end for _, end in pieces]
                lasts.append(len(starts) - 1)
        worked = list(accumulate(map(sub, ends, starts)))
        safe_from, safe_to = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (first_year, last_year + 1))
        return cls(first_year, last_year, safe_from, safe_to, starts, ends, worked, days, firsts, lasts)


def _offsets(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[tuple[int, int, int]]:
    """Yield each date's ordinal with the UTC offsets of the noons before and after it."""
    first = date(first_year, 1, 1).toordinal() - 2
    last = date(last_year, 12, 31).toordinal() + 2
    before, now = _noon_offset(first - 1, zone), _noon_offset(first, zone)
    for ordinal in range(first, last + 1):
        after = _noon_offset(ordinal + 1, zone)
        yield ordinal, before, after
        before, now = now, after


def _noon_offset(ordinal: int, zone: ZoneInfo) -> int:
    day = date.fromordinal(ordinal)
    offset = datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset()
    assert offset is not None  # a ZoneInfo always knows
    return offset // timedelta(microseconds=1)


def _pieces(
    ordinal: int, intervals: tuple[Interval, ...], before: int, after: int, zone: ZoneInfo
) -> list[tuple[int, int]]:
    """Return a date's open intervals in UTC; those that a change of the clock cuts become two."""
    midnight = (ordinal - _EPOCH_ORDINAL) * _DAY
    wall = [(midnight + start * _MINUTE, midnight + end * _MINUTE) for start, end in intervals]
    if before == after:
        return [(start - before, end - before) for start, end in wall]
    change = _change_of_clock(midnight - _DAY // 2 - before, midnight + _DAY * 3 // 2 - after, after, zone)
    early = [(start - before, min(end - before, change)) for start, end in wall]
    late = [(max(start - after, change), end - after) for start, end in wall]
    return _joined([piece for piece in early + late if piece[0] < piece[1]])


def _change_of_clock(low: int, high: int, after: int, zone: ZoneInfo) -> int:
    """Return the first instant in (low, high] at which the zone has the offset `after`, to the second."""
    while high - low > _SECOND:
        middle = low + (high - low) // (2 * _SECOND) * _SECOND
        offset = moment(middle).astimezone(zone).utcoffset()
        low, high = (low, middle) if offset == timedelta(microseconds=after) else (middle, high)
    return high


def _joined(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pieces in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
