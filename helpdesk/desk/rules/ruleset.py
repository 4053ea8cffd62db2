"""The rules as read from routing_rules.yaml: one frozen value under which a batch of mail is decided.

`building.load_rules` reads the text (see `grammar` for its form); everything else on the floor asks the value.
Look-ups by address are dictionaries, made once at load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.desk.hours import BusinessHours, local_date
from helpdesk.desk.parties import (
    PUBLIC_MAIL_DOMAINS,
    Consultant,
    DeskSettings,
    Organisation,
    Others,
    Partner,
    Queue,
)
from helpdesk.desk.plans import Plan
from helpdesk.desk.rules.actions import Action
from helpdesk.desk.rules.conditions import AllOf
from helpdesk.desk.rules.sample import Sample
from helpdesk.desk.rules.scanning import Scanner, scanners_of
from helpdesk.desk.spans import Span
from helpdesk.errors import Problem

__all__ = [
    "Consultant",
    "CrossPosted",
    "DeskSettings",
    "LifecycleSettings",
    "Organisation",
    "Others",
    "Partner",
    "Plan",
    "Queue",
    "Rule",
    "Rules",
]


class CrossPosted(StrEnum):
    """What one mail to several of our addresses becomes."""

    PRIMARY = "primary"  # one ticket, in the first-named queue
    COPY = "copy"  # one ticket; the other queues are told
    BOTH = "both"  # a ticket in each, linked


@dataclass(frozen=True, slots=True)
class LifecycleSettings:
    """How long states last."""

    close_resolved_after: Span = field(default_factory=lambda: Span(business_days=5))
    reopen_closed_within: timedelta = timedelta(days=14)
    phone_confirm_within: Span = field(default_factory=lambda: Span(business_days=1))
    remind_pending_after: Span = field(default_factory=lambda: Span(business_days=3))
    remind_pending_times: int = 2
    remind_stale_after: Span = field(default_factory=lambda: Span(business_days=3))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: where it stands in the file, when it applies, and what it then does."""

    name: str
    line: int
    when: AllOf
    then: Action
    stop: bool = False


@dataclass(frozen=True, slots=True)
class _Index:
    """Who is meant by an address; keys are in lower case."""

    queues: Mapping[str, str]
    consultants: Mapping[str, str]
    domains: Mapping[str, str]
    contacts: Mapping[str, str]
    partners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that routing_rules.yaml says. `version_hash` is the SHA-256 (hex) of its text."""

    version_hash: str
    timezone: str
    calendars: Mapping[str, BusinessHours]
    queues: Mapping[str, Queue]
    desk: DeskSettings = field(default_factory=DeskSettings)
    default_plan: str | None = None
    plans: Mapping[str, Plan] = field(default_factory=dict)
    consultants: Mapping[str, Consultant] = field(default_factory=dict)
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    partners: Mapping[str, Partner] = field(default_factory=dict)
    lifecycle: LifecycleSettings = field(default_factory=LifecycleSettings)
    cross_posted: CrossPosted = CrossPosted.PRIMARY
    command_aliases: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    samples: tuple[Sample, ...] = ()
    warnings: tuple[Problem, ...] = ()
    scanners: Mapping[str, Scanner] = field(init=False, repr=False, compare=False)  # by long field
    _index: _Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", _index_of(self))
        object.__setattr__(self, "scanners", scanners_of(rule.when for rule in self.rules))

    def queue_of_address(self, addr: str) -> Queue | None:
        """Return the queue that owns the address; `desk+anything@` is `desk@` unless it is listed itself."""
        key = addr.casefold()
        name = self._index.queues.get(key) or self._index.queues.get(_without_detail(key))
        return self.queues[name] if name else None

    def consultant_of(self, addr: str) -> Consultant | None:
        """Return the consultant who writes from that address or alias."""
        name = self._index.consultants.get(addr.casefold())
        return self.consultants[name] if name else None

    def organisation_of(self, addr: str) -> Organisation | None:
        """Return the customer whose contact the address is, else the one that owns its domain.

        A public mail domain is nobody's: there only the contacts named one by one belong to a customer.
        """
        key = addr.casefold()
        name = self._index.contacts.get(key) or self._index.domains.get(key.rpartition("@")[2])
        return self.organisations[name] if name else None

    def partner_of(self, addr: str) -> Partner | None:
        """Return the partner company that writes from that address."""
        name = self._index.partners.get(addr.casefold())
        return self.partners[name] if name else None

    def plan_of(self, organisation: Organisation | None, at: datetime) -> Plan | None:
        """Return a known customer's plan at that instant: its own while the contract is valid, else the default.

        None stands for nobody in particular: a stranger has no plan.
        """
        if organisation is None:
            return None
        if organisation.terms is not None and self.is_valid(organisation, at):
            return organisation.terms
        return self.plans[self.default_plan] if self.default_plan else None

    def is_valid(self, organisation: Organisation, at: datetime) -> bool:
        """Return whether the customer's contract runs at that instant."""
        return organisation.valid is None or local_date(at, self.timezone) in organisation.valid

    def calendar_of(self, queue: str, plan: Plan | None = None, calendar: str | None = None) -> BusinessHours:
        """Return a ticket's calendar: a rule's (`calendar`), else the plan's, else the queue's."""
        return self.calendars[calendar or (plan.calendar if plan else None) or self.queues[queue].calendar]


def _without_detail(addr: str) -> str:
    local, _, domain = addr.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _index_of(rules: Rules) -> _Index:
    """Return the look-ups; where two claim an address, the first in the file has it (and `warnings` says so)."""
    queues: dict[str, str] = {}
    consultants: dict[str, str] = {}
    domains: dict[str, str] = {}
    contacts: dict[str, str] = {}
    partners: dict[str, str] = {}
    for queue in rules.queues.values():
        _claim(queues, queue.addresses, queue.name)
    for key, consultant in rules.consultants.items():
        _claim(consultants, (consultant.addr, *consultant.aliases), key)
    for organisation in rules.organisations.values():
        _claim(contacts, organisation.contacts, organisation.name)
        _claim(domains, tuple(d for d in organisation.domains if d not in PUBLIC_MAIL_DOMAINS), organisation.name)
    for partner in rules.partners.values():
        _claim(partners, partner.addresses, partner.name)
    return _Index(queues, consultants, domains, contacts, partners)


def _claim(index: dict[str, str], keys: tuple[str, ...], owner: str) -> None:
    for key in keys:
        index.setdefault(key.casefold(), owner)
