"""When a ticket counts as received, until when the desk must react, and whether to acknowledge it.

Asked by the line for every new ticket, and by `helpdesk rules when`. Pure: the clock is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.desk.hours import Closure
from helpdesk.desk.plans import Plan, guarantee
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import Guarantee, Origin, TicketKind
from helpdesk.mail.message import MessageKind


@dataclass(frozen=True, slots=True)
class Receipt:
    """When it counts, and what is promised. `react_by` is None where the plan names no reaction time.

    Where the guarantee does not hold, `react_by` is the desk's own target and is not told to the customer.
    """

    received_at: datetime
    react_by: datetime | None
    calendar: str
    guarantee: Guarantee
    reason: Closure  # OPEN, or why it counts later than it was delivered

    @property
    def promised(self) -> datetime | None:
        """The instant that the customer may be told."""
        return self.react_by if self.guarantee.holds else None


def receive(
    delivered_at: datetime,
    rules: Rules,
    *,
    queue: str,
    plan: Plan | None,
    kind: TicketKind = TicketKind.ERROR,
    origin: Origin = Origin.MAIL,
    calendar: str | None = None,
    mail_time_used: timedelta = timedelta(),
) -> Receipt:
    """Return the receipt of a ticket; `calendar` is the one that a rule set, if one did.

    `mail_time_used` is what the organisation has used of its guaranteed support this month.
    """
    hours = rules.calendar_of(queue, plan, calendar)
    received_at = hours.received(delivered_at)
    reaction = plan.reaction if plan else None
    react_by = None if reaction is None else hours.add_working_time(received_at, reaction)
    promise = guarantee(plan, kind, origin, mail_time_used)
    return Receipt(received_at, react_by, hours.name, promise, hours.closure(delivered_at))


class AcknowledgeReason(StrEnum):
    """Why an acknowledgement goes out, or does not."""

    PERSON = "person"  # a person wrote, and waits for a word
    MACHINE = "machine"  # RFC 3834 §2: nothing automatic is answered
    NO_AUTHOR = "no_author"  # nobody to write to
    LATE = "late"  # taken in long after its delivery
    SILENT = "silent"  # the operator asked for silence
    RULE = "rule"  # a rule says acknowledge: false
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"
    REJECTED = "rejected"  # the refusal is the answer
    CONTACT = "contact"  # the customer's contact decides, and the author is told so


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Whether a new ticket is acknowledged, and why."""

    sent: bool
    reason: AcknowledgeReason


def should_acknowledge(
    kind: MessageKind,
    delivered_at: datetime,
    now: datetime,
    acknowledge_within: timedelta,
    *,
    has_author: bool = True,
    wanted: bool | None = None,
    quarantined: bool = False,
    discarded: bool = False,
    rejected: bool = False,
    silent: bool = False,
) -> Acknowledgement:
    """Return whether the mail that opened a ticket is acknowledged; `wanted` is what a rule said, if one did.

    No rule can make the desk answer a machine: two such desks would write to each other for ever.
    """
    hindrances = (
        (kind is not MessageKind.PERSONAL, AcknowledgeReason.MACHINE),
        (not has_author, AcknowledgeReason.NO_AUTHOR),
        (discarded, AcknowledgeReason.DISCARDED),
        (quarantined, AcknowledgeReason.QUARANTINED),
        (rejected, AcknowledgeReason.REJECTED),
        (silent, AcknowledgeReason.SILENT),
        (wanted is False, AcknowledgeReason.RULE),
        (now - delivered_at > acknowledge_within, AcknowledgeReason.LATE),
    )
    reason = next((why for hindered, why in hindrances if hindered), AcknowledgeReason.PERSON)
    return Acknowledgement(reason is AcknowledgeReason.PERSON, reason)
