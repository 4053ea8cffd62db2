"""What would happen to a mail: the whole line, played in a database that is thrown away.

Called by `helpdesk rules test`. Nothing of the desk's own database is read or written, so that a reply to a
ticket is played as a first mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from helpdesk.desk.route import rules_read
from helpdesk.desk.sender import identify_sender
from helpdesk.desk.terms import Step
from helpdesk.services.desk import Desk
from helpdesk.services.opening import route_facts
from helpdesk.services.process import process_batch, understand
from helpdesk.store import journal, outbox, schema
from helpdesk.store.journal import ClaimedEntry, NewEntry
from helpdesk.store.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that would go out."""

    notification: str
    recipient: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would become of a mail: each step, each rule, and the mails that would go out."""

    disposition: str
    reason: str
    steps: tuple[Step, ...]
    rules: tuple[Step, ...]  # every rule, with why it applies or not; empty if they were not asked
    letters: tuple[Letter, ...]


def rehearse(desk: Desk, mailbox: str, raw: bytes, delivered_at: datetime, now: datetime) -> Rehearsal:
    """Return what would become of the mail if that mailbox delivered it. Raises LookupError if no queue is found."""
    with TemporaryDirectory(prefix="helpdesk-rehearsal-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'rehearsal.db'}")
        try:
            schema.upgrade(database)
            return _play(database, desk, NewEntry(mailbox, None, None, delivered_at, raw), now)
        finally:
            database.close()


def _play(database: Database, desk: Desk, entry: NewEntry, now: datetime) -> Rehearsal:
    with database.begin() as session:
        (number,) = journal.add_entries(session, [entry], now)
    process_batch(database, desk, lambda: now, "rehearsal", only=[number])
    with database.read() as session:
        row = journal.entry(session, number)
        assert row is not None  # it was added above
        sent = [
            Letter(mail["notification"], mail["recipient"], outbox.content(session, mail["id"]) or b"")
            for mail in outbox.listed(session)
        ]
        steps = tuple(Step(**step) for step in row.trace)
        asked = any(step.step == "queue" for step in steps)  # a bounce, say, never comes before the rules
        rules = _rules(desk, entry, now) if asked else ()
        return Rehearsal(str(row.disposition or row.state), row.reason, steps, rules, tuple(sent))


def _rules(desk: Desk, entry: NewEntry, now: datetime) -> tuple[Step, ...]:
    claimed = ClaimedEntry(0, entry.mailbox, entry.delivered_at, now, 1, silent=False, truncated=False, raw=entry.raw)
    item = understand(claimed, desk)
    sender = identify_sender(item.message, desk.rules, item.authentication, answers_own_notice=False)
    return rules_read(item.message, item.classification, route_facts(desk, item, sender), desk.rules)
