"""How single values are written in the rules: days and hours, dates, addresses, sizes, comparisons.

Each function returns the value and raises ValueError with a sentence for the admin.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpdesk.desk.daysoff import is_known, known_countries
from helpdesk.desk.rules.kinds import nearest
from helpdesk.desk.spans import DateRange
from helpdesk.desk.timetable import Interval
from helpdesk.mail.message import Address

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)+")
_DOMAIN = re.compile(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)+")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<addr>[^<>]+)>")


def days(text: str) -> tuple[int, ...]:
    """Return the weekdays (Monday is 0) of `mon`, `mon-fri`, `sat, sun`."""
    found: list[int] = []
    for part in text.lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        for name in (first, last) if dash else (first,):
            if name not in DAYS:
                raise ValueError(f"{name!r} is no weekday{nearest(name, list(DAYS))}")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found += [day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)]
    return tuple(found)


def intervals(text: str) -> tuple[Interval, ...]:
    """Return the open intervals of `08:00-12:00, 13:00-17:00` in minutes of the day; 24:00 ends a day."""
    found: list[Interval] = []
    for start, end in sorted(_interval(part.strip()) for part in text.split(",")):
        if found and start < found[-1][1]:
            raise ValueError(f"{text!r}: two intervals overlap")
        if found and start == found[-1][1]:
            start = found.pop()[0]  # 09:00-12:00, 12:00-17:00 has no pause
        found.append((start, end))
    return tuple(found)


def _interval(text: str) -> Interval:
    parts = _INTERVAL.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is no interval of hours; write for instance 09:00-17:00")
    (start_hour, start_minute, end_hour, end_minute) = (int(part) for part in parts.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or end > 24 * 60:
        raise ValueError(f"{text!r}: a day has 24 hours of 60 minutes")
    if end <= start:
        raise ValueError(f"{text!r} ends before it begins; for a night write 22:00-24:00 and 00:00-06:00 the day after")
    return start, end


def day(text: str) -> date:
    """Return the date of `2026-12-24`."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(f"{text!r} is no date; write for instance 2026-12-24")
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r}: the calendar has no such day") from None
    if not 1970 <= found.year <= 2300:
        raise ValueError(f"{text!r}: a year from 1970 to 2300, please")
    return found


def day_range(text: str) -> DateRange:
    """Return the days of `2026-12-24` or `2026-12-24..2026-12-31`, both ends included."""
    first, dots, last = (part.strip() for part in text.partition(".."))
    found = DateRange(day(first), day(last) if dots else day(first))
    if found.last < found.first:
        raise ValueError(f"{text!r} ends before it begins")
    return found


def days_of(span: DateRange) -> tuple[date, ...]:
    """Return each day of a range. Raises ValueError when it is longer than a year."""
    length = (span.last - span.first).days
    if length > 366:
        raise ValueError(f"{span.first}..{span.last} is longer than a year; close the queue instead")
    return tuple(span.first + timedelta(days=number) for number in range(length + 1))


def instant(text: str) -> datetime:
    """Return the time of `2026-11-21T10:00`; without an offset it is naive, and meant in the rules' zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time; write for instance 2026-11-21T10:00") from None
    if not 1970 <= found.year <= 2300:
        raise ValueError(f"{text!r}: a year from 1970 to 2300, please")
    return found


def zone(text: str) -> str:
    """Return the name of a time zone that exists."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {text!r}; write for instance Europe/Warsaw") from None


def country(text: str) -> str:
    """Return the code of a country, or country and region, whose holidays are known."""
    if not is_known(text):
        raise ValueError(f"no table of holidays for {text!r}{nearest(text, list(known_countries()))}")
    return text


def is_address(text: str) -> bool:
    """Return whether the text is one bare mail address."""
    return _ADDRESS.fullmatch(text) is not None and len(text) <= 254


def address(text: str) -> str:
    """Return a bare address, in lower case."""
    if not is_address(text):
        raise ValueError(f"{text!r} is no mail address")
    return text.casefold()


def named_address(text: str) -> Address:
    """Return the address of `Jan Kowalski <jan@acme.example>` or of a bare one."""
    named = _NAMED.fullmatch(text)
    name, addr = (named["name"].strip().strip('"'), named["addr"].strip()) if named else ("", text)
    address(addr)
    local, _, domain = addr.rpartition("@")
    return Address(name, f"{local}@{domain.lower()}")


def domain(text: str) -> str:
    """Return a domain, in lower case."""
    if not _DOMAIN.fullmatch(text) or len(text) > 253:
        raise ValueError(f"{text!r} is no domain; write for instance acme.example, without @ or *")
    return text.casefold()


def money(text: str) -> Decimal:
    """Return an amount with at most two decimals."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount < 1_000_000 and amount == round(amount, 2)):
        raise ValueError(f"{text!r} is no amount of money; write for instance 165 or 165.50")
    return amount


def one_line(text: str) -> str:
    """Return a text of one line, fit for a header."""
    if "\n" in text or len(text) > 500:
        raise ValueError("a text of one line and at most 500 characters, please")
    return text


def prefix(text: str) -> str:
    """Return the prefix of ticket keys."""
    if not re.fullmatch(r"[A-Z]{2,6}", text):
        raise ValueError(f"{text!r} can't be a prefix: 2 to 6 capital letters A to Z")
    return text


def week(hours: dict[tuple[int, ...], tuple[Interval, ...]]) -> tuple[tuple[Interval, ...], ...]:
    """Return the seven days' intervals, Monday first."""
    found: dict[int, tuple[Interval, ...]] = {}
    for names, spans in hours.items():
        for number in names:
            if number in found:
                raise ValueError(f"{DAYS[number]} has hours twice; write both intervals in one place, with a comma")
            found[number] = spans
    if not found:
        raise ValueError("a calendar that is never open")
    return tuple(found.get(number, ()) for number in range(7))


def all_days(ranges: tuple[DateRange, ...]) -> tuple[date, ...]:
    """Return every day of the ranges."""
    return tuple(one for span in ranges for one in days_of(span))


def calendar(values: dict[str, Any]) -> dict[str, Any]:
    """Return a calendar's keys with hours for each day of its own (`open`)."""
    weekly, own = values.get("hours", ()), values.get("open", {})
    if not isinstance(own, dict):
        own = {one: weekly[one.weekday()] if weekly else () for one in own}
    for one, spans in own.items():
        if weekly and not spans:
            raise ValueError(f'{one} is a {one:%A} and has no hours; write open: {{ {one}: "09:00-13:00" }}')
        if one in values.get("closed", ()):
            raise ValueError(f"{one} is both open and closed")
    return values | {"open": own}
