"""What somebody's calendar program answers to an invitation (RFC 5546 §3.2.3, §3.2.7; RFC 6047).

Called by `services.invitees`. A calendar of a stranger is hostile until read: only the few properties that are
needed are looked at, zones are names and never rules, and nothing recurs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from helpdesk.mail.charset import decode
from helpdesk.mail.message import Attachment
from helpdesk.mail.text import clean_line, clean_text

LARGEST = 256 * 1024  # bytes; Outlook repeats the whole invitation as HTML
MOST_PARTS, MOST_LINES, MOST_EVENTS, LONGEST_LINE = 4, 5000, 10, 8192
LONGEST_NOTE = 2000  # characters of what the author says beside the answer
ANSWERS = ("REPLY", "COUNTER")
_TYPES = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_WANTED = frozenset({"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "ATTENDEE", "COMMENT"})
_ESCAPED = re.compile(r"\\([nN,;\\])")
_ZONE_NAME = re.compile(r"/?[\w+-][\w+ ./:()&,-]{0,80}")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")


@dataclass(frozen=True, slots=True)
class Replier:
    """An ATTENDEE of an answer: address in lower case, PARTSTAT in upper case, "" if none is given."""

    addr: str
    partstat: str


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """One event of an answer. Times without a zone that is known are naive: on the clock that was invited to."""

    method: str  # REPLY or COUNTER
    uid: str
    sequence: int | None
    stamp: datetime | None
    repliers: tuple[Replier, ...]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    note: str = ""  # what the author says beside it


def answers_in(attachments: Sequence[Attachment]) -> tuple[CalendarAnswer, ...]:
    """Return the answers that a mail carries, in order; empty if it is none. Never raises."""
    parts = [one for one in attachments if _is_calendar(one)][:MOST_PARTS]
    return tuple(answer for part in parts for answer in _read(part.content))


def _is_calendar(part: Attachment) -> bool:
    named = part.type.lower() in _TYPES or part.name.lower().endswith(".ics")
    return named and part.size <= LARGEST


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: dict[str, str]
    value: str


def _read(content: bytes) -> Iterator[CalendarAnswer]:
    text, _ = decode(content, "utf-8")
    method, events = _scan(re.sub(r"\r?\n[ \t]", "", text).splitlines()[:MOST_LINES])
    if method in ANSWERS:
        yield from (_answer(method, event) for event in events)


def _scan(lines: Sequence[str]) -> tuple[str, list[list[_Property]]]:
    """Return the method, and the wanted properties of each VEVENT that stands in the calendar itself."""
    method, events, inside = "", list[list[_Property]](), list[str]()
    for line in lines:
        name = line[:6].upper()
        if name == "BEGIN:":
            inside.append(line[6:].strip().upper())
            if inside == ["VCALENDAR", "VEVENT"]:
                events.append([])
        elif line[:4].upper() == "END:":
            inside = inside[:-1]
        elif inside == ["VCALENDAR"] and line[:7].upper() == "METHOD:":
            method = line[7:].strip().upper()
        elif inside == ["VCALENDAR", "VEVENT"] and len(events) <= MOST_EVENTS and (found := _property(line)):
            events[-1].append(found)
    return method, events[:MOST_EVENTS]


def _property(line: str) -> _Property | None:
    """Return a content line if it is wanted and can be read (RFC 5545 §3.1)."""
    if line.partition(":")[0].partition(";")[0].upper() not in _WANTED or len(line) > LONGEST_LINE:
        return None
    from icalendar.parser import Contentline

    try:
        name, parameters, value = Contentline(line).parts()  # type: ignore[no-untyped-call]  # theirs has no types
    except ValueError:
        return None
    return _Property(str(name).upper(), {key.upper(): _single(each) for key, each in parameters.items()}, str(value))


def _single(value: object) -> str:
    return str(value[0] if isinstance(value, list) and value else value)


def _answer(method: str, event: Sequence[_Property]) -> CalendarAnswer:
    first = {one.name: one for one in reversed(event)}
    repliers = tuple(_replier(one) for one in event if one.name == "ATTENDEE")
    return CalendarAnswer(
        method=method,
        uid=clean_line(first["UID"].value.strip()) if "UID" in first else "",
        sequence=_number(first.get("SEQUENCE")),
        stamp=_aware(_time(first.get("DTSTAMP"))),
        repliers=repliers,
        starts_at=_time(first.get("DTSTART")),
        ends_at=_time(first.get("DTEND")),
        note=_note(event),
    )


def _replier(one: _Property) -> Replier:
    return Replier(_address(one.value), one.parameters.get("PARTSTAT", "").strip().upper())


def _address(value: str) -> str:
    """Return the address of a calendar user; Exchange writes MAILTO: in any case, some leave it out."""
    return re.sub(r"\Amailto:", "", value.strip(" \"'<>"), flags=re.IGNORECASE).strip().casefold()


def _number(one: _Property | None) -> int | None:
    value = one.value.strip() if one else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _note(event: Sequence[_Property]) -> str:
    """Return what its author says: COMMENT, or Google's parameter of the ATTENDEE."""
    said = [one.value for one in event if one.name == "COMMENT"]
    said += [one.parameters.get("X-RESPONSE-COMMENT", "") for one in event if one.name == "ATTENDEE"]
    return next((note for each in said if (note := _plain(each))), "")


def _plain(value: str) -> str:
    text = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return clean_text(text).strip()[:LONGEST_NOTE]


def _time(one: _Property | None) -> datetime | None:
    """Return a time: aware where it says UTC or a zone that is known, else naive; a bare day is its midnight."""
    found = _TIME.fullmatch(one.value.strip()) if one else None
    if one is None or found is None:
        return None
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    try:
        at = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # the zone follows
        zone = UTC if found[7] else _zone(one.parameters.get("TZID", ""))
        return at.replace(tzinfo=zone).astimezone(UTC) if zone else at
    except (ValueError, OverflowError):
        return None


def _zone(name: str) -> ZoneInfo | None:
    """Return the zone of that IANA or Windows name; a name that is in no list is not looked for further."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    if not _ZONE_NAME.fullmatch(name) or ".." in name:
        return None
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name).lstrip("/"))
    except (ValueError, KeyError, OSError):
        return None


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
