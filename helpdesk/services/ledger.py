"""Time used for customers: written down once, taken back by counter-entries, summed up by the month.

Called by `helpdesk ledger`, by the verb `time`, and by letters for the balance. How a session counts is settled when
it is written, by the plan of its day; a statement reads nothing but the ledger's own rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from helpdesk.desk import ledger
from helpdesk.desk.bulletin import Balance
from helpdesk.desk.ledger import Charge, LedgerEntry, Statement
from helpdesk.desk.parties import Organisation
from helpdesk.desk.plans import BILLABLE, Channel, Plan
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import Person
from helpdesk.desk.worktime import Session
from helpdesk.services import course
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.receipts import zone_of
from helpdesk.store import ledger as store
from helpdesk.store import tickets
from helpdesk.store.tables import LedgerRow, TicketRow
from helpdesk.store.unit_of_work import Session as Transaction

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Account:
    """An organisation's month."""

    organisation: str
    month: str
    plan: str
    statement: Statement


def organisation_of(rules: Rules, ticket: TicketRow) -> Organisation | None:
    """Return the customer that a ticket is worked on for."""
    return rules.organisations.get(ticket.organisation or "") or rules.organisation_of(ticket.requester_addr)


def add(unit: Unit, ticket: TicketRow, by: Person, session: Session, reason: str = "") -> LedgerRow | str:
    """Write a session down and return its entry; a sentence when that can't be."""
    rules = unit.desk.rules
    organisation = organisation_of(rules, ticket)
    if organisation is None:
        return f"{unit.desk.key_of(ticket)} belongs to no organisation of the rules: name its customer there first"
    try:
        started_at = session.started_at(unit.now, zone_of(rules, rules.plan_of(organisation, unit.now)))
    except ValueError as error:
        return str(error)
    plan = rules.plan_of(organisation, started_at)
    number = store.next_number(unit.session)
    month = ledger.month_of(started_at, zone_of(rules, plan))
    left = ledger.package_left(plan, map(entry_of, store.of_month(unit.session, organisation.name, month)))
    counted = ledger.charge(plan, session.channel, session.worked, left, session.write_up)
    entry = LedgerEntry(
        number,
        started_at,
        by.addr,
        unit.desk.key_of(ticket),
        ticket.kind,
        counted,
        plan=plan.name if plan else "",
        zone=zone_of(rules, plan),
        reason=reason,
    )
    cap = plan.guaranteed_support if plan else None
    row = _row(unit, ticket.number, organisation.name, month, entry, _package(plan), cap)
    course.note(unit, ticket, "time", by, new=_said(counted), reason=reason)
    return row


def correct(unit: Unit, number: int, by: Person, reason: str) -> LedgerRow | str:
    """Take an entry back by a counter-entry and return that; a sentence when there is nothing to take back."""
    counter = store.next_number(unit.session)
    row = store.entry(unit.session, number)
    if row is None:
        return f"there is no entry {number} in the ledger"
    if row.corrects is not None:
        return f"entry {number} takes back entry {row.corrects}: write the time anew instead"
    if taken := store.counter_entry_of(unit.session, number):
        return f"entry {number} has been taken back already, by entry {taken.number}"
    back = _take_back(unit, row, counter, by, reason)
    ticket = tickets.ticket(unit.session, row.ticket)
    if ticket is not None:
        course.note(unit, ticket, "time", by, old=_said(entry_of(row).charge), reason=reason)
    return back


def _take_back(unit: Unit, row: LedgerRow, number: int, by: Person, reason: str) -> LedgerRow:
    back = ledger.counter_entry(entry_of(row), number, by.addr, reason)
    return _row(unit, row.ticket, row.organisation, row.month, back, _seconds(row.package), _length(row.cap))


def recount_mail(unit: Unit, ticket: TicketRow, by: Person) -> None:
    """Count this month's mail time on a ticket by its kind of now: errors don't use up guaranteed support."""
    rows = store.of_ticket(unit.session, ticket.number)
    taken_back = {row.corrects for row in rows}
    for row in rows:
        stale = row.channel is Channel.MAIL and row.kind is not ticket.kind and row.corrects is None
        if stale and row.number not in taken_back and row.month == ledger.month_of(unit.now, row.zone):
            why = f"the ticket's kind is {ticket.kind} now"
            _take_back(unit, row, store.next_number(unit.session), by, why)
            entry = entry_of(row)
            again = LedgerEntry(
                store.next_number(unit.session), entry.started_at, entry.consultant, entry.ticket, ticket.kind,
                entry.charge, plan=entry.plan, zone=entry.zone, reason=entry.reason,
            )  # fmt: skip
            _row(unit, row.ticket, row.organisation, row.month, again, _seconds(row.package), _length(row.cap))


def account(session: Transaction, desk: Desk, organisation: Organisation, month: str) -> Account:
    """Return an organisation's account of a month (`2026-11`), from the ledger's rows alone.

    Package and cap are those of the latest session; a month without entries shows what the rules of now name.
    """
    rows = store.of_month(session, organisation.name, month)
    if rows:
        last = max(rows, key=lambda row: (row.started_at, row.number))
        plan = Plan(last.plan or "", package=_seconds(last.package), guaranteed_support=_length(last.cap))
    else:
        begun = datetime.fromisoformat(f"{month}-01T12:00:00+00:00")
        plan = desk.rules.plan_of(organisation, begun) or Plan("")
    return Account(organisation.name, month, plan.name, ledger.statement(plan, map(entry_of, rows)))


def balance(session: Transaction, rules: Rules, ticket: TicketRow, now: datetime) -> Balance | None:
    """Return the time spent on a ticket and how its customer's month stands; None when none was spent."""
    organisation = organisation_of(rules, ticket)
    spent = _sum(row.counted for row in store.of_ticket(session, ticket.number) if row.channel in BILLABLE)
    if organisation is None or not spent:
        return None
    plan = rules.plan_of(organisation, now)
    month = ledger.month_of(now, zone_of(rules, plan))
    entries = [entry_of(row) for row in store.of_month(session, organisation.name, month)]
    overage = sum((entry.charge.overage for entry in entries), NOTHING)
    left = ledger.package_left(plan, entries)
    return Balance(spent, date.fromisoformat(f"{month}-01"), _package(plan), left, overage)


def entry_of(row: LedgerRow) -> LedgerEntry:
    """Return an entry as the desk's arithmetic knows it."""
    charge = Charge(
        row.channel,
        worked=_seconds(row.worked),
        write_up=_seconds(row.write_up),
        unit=_seconds(row.unit),
        counted=_seconds(row.counted),
        packaged=_seconds(row.packaged),
        overage=_seconds(row.overage),
        rate=Decimal(row.rate) if row.rate is not None else None,
    )
    return LedgerEntry(
        row.number, row.started_at, row.consultant, row.ticket_key, row.kind, charge, row.corrects,
        row.plan or "", row.zone, row.reason,
    )  # fmt: skip


def _row(
    unit: Unit,
    ticket: int,
    organisation: str,
    month: str,
    entry: LedgerEntry,
    package: timedelta,
    cap: timedelta | None,
) -> LedgerRow:
    charge = entry.charge
    row = LedgerRow(
        number=entry.number,
        corrects=entry.corrects,
        ticket=ticket,
        ticket_key=entry.ticket,
        organisation=organisation,
        plan=entry.plan or None,
        kind=entry.kind,
        consultant=entry.consultant,
        channel=charge.channel,
        started_at=entry.started_at,
        zone=entry.zone,
        month=month,
        worked=_in_seconds(charge.worked),
        write_up=_in_seconds(charge.write_up),
        unit=_in_seconds(charge.unit),
        counted=_in_seconds(charge.counted),
        packaged=_in_seconds(charge.packaged),
        overage=_in_seconds(charge.overage),
        rate=str(charge.rate) if charge.rate is not None else None,
        package=_in_seconds(package),
        cap=_in_seconds(cap) if cap is not None else None,
        reason=entry.reason,
        written_at=unit.now,
    )
    unit.session.add(row)
    unit.session.flush()
    return row


def _package(plan: Plan | None) -> timedelta:
    return plan.package if plan and plan.package else NOTHING


def _said(charge: Charge) -> str:
    return f"{charge.worked // timedelta(minutes=1)}m {charge.channel}"


def _seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def _length(number: int | None) -> timedelta | None:
    return None if number is None else _seconds(number)


def _in_seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)


def _sum(numbers: Iterable[int]) -> timedelta:
    return _seconds(sum(numbers))
