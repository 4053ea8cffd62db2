"""Lengths of time as people write them in the rules: `8h`, `1h 30m`, `14 days`, `5 business days`, `3 months`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.desk.hours import BusinessHours

LONGEST = timedelta(days=3660)
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "w": timedelta(days=7),
    "week": timedelta(days=7),
}
_PART = re.compile(r"\s*(\d{1,6})\s*([a-z]+)", re.ASCII)
_BUSINESS_DAYS = re.compile(r"\s*(\d{1,3})\s+business\s+days?\s*", re.ASCII)
_MONTHS = re.compile(r"\s*(\d{1,3})\s+(month|year)s?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of elapsed time, or of business days, whose end depends on a calendar."""

    elapsed: timedelta = timedelta()
    business_days: int = 0

    def after(self, at: datetime, hours: BusinessHours) -> datetime:
        """Return the instant at which the span that begins at `at` is over (CONTRACT, "Business time")."""
        if self.business_days:
            return hours.end_of_business_days(at, self.business_days)
        return at + self.elapsed


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def parse_duration(text: str) -> timedelta:
    """Return the elapsed time that the text names. Raises ValueError with a sentence."""
    total, position = timedelta(), 0
    while position < len(text.rstrip()):
        part = _PART.match(text, position)
        unit = _UNITS.get(part[2]) or _UNITS.get(part[2].removesuffix("s")) if part else None
        if part is None or unit is None:
            raise ValueError(f"{text!r} is not a length of time; write for instance 30m, 8h, 1h 30m or 14 days")
        total, position = total + int(part[1]) * unit, part.end()
        if total > LONGEST:
            raise ValueError(f"{text!r} is longer than ten years")
    if not position:
        raise ValueError("a length of time is missing; write for instance 30m, 8h or 14 days")
    return total


def parse_span(text: str) -> Span:
    """Return the elapsed time or the business days that the text names. Raises ValueError with a sentence."""
    days = _BUSINESS_DAYS.fullmatch(text)
    if days is None:
        return Span(elapsed=parse_duration(text))
    if not int(days[1]):
        raise ValueError("count business days from 1")
    return Span(business_days=int(days[1]))


def parse_months(text: str) -> int:
    """Return the number of months that the text names. Raises ValueError with a sentence."""
    months = _MONTHS.fullmatch(text)
    if months is None:
        raise ValueError(f"{text!r} is not a number of months; write for instance 3 months or 1 year")
    return int(months[1]) * (12 if months[2] == "year" else 1)
