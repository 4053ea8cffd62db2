"""A ticket's receipt with all that the database knows of it: the plan, and what is used of its guaranteed support.

Called by whoever opens or reopens a ticket, or changes what its promise rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from helpdesk.desk.ledger import month_of
from helpdesk.desk.plans import Plan
from helpdesk.desk.receipt import Receipt, receive
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import Origin, TicketKind
from helpdesk.services.desk import Unit
from helpdesk.store import ledger
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Session

NOTHING = timedelta()
MailTime = Mapping[tuple[str, str], timedelta]  # by organisation and month: guaranteed support that is used


def zone_of(rules: Rules, plan: Plan | None) -> str:
    """Return the zone in which a plan's months begin and end: its calendar's."""
    return rules.calendars[plan.calendar].zone if plan and plan.calendar else rules.timezone


def mail_time(session: Session, earliest: datetime) -> MailTime:
    """Return the guaranteed support used since about that time, whatever the zones: one query for a batch."""
    used = ledger.guaranteed_support(session, f"{earliest - timedelta(days=1):%Y-%m}")
    return {key: timedelta(seconds=seconds) for key, seconds in used.items()}


def receipt_for(
    unit: Unit,
    at: datetime,
    *,
    queue: str,
    plan: Plan | None,
    kind: TicketKind,
    origin: Origin = Origin.MAIL,
    calendar: str | None = None,
    organisation: str | None = None,
    used: MailTime | None = None,
) -> Receipt:
    """Return the receipt of a word delivered at that time; `calendar` is the one that a rule set.

    `used` is what a batch has asked for already; without it the database is asked, where that can matter.
    """
    rules = unit.desk.rules
    spent = NOTHING
    if organisation and plan and plan.guaranteed_support is not None and kind is not TicketKind.ERROR:
        received_at = rules.calendar_of(queue, plan, calendar).received(at)
        known = mail_time(unit.session, received_at) if used is None else used
        spent = known.get((organisation, month_of(received_at, zone_of(rules, plan))), NOTHING)
    return receive(at, rules, queue=queue, plan=plan, kind=kind, origin=origin, calendar=calendar, mail_time_used=spent)


def clock_start(ticket: TicketRow) -> datetime:
    """Return the delivery of the word from which a ticket's reaction time is counted."""
    return ticket.clock_from or ticket.delivered_at


def plan_of(rules: Rules, ticket: TicketRow) -> Plan | None:
    """Return the plan that a ticket was taken in under, as the rules have it now: the customer's own version first."""
    organisation = rules.organisations.get(ticket.organisation or "")
    own = rules.plan_of(organisation, clock_start(ticket))
    return own if own is not None and own.name == ticket.plan else rules.plans.get(ticket.plan or "")


def renewed(unit: Unit, ticket: TicketRow) -> Receipt | None:
    """Return a ticket's receipt by the rules of now; None if they no longer have its queue.

    A time of receipt that a person has set stays.
    """
    rules = unit.desk.rules
    if ticket.queue not in rules.queues:
        return None
    calendar = ticket.own_calendar if ticket.own_calendar in rules.calendars else None
    plan = plan_of(rules, ticket)
    found = receipt_for(
        unit,
        ticket.received_at if ticket.receipt_fixed else clock_start(ticket),
        queue=ticket.queue,
        plan=plan,
        kind=ticket.kind,
        origin=ticket.origin,
        calendar=calendar,
        organisation=ticket.organisation,
    )
    return _as_fixed(rules, ticket, plan, found) if ticket.receipt_fixed else found


def _as_fixed(rules: Rules, ticket: TicketRow, plan: Plan | None, found: Receipt) -> Receipt:
    hours = rules.calendars[found.calendar]
    reaction = plan.reaction if plan else None
    react_by = None if reaction is None else hours.add_working_time(ticket.received_at, reaction)
    return Receipt(ticket.received_at, react_by, found.calendar, found.guarantee, ticket.closure)
