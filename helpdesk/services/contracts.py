"""Contracts and their light: green, yellow from 90 days before the end, red in the last 30 days and after it.

The admin is told when a light changes, in one mail for all that changed. Called by the timers, `agenda`, `status`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.desk.bulletin import ContractFacts
from helpdesk.desk.plans import Light, contract_light
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import NotificationKind
from helpdesk.services.bulletins import draft, post
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.services.digests import opening_today
from helpdesk.store import clock as events
from helpdesk.store.unit_of_work import Database

TURNS = (90, 29, -1)  # days left at which it becomes yellow, becomes red, and is over


def contracts(rules: Rules, today: date) -> list[ContractFacts]:
    """Return the contracts that end, what ends first on top."""
    found = [
        ContractFacts(each.name, each.plan or rules.default_plan or "", each.valid.last,
                      (each.valid.last - today).days, contract_light(each.valid, today))
        for each in rules.organisations.values() if each.valid is not None
    ]  # fmt: skip
    return sorted(found, key=lambda contract: (contract.last, contract.organisation))


def turns(contract: ContractFacts, zone: ZoneInfo) -> list[tuple[datetime, str]]:
    """Return when a contract's light changes, and how the change is called among the clock's events."""
    prefix = f"contract:{contract.organisation}:{contract.last}"
    days = ((left, contract.last - timedelta(days=left)) for left in TURNS)
    return [(datetime.combine(day, time(), zone), f"{prefix}:{left}") for left, day in days]


def warn_of_contracts(database: Database, desk: Desk, clock: Clock) -> int:
    """Tell the admin of contracts whose light has changed, once the first queue has opened; return how many."""
    now, rules = clock(), desk.rules
    queue = next(iter(rules.queues.values()))
    if not rules.desk.admin or opening_today(desk, [queue], now) is None:
        return 0
    ending = [each for each in contracts(rules, now.astimezone(desk.zone).date()) if each.light is not Light.GREEN]
    names = {each: [name for at, name in turns(each, desk.zone) if at <= now] for each in ending}
    with database.read() as session:
        done = events.done(session, [name for each in names.values() for name in each])
    news = [each for each, past in names.items() if past[-1] not in done]
    if not news:
        return 0
    with database.begin() as session:
        unit = Unit(session, desk, now)
        mine = [each for each in news if _begin(unit, names[each])]
        if mine:
            letter = replace(draft(unit, queue, NotificationKind.NOTICE_CONTRACTS), contracts=tuple(mine))
            post(unit, letter, rules.desk.admin, f"contracts:{now:%Y-%m-%dT%H:%M:%SZ}")
        return len(mine)


def _begin(unit: Unit, names: list[str]) -> bool:
    """Note all changes of a contract's light that are past; return whether the latest is news."""
    return [events.begin(unit.session, name, unit.now, unit.now) for name in names][-1]
