"""Business time: when a calendar is open, and how far a deadline lies ahead.

Asked by `receipt`, `route` (is it open?), the ledger (which month?) and the timers. Instants go in and come
out as aware UTC; local time exists in this module alone. A calendar is open when the wall clock of its zone
shows a time inside one of the day's half-open intervals: on the day the clock is put forward the hour that no
clock shows is not worked, on the day it is put back the doubled hour is worked twice if it is inside.

For speed each calendar keeps a table of its open intervals as integers (microseconds since 1970) with running
sums, computed a few years at a time, so that a deadline weeks away costs as much as one today.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from helpdesk.desk.daysoff import is_holiday
from helpdesk.desk.timetable import Interval, Timetable, micros, moment


class ReceiptRule(StrEnum):
    """How a mail outside the hours counts (DOMAIN, "Receipt rule")."""

    NEXT_OPENING = "next_opening"
    NEXT_BUSINESS_DAY = "next_business_day"


class Closure(StrEnum):
    """Why a calendar is closed at an instant; OPEN when it is not."""

    OPEN = "open"
    PAUSE = "pause"  # between two intervals of one day
    BEFORE_OPENING = "before_opening"
    AFTER_CLOSING = "after_closing"
    DAY_OFF = "day_off"  # a weekday without hours
    HOLIDAY = "holiday"
    CLOSED_DAY = "closed_day"  # the calendar's own `closed`


Intervals = tuple[Interval, ...]
WHOLE_DAY: Intervals = ((0, 24 * 60),)


@dataclass(slots=True)
class _Memo:
    """What a calendar has computed so far; replaced as a whole, so that threads may share it."""

    table: Timetable | None = None


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """A calendar of opening hours. `weekly` has seven entries, Monday first, each in minutes of the day."""

    name: str
    zone: str  # IANA
    weekly: tuple[Intervals, ...]
    holidays: tuple[str, ...] = ()
    closed: frozenset[date] = frozenset()
    opened: tuple[tuple[date, Intervals], ...] = ()  # these days have hours of their own, whatever else holds
    receipt: ReceiptRule = ReceiptRule.NEXT_OPENING
    _memo: _Memo = field(default_factory=_Memo, init=False, repr=False, compare=False)

    def is_open(self, at: datetime) -> bool:
        """Return whether the instant lies in an open interval (its start does, its end does not)."""
        instant = micros(at)
        table = self._covering(instant)
        index = bisect_right(table.starts, instant) - 1
        return index >= 0 and instant < table.ends[index]

    def next_opening(self, at: datetime) -> datetime:
        """Return the first open instant that is not before `at`: `at` itself when the calendar is open."""
        return moment(self._next_opening(micros(at)))

    def add_working_time(self, at: datetime, amount: timedelta) -> datetime:
        """Return the earliest instant by which `amount` of open time has passed since `at`.

        Using up a day's last minute gives that day's closing instant; adding nothing gives `at`.
        Raises ValueError for a negative amount.
        """
        instant, wanted = micros(at), amount // timedelta(microseconds=1)
        if wanted < 0:
            raise ValueError("working time can't be taken away")
        if wanted == 0:
            return at.astimezone(UTC)
        table = self._covering(instant)
        while table.worked[-1] - table.worked_before(instant) < wanted:
            table = self._further(table)
        target = table.worked_before(instant) + wanted
        index = bisect_left(table.worked, target)
        return moment(table.ends[index] - (table.worked[index] - target))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time between two instants; zero when `end` is not after `start`."""
        first, last = micros(start), micros(end)
        if last <= first:
            return timedelta()
        table = self._covering(first, last)
        return timedelta(microseconds=table.worked_before(last) - table.worked_before(first))

    def slices(self, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Return the open intervals between two instants, cut to them: what made a deadline."""
        first, last = micros(start), micros(end)
        table = self._covering(first, last)
        found = range(bisect_right(table.ends, first), bisect_left(table.starts, last))
        return tuple((moment(max(table.starts[i], first)), moment(min(table.ends[i], last))) for i in found)

    def end_of_business_days(self, at: datetime, count: int) -> datetime:
        """Return the last closing of the `count`-th business day after the date of `at`.

        Raises ValueError when `count` is less than 1.
        """
        if count < 1:
            raise ValueError("count business days from 1")
        table, ordinal = self._covering(micros(at)), self.local(at).toordinal()
        while (index := bisect_right(table.days, ordinal) + count - 1) >= len(table.days):
            table = self._further(table)
        return moment(table.ends[table.last_of_day[index]])

    def day(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Return the first opening and the last closing of the instant's date; None on a day off."""
        midnight = self.local(at).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        found = self.slices(midnight, midnight + timedelta(days=1))  # the wall clock's next midnight
        return (found[0][0], found[-1][1]) if found else None

    def next_day(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the first opening and the last closing of the first business day that opens after the instant."""
        today = self.day(at)
        if today is not None and today[0] > at:
            return today
        midnight = self.local(at).replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
        following = self.day(self.next_opening(midnight))
        assert following is not None  # it is open then
        return following

    def received(self, at: datetime) -> datetime:
        """Return when a mail delivered at that instant counts as received, by this calendar's receipt rule."""
        if self.receipt is ReceiptRule.NEXT_BUSINESS_DAY and self.closure(at) not in (Closure.OPEN, Closure.PAUSE):
            return self._opening_after_date(at)
        return self.next_opening(at)

    def closure(self, at: datetime) -> Closure:
        """Return why the calendar is closed at that instant, or OPEN."""
        if self.is_open(at):
            return Closure.OPEN
        instant, table, day = micros(at), self._covering(micros(at)), self.local(at).date()
        index = bisect_left(table.days, day.toordinal())
        if index == len(table.days) or table.days[index] != day.toordinal():
            return self._day_off(day)
        if instant < table.starts[table.first_of_day[index]]:
            return Closure.BEFORE_OPENING
        return Closure.PAUSE if instant < table.ends[table.last_of_day[index]] else Closure.AFTER_CLOSING

    def local(self, at: datetime) -> datetime:
        """Return the instant as this calendar's wall clock shows it."""
        return at.astimezone(ZoneInfo(self.zone))

    def hours_of(self, day: date) -> Intervals:
        """Return the intervals of that date, in minutes of the day; none on a day off."""
        for own, intervals in self.opened:
            if own == day:
                return intervals
        regular = self.weekly[day.weekday()]
        if not regular or day in self.closed or (self.holidays and is_holiday(self.holidays, day)):
            return ()
        return regular

    def _day_off(self, day: date) -> Closure:
        if day in self.closed:
            return Closure.CLOSED_DAY
        if self.holidays and is_holiday(self.holidays, day):
            return Closure.HOLIDAY
        return Closure.DAY_OFF

    def _next_opening(self, instant: int) -> int:
        table = self._covering(instant)
        while (index := bisect_right(table.ends, instant)) == len(table.ends):
            table = self._further(table)
        return max(table.starts[index], instant)

    def _opening_after_date(self, at: datetime) -> datetime:
        table, ordinal = self._covering(micros(at)), self.local(at).toordinal()
        while (index := bisect_right(table.days, ordinal)) == len(table.days):
            table = self._further(table)
        return moment(table.starts[table.first_of_day[index]])

    def _covering(self, *instants: int) -> Timetable:
        """Return a table that covers these instants, extending the one at hand if need be."""
        table = self._memo.table
        if table is not None and all(table.safe_from <= instant < table.safe_to for instant in instants):
            return table
        years = [moment(instant).year for instant in instants]
        known = [table.first_year, table.last_year] if table else []
        return self._compute(min(years + known), max(years + known))

    def _further(self, table: Timetable) -> Timetable:
        return self._compute(table.first_year, table.last_year + 1 + (table.last_year - table.first_year))

    def _compute(self, first_year: int, last_year: int) -> Timetable:
        table = Timetable.compute(self.hours_of, ZoneInfo(self.zone), first_year, last_year)
        self._memo.table = table
        return table


def local_date(at: datetime, zone: str) -> date:
    """Return the date that a calendar on the wall shows at that instant in that zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def from_local(written: datetime, zone: str) -> datetime:
    """Return the instant as aware UTC; one written without an offset is meant in `zone`."""
    aware = written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC)


def to_local(at: datetime, zone: str) -> datetime:
    """Return the instant with the offset of that zone, for people and for JSON."""
    return at.astimezone(ZoneInfo(zone))
