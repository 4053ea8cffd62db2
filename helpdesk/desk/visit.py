"""A visit: a consultant's hour with a customer, on site or remote, by appointment (DOMAIN, "Remote help").

Read from the argument of `#visit`; kept, told and changed by `services.visits`. Pure: the zone and the time of
writing are handed in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from helpdesk.desk.folding import fold
from helpdesk.desk.spans import parse_duration

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=12)
FURTHEST = timedelta(days=731)  # ahead; more is a slip of the keyboard
LONGEST_PLACE = 120  # characters
_WANTED = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ]+(?P<at>\d{1,2}:\d\d) +"
    r"(?P<length>\d+ ?(?:minut|min|m|h)(?: ?\d+ ?(?:min|m))?)\b(?P<how>.*)",
    re.IGNORECASE,
)
_REMOTE = frozenset({"remote", "remotely", "online", "zdalnie", "zdalna", "zdalny"})
_ON_SITE = frozenset({"onsite", "on-site", "stacjonarnie"})
_CALLED_OFF = frozenset({"cancel", "cancelled", "odwolaj", "odwolana", "anuluj"})


class VisitState(StrEnum):
    """How far an appointment has come; a remote one is PROPOSED until the customer has consented."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What somebody who is invited has said (RFC 5545 PARTSTAT)."""

    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class VisitNews(StrEnum):
    """What a consultant is told of a visit."""

    PROPOSED = "proposed"
    INVITED = "invited"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CONSENTED = "consented"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    COUNTERED = "countered"  # another time was proposed


@dataclass(frozen=True, slots=True)
class Wanted:
    """An appointment as somebody wrote it: on the wall clock of a zone that is not named."""

    day: date
    at: time
    length: timedelta
    remote: bool = False
    place: str = ""

    def starts_at(self, zone: str) -> datetime:
        """Return the start as aware UTC. Raises ValueError for an hour that the zone's clocks leave out."""
        local = datetime.combine(self.day, self.at, ZoneInfo(zone))
        try:
            found = local.astimezone(UTC)
            shown = found.astimezone(local.tzinfo)
        except OverflowError:  # the first and the last day of the calendar, in a zone apart from UTC
            raise ValueError(f"{self.day} is no day for a visit") from None
        if shown.replace(tzinfo=None) != local.replace(tzinfo=None):
            raise ValueError(f"no clock in {zone} shows {self.at:%H:%M} on {self.day}")
        return found


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit as a letter shows it. `consultant` is a name: customers don't see our private addresses."""

    starts_at: datetime
    ends_at: datetime
    remote: bool
    place: str = ""
    consultant: str = ""
    news: VisitNews = VisitNews.INVITED
    moved_from: datetime | None = None
    proposed: datetime | None = None  # COUNTERED: the start that the customer would like
    command: str = ""  # COUNTERED: the argument of #visit that would take it up

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit as a list of the day shows it."""

    key: str
    subject: str
    customer: str
    starts_at: datetime
    ends_at: datetime
    remote: bool
    place: str
    consultant: str  # the address
    state: VisitState
    answer: Answer  # the customer's
    zone: str  # on whose clock it was made

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def said(self) -> str:
        """What the customer has said: an Answer, or "no_consent" while remote help waits for theirs."""
        return "no_consent" if self.state is VisitState.PROPOSED else self.answer.value


def read_visit(words: str) -> Wanted | None:
    """Return the appointment that the words name, None if they call one off: "2026-11-25 10:00 60m remote", "cancel".

    After the length stands "remote" (zdalnie) or the place, or nothing. Raises ValueError with a sentence.
    """
    words = " ".join(words.split())
    if fold(words) in _CALLED_OFF:
        return None
    found = _WANTED.fullmatch(words)
    if found is None:
        raise ValueError("write a date, an hour and how long, as in 2026-11-25 10:00 60m remote; or cancel")
    hour, minute = map(int, found["at"].split(":"))
    day, at = date.fromisoformat(found["day"]), time(hour, minute)
    length = _length(found["length"])
    remote, place = _how(found["how"].strip(" ,"))
    return Wanted(day, at, length, remote, place)


def is_visit(words: str) -> bool:
    """Return whether the words can be the argument of `#visit`."""
    try:
        read_visit(words)
    except ValueError:
        return False
    return True


def as_written(starts_at: datetime, length: timedelta, remote: bool, place: str, zone: str) -> str:
    """Return the argument of `#visit` that names this appointment."""
    minutes = length // timedelta(minutes=1)
    how = " ".join(filter(None, ("remote" if remote else "", place)))
    return f"{starts_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {minutes}m {how}".rstrip()


def _length(words: str) -> timedelta:
    length = parse_duration(re.sub(r"min(?:ut)?", "m", words.lower().replace(" ", "")))
    if not SHORTEST <= length <= LONGEST:
        raise ValueError("a visit lasts from five minutes to twelve hours")
    return length


def _how(words: str) -> tuple[bool, str]:
    """Return whether it is remote, and the place that is named."""
    first, _, rest = words.partition(" ")
    word = fold(first.strip(",:"))
    remote = word in _REMOTE
    place = rest.strip(" ,") if remote or word in _ON_SITE else words
    if len(place) > LONGEST_PLACE:
        raise ValueError(f"a place has at most {LONGEST_PLACE} characters")
    return remote, place
