"""The samples of a rules file: mails with the result that the admin expects.

`sample_of` makes them at load; `run_samples` plays them. An edit whose samples fail is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from helpdesk.desk.decision import Decision, decide
from helpdesk.desk.hours import from_local, to_local
from helpdesk.desk.rules.kinds import Reading
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import Origin
from helpdesk.desk.view import RouteFacts
from helpdesk.mail.message import Address, Attachment, Classification, Headers, InboundMessage, MessageKind

SOME_TUESDAY = datetime(2026, 11, 24, 12)  # noqa: DTZ001  # in the zone of the rules, like the times of the file


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail, the facts that would stand beside it, and the expected results by key."""

    name: str
    line: int
    mail: Mapping[str, Any]  # as the file says it; the message is made when it is played
    kind: MessageKind
    facts: RouteFacts  # without the organisation, which the rules tell
    expect: Mapping[str, Any]

    def message(self) -> InboundMessage:
        """Return the mail. Its attachments are zeros of the size that the file says."""
        return sample_message(self.mail, self.facts.delivered_at)


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


def sample_of(number: int, keys: dict[str, Any], zone: str, aliases: Mapping[str, str], reading: Reading) -> Sample:
    """Return the sample that the file describes; times without an offset are in `zone`."""
    mail, expect = keys["mail"], dict(keys["expect"])
    for key in ("received_at", "react_by"):
        if isinstance(expect.get(key), datetime):
            expect[key] = from_local(expect[key], zone)
    if "assignee" in expect:
        expect["assignee"] = aliases.get(expect["assignee"], expect["assignee"])
    if isinstance(expect.get("round_robin"), tuple):
        expect["round_robin"] = tuple(aliases.get(addr, addr) for addr in expect["round_robin"])
    line, _ = reading.places[f"samples[{number}].mail"]
    kind = mail.get("message_kind", MessageKind.PERSONAL)
    return Sample(keys.get("name") or f"sample {number}", line, mail, kind, _facts(mail, zone), expect)


def _facts(mail: Mapping[str, Any], zone: str) -> RouteFacts:
    return RouteFacts(
        delivered_at=from_local(mail.get("at", SOME_TUESDAY), zone),
        mailbox_queue=mail.get("mailbox"),
        language=mail.get("language"),
        authenticated=mail.get("authenticated", True),
        spam=mail.get("spam", False),
        origin=mail.get("origin", Origin.MAIL),
    )


def sample_message(mail: Mapping[str, Any], at: datetime) -> InboundMessage:
    """Return the mail that a sample's keys describe."""
    author: Address = mail["from"]
    body = mail.get("body", "")
    attachments = tuple(
        Attachment(part["name"], part.get("type", "application/octet-stream"), bytes(part.get("size", 0)))
        for part in mail.get("attachments", ())
    )
    return InboundMessage(
        author=author,
        authors=(author,),
        sender=None,
        reply_to=(),
        to=mail["to"],
        cc=mail.get("cc", ()),
        return_path=author.addr,
        subject=mail.get("subject", ""),
        date=at,
        message_id="",
        in_reply_to=(),
        references=(),
        text=body,
        new_text=body,
        html="",
        attachments=attachments,
        headers=Headers(tuple(mail.get("headers", {}).items())),
        defects=(),
        content_digest=sha256(body.encode()).hexdigest(),
        size=mail.get("size", len(body.encode()) + sum(part.size for part in attachments)),
    )
