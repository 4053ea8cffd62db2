"""The stored mail under other rules: what they would have decided differently. (Deadlines: see `promises`.)

Called by `helpdesk rules diff`; it only reads. Mail that belonged to a ticket already is left out: rules are
asked about mail that opens one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.desk.comparison import Difference, differences
from helpdesk.desk.decision import Decision, decide
from helpdesk.desk.sender import identify_sender
from helpdesk.desk.terms import Disposition
from helpdesk.services.desk import Desk
from helpdesk.services.facts import Understood
from helpdesk.services.process import seen_by, understand
from helpdesk.services.routing import route_facts
from helpdesk.store import journal
from helpdesk.store.claims import ClaimedEntry
from helpdesk.store.tables import JournalRow
from helpdesk.store.unit_of_work import Database

ROUTED = (Disposition.OPENED, Disposition.HELD, Disposition.DISCARDED)


@dataclass(slots=True)
class Trial:
    """What other rules would have changed; `changes` names the journal entries of each difference."""

    mails: int = 0
    changes: dict[Difference, list[int]] = field(default_factory=dict)


def compare(database: Database, old: Desk, new: Desk, since: datetime) -> Trial:
    """Return what the new desk's rules would have changed in the mail delivered since then."""
    trial = Trial()
    with database.read() as session:
        for row, raw in journal.decided_since(session, ROUTED, since):
            _compare_one(trial, row, raw, old, new)
    return trial


def _compare_one(trial: Trial, row: JournalRow, raw: bytes, old: Desk, new: Desk) -> None:
    claimed = ClaimedEntry(row.id or 0, row.mailbox, row.delivered_at, row.taken_at, 1, row.silent, row.truncated, raw)
    item = understand(claimed, old)
    again = item if item.failure else seen_by(new, claimed, item.message)
    trial.mails += 1
    for difference in differences(_decide(item, old), _decide(again, new)):
        trial.changes.setdefault(difference, []).append(row.id or 0)


def _decide(item: Understood, desk: Desk) -> Decision:
    """Return what the desk's rules decide about a stored mail, taken in the moment it was delivered."""
    sender = identify_sender(item.message, desk.rules, item.authentication, answers_own_notice=False)
    facts = route_facts(desk, item, sender)
    delivered_at = item.entry.delivered_at
    return decide(item.message, item.classification, facts, desk.rules, delivered_at, desk.acknowledge_within)
