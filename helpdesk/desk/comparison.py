"""What differs between two decisions about one mail: `helpdesk rules diff` asks it for all stored mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.desk.decision import Decision

NOTHING = "none"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One field that two versions of the rules decide differently."""

    field: str
    old: str
    new: str


def differences(old: Decision, new: Decision) -> tuple[Difference, ...]:
    """Return the fields that differ, in the order of the table; none when both decide the same."""
    pairs = ((name, shown(old), shown(new)) for name, shown in _FIELDS.items())
    return tuple(Difference(name, before, after) for name, before, after in pairs if before != after)


def _word(value: object) -> str:
    if value is None or value == ():
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(sorted(value)) if isinstance(value, tuple) else str(value)


_FIELDS: dict[str, Callable[[Decision], str]] = {
    "queue": lambda decision: decision.route.queue,
    "priority": lambda decision: str(decision.route.priority),
    "kind": lambda decision: decision.route.kind.value,
    "plan": lambda decision: decision.route.plan.name if decision.route.plan else NOTHING,
    "calendar": lambda decision: decision.receipt.calendar,
    "guarantee": lambda decision: decision.receipt.guarantee.reason.value,
    "assignee": lambda decision: _word(decision.route.assignee),
    "round_robin": lambda decision: _word(decision.route.round_robin),
    "tags": lambda decision: _word(decision.route.tags),
    "watchers": lambda decision: _word(decision.route.watchers),
    "language": lambda decision: _word(decision.route.language),
    "template": lambda decision: _word(decision.route.template),
    "forward": lambda decision: _word(decision.route.forward),
    "acknowledge": lambda decision: _word(decision.acknowledgement.sent),
    "quarantine": lambda decision: _word(decision.route.quarantine),
    "reject": lambda decision: _word(decision.route.reject),
    "discard": lambda decision: _word(decision.route.discard),
}
