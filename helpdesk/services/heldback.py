"""What was too much to be acknowledged one by one: told on the next day, in one mail an address (RELIABILITY 2.7).

Called by the timers. The mail names tickets and nothing that a stranger chose, never goes to a machine, and counts in
the same budgets: a flood of forged addresses must not become a flood of ours a day later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from helpdesk.desk.gate import GateReason
from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.services.bulletins import draft, post
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.services.gatekeeping import budget_of
from helpdesk.store import clock as events
from helpdesk.store import outbox, tickets
from helpdesk.store.unit_of_work import Database

LISTED = 20  # tickets that are named; the rest is counted
TOO_MUCH = (
    GateReason.ADDRESS_BUDGET,
    GateReason.DOMAIN_BUDGET,
    GateReason.STRANGERS_BUDGET,
    GateReason.CONTACT_BUDGET,
)


def tell_held_back(database: Database, desk: Desk, clock: Clock) -> int:
    """Write the mails about yesterday; return how many. What the budgets keep back now is tried at the next tick."""
    now = clock()
    today = datetime.combine(now.astimezone(desk.zone).date(), time(), desk.zone)
    since, until = (today - timedelta(days=1)).astimezone(UTC), today.astimezone(UTC)
    with database.read() as session:
        held = outbox.held_back(session, NotificationKind.NEW, TOO_MUCH, since, until)
        names = {addr: f"held:{addr}:{since:%Y-%m-%d}" for addr in held}
        done = events.done(session, list(names.values()))
    waiting = [addr for addr in held if names[addr] not in done]
    return sum(_tell(database, desk, now, addr, held[addr], names[addr]) for addr in waiting)


def _tell(database: Database, desk: Desk, now: datetime, addr: str, numbers: Sequence[int], name: str) -> bool:
    with database.begin() as session:
        unit = Unit(session, desk, now)
        budget = budget_of(desk.rules, addr, automatic=True, relay=False)
        verdict = unit.gate.verdict(session, addr, 0, budget, desk.limits, now, acknowledges=False)
        if verdict.state is not OutboxState.QUEUED or not events.begin(session, name, now, now):
            return False
        rows = tickets.by_number(session, numbers[:LISTED])
        known = [rows[number] for number in numbers if number in rows]
        if not known:
            return False
        queue = desk.queue(known[0].queue)
        letter = replace(
            draft(unit, queue, NotificationKind.HELD_BACK),
            language=known[0].language,
            keys=tuple(desk.key_of(row) for row in known),
            more=len(numbers) - len(known),
        )
        [row] = post(unit, letter, [addr], name, budget)
        return row.state is OutboxState.QUEUED
