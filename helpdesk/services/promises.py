"""What was promised stays promised: deadlines move only when a person says so, and the history says who and why.

Editing a calendar or a plan binds what comes after. `rules diff` asks here which promises would come out otherwise,
and `--recompute` moves them; a consultant can set another time of receipt, or say that a ticket is no error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from helpdesk.desk.receipt import Receipt
from helpdesk.desk.terms import Guarantee, Person
from helpdesk.services import course, ledger, receipts
from helpdesk.services.desk import Unit
from helpdesk.store import work
from helpdesk.store.tables import TicketRow


@dataclass(frozen=True, slots=True)
class Moved:
    """A ticket that nobody has reacted to, and its time to react as promised and as the rules at hand have it."""

    ticket: str
    old: datetime | None
    new: datetime | None
    overdue: bool  # by the new time, and not by the old


def moved(unit: Unit) -> list[Moved]:
    """Return the promises that the unit's rules would not make as they stand, what expires first on top."""
    return [_moved(unit, ticket, receipt) for ticket, receipt in _different(unit)]


def recompute(unit: Unit) -> list[Moved]:
    """Move those promises to what the unit's rules say, each with a line in its history; return them."""
    found = list(_different(unit))
    changes = [_moved(unit, ticket, receipt) for ticket, receipt in found]
    why = f"recomputed by rules {unit.desk.rules.version_hash[:12]}"
    for ticket, receipt in found:
        _note_react_by(unit, ticket, None, receipt.react_by, why)
        _take(ticket, receipt)
    return changes


def fix_receipt(unit: Unit, ticket: TicketRow, by: Person, received_at: datetime, reason: str) -> None:
    """Let a ticket count as received at that time, whatever the receipt rule says; its time to react follows."""
    ticket.received_at, ticket.receipt_fixed = received_at, True
    receipt = receipts.renewed(unit, ticket)
    if receipt is not None and ticket.reacted_at is None:
        _note_react_by(unit, ticket, by, receipt.react_by, reason)
        _take(ticket, receipt)


def kind_changed(unit: Unit, ticket: TicketRow, by: Person) -> None:
    """Find out anew whether the promise binds, since errors and the rest are promised different things."""
    ledger.recount_mail(unit, ticket, by)
    receipt = receipts.renewed(unit, ticket)
    if receipt is None:
        return
    before = Guarantee(ticket.guarantee_holds, ticket.guarantee_reason)
    if receipt.guarantee != before:
        course.note(unit, ticket, "guarantee", by, old=before.reason, new=receipt.guarantee.reason, reason="kind")
        _bind(ticket, receipt.guarantee)


def _different(unit: Unit) -> Iterator[tuple[TicketRow, Receipt]]:
    for ticket in work.unreacted(unit.session):
        receipt = receipts.renewed(unit, ticket)
        if receipt is not None and receipt.react_by != ticket.react_by:
            yield ticket, receipt


def _moved(unit: Unit, ticket: TicketRow, receipt: Receipt) -> Moved:
    old, new = ticket.react_by, receipt.react_by
    overdue = new is not None and new <= unit.now and (old is None or old > unit.now)
    return Moved(unit.desk.key_of(ticket), old, new, overdue)


def _take(ticket: TicketRow, receipt: Receipt) -> None:
    if ticket.clock_from is None:  # else the time of receipt is that of an earlier round
        ticket.received_at, ticket.closure = receipt.received_at, receipt.reason
    ticket.react_by, ticket.calendar = receipt.react_by, receipt.calendar
    _bind(ticket, receipt.guarantee)


def _bind(ticket: TicketRow, guarantee: Guarantee) -> None:
    ticket.guarantee_holds, ticket.guarantee_reason = guarantee.holds, guarantee.reason


def _note_react_by(unit: Unit, ticket: TicketRow, by: Person | None, new: datetime | None, reason: str) -> None:
    if new != ticket.react_by:
        course.note(unit, ticket, "react_by", by, old=_iso(ticket.react_by), new=_iso(new), reason=reason)


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at else ""
