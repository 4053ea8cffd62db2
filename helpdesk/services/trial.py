"""The stored mail under other rules: what they would have decided differently, and which deadlines would move.

Called by `helpdesk rules diff`; it only reads. Mail that belonged to a ticket already is left out: rules are
asked about mail that opens one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.desk.comparison import Difference, differences
from helpdesk.desk.decision import Decision, decide
from helpdesk.desk.sender import identify_sender
from helpdesk.desk.terms import Disposition, State
from helpdesk.services.desk import Desk
from helpdesk.services.opening import route_facts
from helpdesk.services.process import understand
from helpdesk.store import journal, tickets
from helpdesk.store.journal import ClaimedEntry
from helpdesk.store.tables import JournalRow, TicketRow
from helpdesk.store.unit_of_work import Database, Session

ROUTED = (Disposition.OPENED, Disposition.HELD, Disposition.DISCARDED)


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """A ticket that nobody has reacted to, and its react-by as it stands and as the new rules have it."""

    ticket: str
    old: datetime | None
    new: datetime | None
    overdue: bool  # by the new rules, and not by the old


@dataclass(slots=True)
class Trial:
    """What other rules would have changed; `changes` names the journal entries of each difference."""

    mails: int = 0
    changes: dict[Difference, list[int]] = field(default_factory=dict)
    deadlines: list[MovedDeadline] = field(default_factory=list)


def compare(database: Database, old: Desk, new: Desk, since: datetime, now: datetime) -> Trial:
    """Return what the new desk's rules would have changed in the mail delivered since then."""
    trial = Trial()
    with database.read() as session:
        rows = [row for row in journal.entries(session) if row.disposition in ROUTED and row.delivered_at >= since]
        opened = tickets.by_number(session, {row.ticket for row in rows if row.ticket is not None})
        for row in sorted(rows, key=lambda row: row.id or 0):
            _compare_one(trial, session, row, opened.get(row.ticket or 0), old, new, now)
    return trial


def _compare_one(
    trial: Trial, session: Session, row: JournalRow, ticket: TicketRow | None, old: Desk, new: Desk, now: datetime
) -> None:
    raw = journal.raw(session, row.id or 0) or b""
    before, after = decide_again(row, raw, old), decide_again(row, raw, new)
    trial.mails += 1
    for difference in differences(before, after):
        trial.changes.setdefault(difference, []).append(row.id or 0)
    if ticket is not None and ticket.reacted_at is None and ticket.state is not State.CLOSED:
        _note_deadline(trial, old.key_of(ticket), before.receipt.react_by, after.receipt.react_by, now)


def decide_again(row: JournalRow, raw: bytes, desk: Desk) -> Decision:
    """Return what the desk's rules decide about a stored mail, taken in the moment it was delivered."""
    claimed = ClaimedEntry(row.id or 0, row.mailbox, row.delivered_at, row.taken_at, 1, row.silent, row.truncated, raw)
    item = understand(claimed, desk)
    sender = identify_sender(item.message, desk.rules, item.authentication, answers_own_notice=False)
    facts = route_facts(desk, item, sender)
    return decide(item.message, item.classification, facts, desk.rules, row.delivered_at, desk.acknowledge_within)


def _note_deadline(trial: Trial, key: str, old: datetime | None, new: datetime | None, now: datetime) -> None:
    if old != new:
        overdue = new is not None and new <= now and (old is None or old > now)
        trial.deadlines.append(MovedDeadline(key, old, new, overdue))
