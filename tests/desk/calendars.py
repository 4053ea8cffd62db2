"""The calendars of DOMAIN's desk and a slow, obvious model of business time to compare with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.desk.hours import WHOLE_DAY, BusinessHours, ReceiptRule

WARSAW = "Europe/Warsaw"
MINUTE = timedelta(minutes=1)


def weekdays(
    *intervals: tuple[int, int], weekend: tuple[tuple[int, int], ...] = ()
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return a week with these hours (in hours of the day) from Monday to Friday."""
    working = tuple((start * 60, end * 60) for start, end in intervals)
    return (working,) * 5 + (weekend,) * 2


def polish(name: str, *intervals: tuple[int, int], receipt: ReceiptRule = ReceiptRule.NEXT_OPENING) -> BusinessHours:
    return BusinessHours(name, WARSAW, weekdays(*intervals), ("PL",), receipt=receipt)


CWT = polish("cwt", (9, 17), receipt=ReceiptRule.NEXT_BUSINESS_DAY)
CWT_NEXT_OPENING = polish("cwt", (9, 17))
COMMUNITY = polish("community", (10, 13))
EMAIL = polish("email", (9, 15))
START = polish("start", (8, 16))
STANDARD = polish("standard", (7, 17))
LUNCH = polish("lunch", (8, 12), (13, 17))
LUNCH_NEXT_BUSINESS_DAY = polish("lunch", (8, 12), (13, 17), receipt=ReceiptRule.NEXT_BUSINESS_DAY)
ALWAYS = BusinessHours("always", WARSAW, (WHOLE_DAY,) * 7)


def local(text: str, zone: str = WARSAW) -> datetime:
    """Return the instant that a wall clock in Warsaw shows."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


class MinuteModel:
    """Business time by looking at the wall clock once a minute; for whole minutes only."""

    def __init__(self, hours: BusinessHours, holidays: frozenset[date] = frozenset()) -> None:
        self.hours, self.holidays = hours, holidays
        self.zone = ZoneInfo(hours.zone)
        self.own = dict(hours.opened)

    def intervals(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self.own:
            return self.own[day]
        if day in self.hours.closed or day in self.holidays:
            return ()
        return self.hours.weekly[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        shown = at.astimezone(self.zone)
        minute = shown.hour * 60 + shown.minute
        return any(start <= minute < end for start, end in self.intervals(shown.date()))

    def add(self, at: datetime, minutes: int) -> datetime:
        while minutes:
            minutes -= self.is_open(at)
            at += MINUTE
        return at

    def between(self, start: datetime, end: datetime) -> int:
        return sum(self.is_open(start + MINUTE * n) for n in range(max(0, int((end - start) / MINUTE))))

    def next_opening(self, at: datetime) -> datetime:
        while not self.is_open(at):
            at += MINUTE
        return at

    def received(self, at: datetime) -> datetime:
        """By CONTRACT's wording: open, or between two intervals of the day, or by the reading."""
        if self.hours.receipt is ReceiptRule.NEXT_OPENING or self.is_open(at):
            return self.next_opening(at)
        today = at.astimezone(self.zone).date()
        before = any(self.is_open(one) for one in self._minutes_of(today) if one < at)
        after = any(self.is_open(one) for one in self._minutes_of(today) if one > at)
        if before and after:
            return self.next_opening(at)
        return self.next_opening(self._minutes_of(today + timedelta(days=1))[0])

    def end_of_business_days(self, at: datetime, count: int) -> datetime:
        day = at.astimezone(self.zone).date()
        while count:
            day += timedelta(days=1)
            count -= any(self.is_open(one) for one in self._minutes_of(day))
        return max(one for one in self._minutes_of(day) if self.is_open(one)) + MINUTE

    def _minutes_of(self, day: date) -> list[datetime]:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        around = (midnight + MINUTE * n for n in range(-16 * 60, 40 * 60))
        return [at for at in around if at.astimezone(self.zone).date() == day]
