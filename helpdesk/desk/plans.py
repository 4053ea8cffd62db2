"""What a support plan entitles to, and whether its promise binds for a ticket.

Asked by `receipt` for every new ticket, by the ledger for every session of work, and by the timers
for contracts that end soon. All figures come from routing_rules.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from helpdesk.desk.spans import DateRange
from helpdesk.desk.terms import Guarantee, GuaranteeReason, Origin, TicketKind


class Channel(StrEnum):
    """In which way time was spent for a customer."""

    REMOTE = "remote"
    PHONE = "phone"
    PROGRAMMING = "programming"
    MAIL = "mail"


BILLABLE = (Channel.REMOTE, Channel.PHONE, Channel.PROGRAMMING)  # mail is never charged to the package


class MailSupport(StrEnum):
    """What a customer of the plan may write about."""

    ALL = "all"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class Plan:
    """A support plan, or one organisation's own version of it. None means: not part of the plan."""

    name: str
    calendar: str | None = None  # None: the queue's
    reaction: timedelta | None = None  # guaranteed, in working hours of the calendar
    guaranteed_support: timedelta | None = None  # a month's cap on it: mail, non-errors; None: no cap
    package: timedelta | None = None  # included hours a month
    package_for: frozenset[Channel] = frozenset(BILLABLE)
    mail: MailSupport = MailSupport.ALL
    rounding: Mapping[Channel, timedelta] = field(default_factory=dict)  # absent: exact
    write_up: timedelta = timedelta()
    rate: Decimal | None = None  # an hour, net
    minimum_term: int = 0  # months
    agreed: frozenset[str] = frozenset()  # keys that the plan leaves to each contract


def guarantee(plan: Plan | None, kind: TicketKind, origin: Origin, mail_time_used: timedelta) -> Guarantee:
    """Return whether the plan's reaction time binds, with the reason.

    `mail_time_used` is the organisation's mail support for non-errors in the calendar month; errors
    don't count towards the cap and are not stopped by it. A portal counts like mail; a call doesn't.
    """
    reason = _reason(plan, kind, origin, mail_time_used)
    agreed = reason is GuaranteeReason.AGREED and plan is not None and plan.reaction is not None
    return Guarantee(agreed or reason is GuaranteeReason.HOLDS, reason)


def _reason(plan: Plan | None, kind: TicketKind, origin: Origin, used: timedelta) -> GuaranteeReason:
    if plan is None:
        return GuaranteeReason.NO_PLAN
    if plan.mail is MailSupport.ERRORS and kind is not TicketKind.ERROR:
        return GuaranteeReason.NOT_COVERED
    if plan.reaction is None and "reaction" not in plan.agreed:
        return GuaranteeReason.NO_REACTION_IN_PLAN
    if origin is Origin.PHONE:
        return GuaranteeReason.CHANNEL
    if kind is not TicketKind.ERROR and plan.guaranteed_support is not None and used >= plan.guaranteed_support:
        return GuaranteeReason.CAP_REACHED
    return GuaranteeReason.AGREED if "reaction" in plan.agreed else GuaranteeReason.HOLDS


class Light(StrEnum):
    """How soon a contract ends."""

    GREEN = "green"  # in more than 90 days
    YELLOW = "yellow"  # in 30 to 90 days
    RED = "red"  # in fewer than 30 days, or already over


def contract_light(valid: DateRange, today: date) -> Light:
    """Return the light of a contract; the days left are counted to its last day."""
    days_left = (valid.last - today).days
    if days_left > 90:
        return Light.GREEN
    return Light.YELLOW if days_left >= 30 else Light.RED
