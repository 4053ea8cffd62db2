"""What letters list beside one ticket: the balance of a package, the tickets of a digest, contracts that end.

Parts of `letter.Letter`; made by the services that the clock drives and by the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.desk.plans import Light
from helpdesk.desk.terms import Person, State


@dataclass(frozen=True, slots=True)
class Balance:
    """The time that was spent on a ticket, and how the customer's month stands."""

    spent: timedelta  # as counted: written up and rounded
    month: date  # its first day
    package: timedelta  # included in the month; zero: none
    package_left: timedelta
    overage: timedelta  # beyond it, in the whole month


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket as a digest lists it."""

    key: str
    subject: str
    customer: str
    state: State
    priority: int
    react_by: datetime | None  # None once somebody reacted, or where no time is named
    waiting_since: datetime | None
    assignee: Person | None
    overdue: bool = False
    away: bool = False  # the assignee is not at work today


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract that ends: its last day, and how near that is."""

    organisation: str
    plan: str
    last: date
    days_left: int  # negative: it is over
    light: Light
