"""The one gate that every outgoing mail passes: a refusal is a row with its reason, never a silence.

Pure; called where an outbox row is about to be written (RELIABILITY 2.7). `admit` asks whether mail may go to an
address at all; `within_limits` whether there has been too much of it. Only automatic mail to the customers' side has
limits: what a consultant writes or does always goes, and a contact never waits behind strangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.desk.terms import OutboxState


class GateReason(StrEnum):
    """Why a mail is not sent."""

    PASSES = ""
    OWN_ADDRESS = "own_address"
    NO_REPLY_ADDRESS = "no_reply_address"
    BAD_ADDRESS = "bad_address"
    MUTED = "muted"
    UNCLEAN_HEADER = "unclean_header"  # a control character in what would stand in a header field
    TOO_LARGE = "too_large"
    QUIET_THREAD = "quiet_thread"  # the loop breaker has switched this ticket's automatic mail off
    THREAD_BUDGET = "thread_budget"  # a ticket is acknowledged once
    ADDRESS_BUDGET = "address_budget"
    DOMAIN_BUDGET = "domain_budget"
    STRANGERS_BUDGET = "strangers_budget"
    CONTACT_BUDGET = "contact_budget"
    SURGE = "surge"  # far more automatic mail goes out than mail came in
    RESTORED = "restored"  # the database was restored from a copy, and this may have left before


class Budget(StrEnum):
    """What an automatic mail is counted as; UNLIMITED is not counted."""

    UNLIMITED = ""
    STRANGER = "stranger"
    CONTACT = "contact"  # or a consultant, about mail in their name that nothing proves
    RELAY = "relay"  # a contact is told what somebody else wrote


@dataclass(frozen=True, slots=True)
class Limits:
    """CONTRACT's `[limits]`."""

    stranger_per_hour: int = 3
    stranger_per_day: int = 5
    domain_per_hour: int = 30
    strangers_per_hour: int = 60
    contact_per_hour: int = 20


@dataclass(frozen=True, slots=True)
class Traffic:
    """Automatic mail that has passed already, as it matters to one more."""

    to_address_hour: int = 0
    to_address_day: int = 0
    to_domain_hour: int = 0  # to strangers of the recipient's domain
    to_strangers_hour: int = 0
    relays: int = 0  # within SURGE_WINDOW minutes
    relayed: int = 0  # mails that those were caused by
    acknowledged: bool = False  # this very ticket
    quiet: bool = False  # this ticket's automatic mail is off


LOOP_WINDOW_MINUTES = 10
LOOP_MAILS = 6  # from one address in one thread within the window; one more, and a machine is at it
QUIET_HOURS = 24
SURGE_WINDOW_MINUTES = 10
SURGE_MAILS, SURGE_RATIO = 30, 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state in which the row is written, and why."""

    state: OutboxState
    reason: GateReason = GateReason.PASSES


_MACHINES = re.compile(
    r"(?:mailer-daemon|postmaster|(?:.*-)?bounces?(?:[+=-].*)?|owner-.*|.*-request"
    r"|(?:.*[._+-])?(?:no|not|do-?not|donot|nie)[._-]?(?:reply|respond|odpowiadaj|odpisuj)(?:[._+-].*)?)",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"(?:(?:.*-)?(?:list|lista|l)|(?:list|lista)-.*)@.*|.*@(?:lists?|listy|grupy|groups?)\..*|.*@googlegroups\.com",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"[^\s@<>,;:()\"\\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>,;:()\"\\\x00-\x1f\x7f]{1,253}")


def is_machine_address(addr: str) -> bool:
    """Return whether nobody reads what is sent there: noreply and its kin, daemons, list robots."""
    return _MACHINES.fullmatch(addr.rpartition("@")[0]) is not None


def is_list_address(addr: str) -> bool:
    """Return whether a mailing list lives there, as far as a name can tell: nobody in particular would take part."""
    return _LISTS.fullmatch(addr) is not None


def is_usable_address(addr: str) -> bool:
    """Return whether a mail can be sent there: a plain ASCII local part and a domain with a dot or a host name."""
    return _ADDRESS.fullmatch(addr) is not None and addr.rpartition("@")[0].isascii()


def admit(recipient: str, own_addresses: frozenset[str], *, automatic: bool, muted: bool) -> Verdict:
    """Return whether a mail may go to the recipient; `automatic` is one that no person wrote.

    Nothing goes to our own addresses or their plus-variants: that is how loops begin.
    """
    if not is_usable_address(recipient):
        return Verdict(OutboxState.MUTED, GateReason.BAD_ADDRESS)
    local, _, domain = recipient.casefold().rpartition("@")
    if not own_addresses.isdisjoint((f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}")):
        return Verdict(OutboxState.MUTED, GateReason.OWN_ADDRESS)
    if automatic and is_machine_address(recipient):
        return Verdict(OutboxState.MUTED, GateReason.NO_REPLY_ADDRESS)
    if muted:
        return Verdict(OutboxState.MUTED, GateReason.MUTED)
    return Verdict(OutboxState.QUEUED)


def is_clean(fields: Iterable[str]) -> bool:
    """Return whether texts can stand in header fields: a line break there would begin a field of its own."""
    return not any(_CONTROL.search(text) for text in fields)


def within_limits(budget: Budget, traffic: Traffic, limits: Limits, *, acknowledges: bool) -> Verdict:
    """Return whether one more automatic mail may go, after so much traffic; HELD with the first limit that is met."""
    if budget is Budget.UNLIMITED:
        return Verdict(OutboxState.QUEUED)
    is_stranger = budget is Budget.STRANGER
    surge = traffic.relays >= SURGE_MAILS and traffic.relays + 1 > SURGE_RATIO * max(traffic.relayed, 1)
    limits_met = (
        (traffic.quiet, GateReason.QUIET_THREAD),
        (acknowledges and traffic.acknowledged, GateReason.THREAD_BUDGET),
        (budget is Budget.RELAY and surge, GateReason.SURGE),
        (not is_stranger and traffic.to_address_hour >= limits.contact_per_hour, GateReason.CONTACT_BUDGET),
        (is_stranger and traffic.to_address_hour >= limits.stranger_per_hour, GateReason.ADDRESS_BUDGET),
        (is_stranger and traffic.to_address_day >= limits.stranger_per_day, GateReason.ADDRESS_BUDGET),
        (is_stranger and traffic.to_domain_hour >= limits.domain_per_hour, GateReason.DOMAIN_BUDGET),
        (is_stranger and traffic.to_strangers_hour >= limits.strangers_per_hour, GateReason.STRANGERS_BUDGET),
    )
    reason = next((why for met, why in limits_met if met), GateReason.PASSES)
    return Verdict(OutboxState.HELD if reason else OutboxState.QUEUED, reason)
