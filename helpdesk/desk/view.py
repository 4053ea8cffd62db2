"""A mail as the rules see it: its fields folded once and only when some rule asks, and the decision so far.

`route` makes one per mail; it is the `Asked` of `rules/conditions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from helpdesk.desk.draft import Draft, RouteFacts
from helpdesk.desk.plans import Plan
from helpdesk.desk.rules.conditions import MAX_VALUES
from helpdesk.desk.rules.patterns import Text, as_text
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import Step
from helpdesk.mail.message import Address, Classification, InboundMessage

MAX_NAME, MAX_LINE, MAX_BODY = 500, 2_000, 32_768  # characters that a condition looks at


@dataclass(slots=True)
class View:
    """One mail under the rules; the texts of a field are made on the first question."""

    message: InboundMessage
    classification: Classification
    facts: RouteFacts
    rules: Rules
    draft: Draft
    own_plan: Plan | None  # the customer's, with what was agreed for it alone
    opening: Step  # how the queue was chosen
    _texts: dict[str, tuple[Text, ...]] = field(default_factory=dict)
    _hits: dict[str, frozenset[str] | None] = field(default_factory=dict)
    _hours_open: dict[str, bool] = field(default_factory=dict)

    def texts(self, name: str) -> tuple[Text, ...]:
        """Return the folded values of a field; a name in lower case that is no field of ours is a header."""
        known = self._texts.get(name)
        if known is None:
            read = _FIELDS.get(name)
            known = (
                read(self.message) if read else _texts(self.message.headers.all(name.removeprefix("header:")), MAX_LINE)
            )
            self._texts[name] = known
        return known

    def hits(self, name: str) -> frozenset[str] | None:
        """Return the sources of all the rules' patterns that match a long field; None: ask one by one."""
        if name not in self._hits:
            scanner = self.rules.scanners.get(name)
            self._hits[name] = scanner.hits(self.texts(name)[0]) if scanner else None
        return self._hits[name]

    def word(self, name: str) -> str | None:
        """Return the value of a field that is one word, as the rules above left it."""
        return _WORDS[name](self)

    def plan(self) -> Plan | None:
        """Return the plan that the rules above left: the customer's own version of it, if it is theirs."""
        if self.draft.plan is None:
            return None
        if self.own_plan is not None and self.own_plan.name == self.draft.plan:
            return self.own_plan
        return self.rules.plans[self.draft.plan]

    def hours_are_open(self) -> bool:
        """Return whether the ticket's calendar, as the rules above left it, is open at the time of delivery."""
        hours = self.rules.calendar_of(self.draft.queue, self.plan(), self.draft.calendar)
        if hours.name not in self._hours_open:
            self._hours_open[hours.name] = hours.is_open(self.facts.delivered_at)
        return self._hours_open[hours.name]


def _texts(values: tuple[str, ...], limit: int) -> tuple[Text, ...]:
    return tuple(as_text(value[:limit]) for value in values[:MAX_VALUES])


def _addresses(addresses: tuple[Address, ...]) -> tuple[Text, ...]:
    return _texts(tuple(address.addr for address in addresses), MAX_NAME)


_FIELDS: Mapping[str, Callable[[InboundMessage], tuple[Text, ...]]] = {
    "from": lambda message: _addresses(message.authors),
    "from_domain": lambda message: _texts(tuple(author.domain for author in message.authors), MAX_NAME),
    "to": lambda message: _addresses(message.to),
    "cc": lambda message: _addresses(message.cc),
    "subject": lambda message: _texts((message.subject,), MAX_LINE),
    "body": lambda message: _texts((message.text,), MAX_BODY),
    "attachment.name": lambda message: _texts(tuple(part.name for part in message.attachments), MAX_NAME),
    "attachment.type": lambda message: _texts(tuple(part.type for part in message.attachments), MAX_NAME),
}

_WORDS: Mapping[str, Callable[[View], str | None]] = {
    "queue": lambda view: view.draft.queue,
    "organisation": lambda view: view.facts.organisation,
    "plan": lambda view: view.draft.plan,
    "kind": lambda view: view.draft.kind.value,
    "origin": lambda view: view.facts.origin.value,
    "message_kind": lambda view: view.classification.kind.value,
    "language": lambda view: view.draft.language,
    "hours": lambda view: "open" if view.hours_are_open() else "closed",
    "authenticated": lambda view: "true" if view.facts.authenticated else "false",
    "spam": lambda view: "true" if view.facts.spam else "false",
}
