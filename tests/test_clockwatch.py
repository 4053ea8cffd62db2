"""A wall clock that was set is noticed once, with its size; what only slews or passes is no jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpdesk.clockwatch import ClockWatch


def test_a_jump_is_told_once_with_its_size_and_direction() -> None:
    wall, ticks = [datetime(2026, 11, 21, 9, tzinfo=UTC)], [500.0]
    watch = ClockWatch(lambda: wall[0], lambda: ticks[0])

    def pass_by(seconds: float, jump: timedelta = timedelta()) -> timedelta | None:
        ticks[0] += seconds
        wall[0] += timedelta(seconds=seconds) + jump
        return watch.jump()

    assert pass_by(2) is None
    assert pass_by(7200) is None, "the machine slept, and both clocks know it"
    assert pass_by(2, timedelta(hours=2)) == timedelta(hours=2)
    assert pass_by(2) is None
    assert pass_by(2, timedelta(seconds=-1)) is None, "a time server corrects"
    assert pass_by(2, timedelta(hours=-2)) == timedelta(hours=-2)
