"""A session of work as people write it: `35m remote`, `1h 20m phone 2026-11-20 +0m`.

Asked by `helpdesk ledger add` and by the command `#time`. Pure: the zone and the time of writing are handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.desk.folding import fold
from helpdesk.desk.hours import from_local
from helpdesk.desk.plans import Channel
from helpdesk.desk.rules.notation import day, instant
from helpdesk.desk.spans import parse_duration

MINUTE = timedelta(minutes=1)
LONGEST = timedelta(hours=24)  # a session; more is a slip of the keyboard
_CHANNELS = {channel.value: channel for channel in Channel} | {
    "zdalnie": Channel.REMOTE,
    "telefon": Channel.PHONE,
    "programowanie": Channel.PROGRAMMING,
    "poczta": Channel.MAIL,
}


@dataclass(frozen=True, slots=True)
class Session:
    """What somebody says of their work: how long, by which channel, since when, how long writing it up took."""

    worked: timedelta
    channel: Channel
    start: date | datetime | None = None  # None: it has just ended
    write_up: timedelta | None = None  # None: the plan's

    def started_at(self, now: datetime, zone: str) -> datetime:
        """Return when it began, as aware UTC; a bare date is that day's midnight in the zone.

        Raises ValueError for work that is not done yet.
        """
        match self.start:
            case None:
                began = now - self.worked
            case datetime():
                began = self.start
            case _:
                began = datetime(self.start.year, self.start.month, self.start.day)  # noqa: DTZ001  # from_local adds it
        found = from_local(began, zone)
        if found > now:
            raise ValueError("time is written down after the work, and this begins in the future")
        return found


def parse_session(words: Sequence[str]) -> Session:
    """Return the session that the words name: a length, a channel, perhaps a date and `+5m` for writing it up.

    Raises ValueError with a sentence.
    """
    length: list[str] = []
    channel: Channel | None = None
    start: date | datetime | None = None
    write_up: timedelta | None = None
    for word in (part for each in words for part in each.split()):
        if named := _CHANNELS.get(fold(word)):
            channel = named
        elif word.startswith("+"):
            write_up = timedelta() if word == "+0" else parse_duration(word[1:])
        elif word[:4].isdigit() and word[4:5] == "-":
            start = instant(word) if "T" in word else day(word)
        else:
            length.append(word)
    if channel is None:
        raise ValueError(f"name the channel: {', '.join(Channel)}")
    worked = parse_duration(" ".join(length))
    if not MINUTE <= worked <= LONGEST or worked % MINUTE or (write_up or timedelta()) % MINUTE:
        raise ValueError("a session lasts from one minute to 24 hours, in whole minutes")
    return Session(worked, channel, start, write_up)
