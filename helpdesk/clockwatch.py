"""Noticing that the wall clock was set: the daemon asks every few seconds, and puts right what was planned by it.

A machine's clock jumps when somebody sets it, when a virtual machine is restored, when the first time server answers
after a boot. What has to go by leases does so by `store.steady`; people's deadlines are wall time and stay.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from helpdesk.store.steady import elapsed

PACE = timedelta(seconds=5)  # more than that between two looks is no slewing, but a jump


class ClockWatch:
    """Compares the wall clock with one that only grows."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float] = elapsed) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = self._difference()

    def jump(self) -> timedelta | None:
        """Return how far the wall clock was set since the last look, ahead or back; None if it was not."""
        before, self._ahead = self._ahead, self._difference()
        moved = self._ahead - before
        return moved if abs(moved) > PACE else None

    def _difference(self) -> timedelta:
        return self._wall() - datetime.fromtimestamp(self._steady(), UTC)
