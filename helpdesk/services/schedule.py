"""When a mail that was not taken is tried again, and how long a troubled account rests (RELIABILITY 2.7)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.errors import LoginRefused

_TRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
_GIVE_UP = timedelta(hours=48)
_GREYLISTING = timedelta(minutes=5)
_JITTER = 0.2
AMBIGUOUS_WAIT = timedelta(minutes=15)  # before a mail in doubt is sent once more

_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600, 900))
REFUSED_REST = timedelta(minutes=10)  # a wrong password at most so often: servers lock accounts


def next_try(attempt: int, created_at: datetime, now: datetime, *, greylisted: bool) -> datetime | None:
    """Return when a deferred mail is tried again after so many tries; None when 48 hours are over."""
    wait = _TRIES[min(attempt, len(_TRIES)) - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  # no secret
    again = now + (max(wait, _GREYLISTING) if greylisted else wait)
    return again if again - created_at <= _GIVE_UP else None


def next_turn(interruptions: int, now: datetime) -> datetime | None:
    """Return until when others go before a mail at which the server has ended so many sessions; None: it goes first.

    The first may have been chance, or the session's limit. Nothing is given up here: the mail itself was not refused.
    """
    return now + _TRIES[min(interruptions, len(_TRIES)) - 1] if interruptions > 1 else None


@dataclass(slots=True)
class AccountPause:
    """An account that could not be used rests longer each time, until it goes well once."""

    failures: int = 0
    until: datetime | None = None
    trouble: Exception | None = None
    proven: bool = False  # the last try went well

    def over(self, now: datetime) -> bool:
        return self.until is None or now >= self.until

    def shift(self, jump: timedelta) -> None:
        """Keep step with a wall clock that was set."""
        if self.until is not None:
            self.until += jump

    def well(self) -> None:
        self.failures, self.until, self.trouble, self.proven = 0, None, None, True

    def begin(self, now: datetime, trouble: Exception) -> bool:
        """Begin the next pause; return whether the trouble is new."""
        refused = isinstance(trouble, LoginRefused)
        self.until = now + (REFUSED_REST if refused else _PAUSES[min(self.failures, len(_PAUSES) - 1)])
        self.failures += 1
        self.trouble, self.proven = trouble, False
        return self.failures == 1
