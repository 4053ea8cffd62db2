"""The clock by which claims and leases run: it never jumps, whatever is done to the machine's own (T-03).

With a server it is the server's, so that all daemons share it, asked now and then and counted on in between; with
SQLite it is this machine's as it was when the database was opened. A `Database` has one as `lease_clock`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

ASK_AGAIN = 5.0  # seconds after which the server is asked again: a virtual machine's own ticks may pause
_SERVER_TIME = sa.text("SELECT clock_timestamp()")


def elapsed() -> float:
    """Return seconds that only ever grow, sleep of the machine included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SteadyClock:
    """Call it with a session to know the time; several threads do."""

    def __init__(self, *, of_server: bool) -> None:
        self._of_server, self._asked = of_server, False
        self._anchor = datetime.now(UTC), elapsed()  # an instant, and when it was: replaced as one

    def __call__(self, session: Session) -> datetime:
        """Return the time by which a claim that is made now begins."""
        instant, at = self._anchor
        if self._of_server and (not self._asked or elapsed() - at > ASK_AGAIN):
            instant, at = self._anchor = self._ask(session), elapsed()
            self._asked = True
        return instant + timedelta(seconds=elapsed() - at)

    @staticmethod
    def _ask(session: Session) -> datetime:
        now: datetime = session.connection().execute(_SERVER_TIME).scalar_one()
        return now.astimezone(UTC)
