"""Business time and receipts by themselves, for the table of `make bench`: computations a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk.desk.receipt import receive
from helpdesk.desk.rules.building import load_rules

SHIPPED = Path(__file__).parents[1] / "routing_rules.yaml"
FRIDAY = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
TIMES = 50_000
INSTANTS = [FRIDAY + timedelta(minutes=7 * n) for n in range(TIMES)]  # eight months, day and night


def rows() -> list[tuple[str, float]]:
    """Return (what, computations a second): deadlines near and far, and whole receipts."""
    rules = load_rules(SHIPPED.read_text(encoding="utf-8"))
    start, plan = rules.calendars["start"], rules.plans["START"]
    near, far = timedelta(hours=8), timedelta(hours=2000)
    return [
        ("deadlines of 8 working hours", rate(lambda at: start.add_working_time(at, near))),
        ("deadlines a year away", rate(lambda at: start.add_working_time(at, far))),
        ("openings", rate(start.next_opening)),
        ("receipts: received, react by, guarantee", rate(lambda at: receive(at, rules, queue="DYNAMICS", plan=plan))),
    ]


def rate(compute: Callable[[datetime], object]) -> float:
    """Return computations a second of CPU over the instants; what fills the table is not counted."""
    compute(INSTANTS[-1])
    compute(INSTANTS[0])
    started = time.process_time()
    for at in INSTANTS:
        compute(at)
    return TIMES / (time.process_time() - started)


if __name__ == "__main__":
    for what, found in rows():
        print(f"{what:<42} {found:>10,.0f} /s")
