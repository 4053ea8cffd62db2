"""What would happen to a mail: the whole line, played in a database that is thrown away.

Called by `helpdesk rules test`. Of the desk's own database, where there is one, the tickets are read that the mail
speaks of, so that a reply is played as a reply; nothing is written there.
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
from helpdesk.services.facts import gather
from helpdesk.services.process import process_batch, understand
from helpdesk.services.routing import route_facts
from helpdesk.store import copying, journal, outbox, schema
from helpdesk.store.claims import ClaimedEntry
from helpdesk.store.journal import NewEntry
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


def rehearse(
    desk: Desk, mailbox: str, raw: bytes, delivered_at: datetime, now: datetime, beside: Database | None = None
) -> Rehearsal:
    """Return what would become of the mail if that mailbox delivered it. Raises LookupError if no queue is found.

    `beside` is the desk's own database; without it every mail is the first of its matter.
    """
    entry = NewEntry(mailbox, None, None, delivered_at, raw)
    with TemporaryDirectory(prefix="helpdesk-rehearsal-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'rehearsal.db'}")
        try:
            schema.upgrade(database)
            before = _bring_in(beside, database, desk, entry, now) if beside else 0
            return _play(database, desk, entry, now, before)
        finally:
            database.close()


def _bring_in(beside: Database, database: Database, desk: Desk, entry: NewEntry, now: datetime) -> int:
    """Copy the tickets that the mail speaks of; return the last number of a mail that went out about them."""
    item = understand(_claimed(entry, now), desk)
    with beside.read() as session, database.begin() as stage:
        numbers = gather(session, [item], now, desk.consultants).tickets.keys()
        return copying.copy_tickets(session, stage, numbers, item.message.message_id)


def _play(database: Database, desk: Desk, entry: NewEntry, now: datetime, before: int) -> Rehearsal:
    with database.begin() as session:
        (number,) = journal.add_entries(session, [entry], now)
    process_batch(database, desk, lambda: now, "rehearsal", only=[number])
    with database.read() as session:
        row = journal.entry(session, number)
        assert row is not None  # it was added above
        sent = [
            Letter(mail["notification"], mail["recipient"], outbox.content(session, mail["id"]) or b"")
            for mail in reversed(outbox.listed(session))
            if mail["id"] > before
        ]
        steps = tuple(Step(**step) for step in row.trace)
        asked = any(step.step == "queue" for step in steps)  # a bounce, say, never comes before the rules
        rules = _rules(desk, entry, now) if asked else ()
        return Rehearsal(str(row.disposition or row.state), row.reason, steps, rules, tuple(sent))


def _claimed(entry: NewEntry, now: datetime) -> ClaimedEntry:
    return ClaimedEntry(0, entry.mailbox, entry.delivered_at, now, 1, silent=False, truncated=False, raw=entry.raw)


def _rules(desk: Desk, entry: NewEntry, now: datetime) -> tuple[Step, ...]:
    item = understand(_claimed(entry, now), desk)
    sender = identify_sender(item.message, desk.rules, item.authentication, answers_own_notice=False)
    return rules_read(item.message, item.classification, route_facts(desk, item, sender), desk.rules)
