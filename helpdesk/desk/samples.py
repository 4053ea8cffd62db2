"""The samples of a rules file, played: an edit whose samples fail is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpdesk.desk.decision import Decision, decide
from helpdesk.desk.hours import to_local
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.rules.sample import Sample
from helpdesk.mail.message import Classification


@dataclass(frozen=True, slots=True)
class SampleFailure:
    """One expectation that the rules don't meet."""

    sample: str
    line: int
    key: str
    expected: str
    found: str

    @property
    def sentence(self) -> str:
        """What is wrong, for a message that names the line itself."""
        return f"sample {self.sample!r}: {self.key} should be {self.expected}, is {self.found}"

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


def run_samples(rules: Rules) -> tuple[SampleFailure, ...]:
    """Return every expectation that fails, in the order of the file; nothing when all hold."""
    return tuple(failure for sample in rules.samples for failure in _failures(sample, rules))


def decide_sample(sample: Sample, rules: Rules) -> Decision:
    """Return what the rules make of the sample's mail, taken in the moment it is delivered."""
    facts, said = sample.facts, Classification(sample.kind, "sample")
    return decide(sample.message(), said, facts, rules, facts.delivered_at, timedelta.max)


def _failures(sample: Sample, rules: Rules) -> Iterator[SampleFailure]:
    try:
        decision = decide_sample(sample, rules)
    except LookupError as error:
        yield SampleFailure(sample.name, sample.line, "queue", "found", str(error))
        return
    results = _results(decision, sample.facts.organisation or _organisation(sample, rules))
    for key, expected in sample.expect.items():
        found = results[key]
        if key in ("tags", "watchers"):
            expected, found = tuple(sorted(expected)), tuple(sorted(found))
        if found != expected:
            yield SampleFailure(sample.name, sample.line, key, _shown(expected, rules), _shown(found, rules))


def _organisation(sample: Sample, rules: Rules) -> str | None:
    organisation = rules.organisation_of(sample.mail["from"].addr)
    return organisation.name if organisation else None


def _results(decision: Decision, organisation: str | None) -> dict[str, Any]:
    route, receipt = decision.route, decision.receipt
    return {
        "queue": route.queue,
        "priority": route.priority,
        "kind": route.kind.value,
        "organisation": organisation or "none",
        "plan": route.plan.name if route.plan else "none",
        "assignee": route.assignee or "none",
        "round_robin": "none" if route.round_robin is None else route.round_robin,
        "tags": route.tags,
        "watchers": route.watchers,
        "calendar": receipt.calendar,
        "language": route.language or "none",
        "template": route.template or "new",
        "forward": route.forward or "none",
        "received_at": receipt.received_at,
        "react_by": receipt.react_by or "none",
        "guarantee": receipt.guarantee.reason.value,
        "acknowledge": decision.acknowledgement.sent,
        "quarantine": route.quarantine,
        "reject": route.reject or "none",
        "discard": route.discard,
        "rules": route.matched,
    }


def _shown(value: Any, rules: Rules) -> str:
    if isinstance(value, datetime):
        return to_local(value, rules.timezone).isoformat(timespec="minutes")
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)
