"""The mail's way through the desk: from a journal entry to a ticket and its letters, in one straight line.

`process_batch` claims entries, understands each without the database, asks the facts of all at once, and then
takes every entry down the line in a savepoint of its own: one that fails rolls back alone and is shunted
(RELIABILITY 2.5). Called by the daemon, `run --once`, `ingest` and `journal replay`.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk import crashpoints, logs
from helpdesk.desk.terms import Disposition, EntryState
from helpdesk.desk.thread import thread_hints
from helpdesk.errors import DatabaseConflict, DatabaseUnavailable
from helpdesk.mail.authentication import authenticate
from helpdesk.mail.classify import classify
from helpdesk.mail.message import InboundMessage
from helpdesk.mail.parse import parse_message
from helpdesk.services import line, shunt
from helpdesk.services.desk import Desk, Unit, Witness
from helpdesk.services.facts import Facts, Understood, gather
from helpdesk.services.line import Outcome
from helpdesk.store import claims, journal
from helpdesk.store.claims import ClaimedEntry
from helpdesk.store.unit_of_work import Database, Session, spoils_transaction

log = logs.get_logger(__name__)

BATCH = 100
BATCH_BYTES = 16 * 1024 * 1024
LEASE = timedelta(minutes=10)
COLLISIONS = 5  # tries of a batch that collides with another worker
PROBATION = timedelta(minutes=10)
MAX_ATTEMPTS = 3  # deaths of the process over one mail before its parser is passed by
Clock = Callable[[], datetime]


def process_batch(
    database: Database,
    desk: Desk,
    clock: Clock,
    owner: str,
    *,
    only: Collection[int] | None = None,
    released: bool = False,
    by_delivery: bool = False,
) -> list[Outcome]:
    """Take one batch of journal entries down the line; return an outcome for each, none if nothing waits.

    `only` names the entries; `released` lets them through a rule's quarantine, since a person said so; `by_delivery`
    takes the oldest mail first, not the first journalled.

    The attempt is counted durably before any work, so that a mail that kills the program cannot do so for ever.
    Raises DatabaseUnavailable (disk full, connection lost); the entries are then given back uncharged.
    """
    with database.begin() as session:
        now = database.lease_clock(session)
        claimed = claims.claim(
            session, owner, now, LEASE, limit=BATCH, max_bytes=BATCH_BYTES, only=only, by_delivery=by_delivery
        )
    if not claimed:
        return []
    crashpoints.reached("C8")
    batch = [replace(understand(entry, desk), released=released) for entry in claimed]
    _acquit(database, claimed, owner, clock())
    try:
        return _decide_at_last(database, desk, clock, batch)
    except Exception as error:
        uncharged = isinstance(error, DatabaseUnavailable)
        with suppress(DatabaseUnavailable), database.begin() as session:  # else the lease gives them back, charged
            claims.release(session, [entry.id for entry in claimed], owner, uncharged=uncharged)
        raise


def _acquit(database: Database, claimed: Sequence[ClaimedEntry], owner: str, now: datetime) -> None:
    """Take the charge back from a suspect that was read without harm: it is reading that kills a program.

    Only for a while after it came: one that kills further down the line is found out all the same.
    """
    innocent = [
        entry.id for entry in claimed if 1 < entry.attempts <= MAX_ATTEMPTS and now - entry.taken_at < PROBATION
    ]
    if innocent:
        with database.begin() as session:
            claims.acquit(session, innocent, owner)


def understand(entry: ClaimedEntry, desk: Desk) -> Understood:
    """Return all that can be known of an entry without the database; never raises.

    A mail that cannot be read, or over which the program died three times, is understood by the minimal path.
    """
    if entry.attempts > MAX_ATTEMPTS:
        return shunt.understand_little(entry, desk, f"the program ended {MAX_ATTEMPTS} times while reading this mail")
    try:
        return seen_by(desk, entry, parse_message(entry.raw))
    except Exception:
        return shunt.understand_little(entry, desk, traceback.format_exc())


def seen_by(desk: Desk, entry: ClaimedEntry, message: InboundMessage) -> Understood:
    """Return what a desk makes of a mail that was read: whose rules it is seen under changes no word of it."""
    witness = desk.witnesses.get(entry.mailbox, Witness())
    return Understood(
        entry,
        message,
        classify(message, desk.identity),
        authenticate(message, witness.profile, witness.authserv_id),
        thread_hints(message, desk.prefixes),
    )


def _decide_at_last(database: Database, desk: Desk, clock: Clock, batch: Sequence[Understood]) -> list[Outcome]:
    """Decide; where the database says that two units of work collided, again at once, some times (D-06)."""
    for attempt in range(1, COLLISIONS):
        try:
            return _decide(database, desk, clock(), batch)
        except DatabaseConflict:
            log.warning("batch.collided", attempt=attempt, entries=len(batch))
            time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311  # so that the two don't meet again
    return _decide(database, desk, clock(), batch)


def _decide(database: Database, desk: Desk, now: datetime, batch: Sequence[Understood]) -> list[Outcome]:
    """One transaction for the batch, a savepoint for each entry; then a small one for each that failed."""
    outcomes: list[Outcome] = []
    failed: list[tuple[Understood, str]] = []
    with database.begin() as session:
        ours = claims.still_to_do(session, [item.entry.id for item in batch], batch[0].entry.owner)
        present = [item for item in batch if item.entry.id in ours]
        facts = gather(session, present, now, desk.consultants)
        for item in present:
            outcome = _attempt(_unit(session, desk, now, facts), item, facts)
            if isinstance(outcome, str):  # another worker may have been faster: its doings are facts now
                facts = gather(session, present, now, desk.consultants)
                outcome = _attempt(_unit(session, desk, now, facts), item, facts)
            if isinstance(outcome, Outcome):
                outcomes.append(outcome)
            else:
                failed.append((item, outcome))
                facts = gather(session, present, now, desk.consultants)  # what the failed entry left in it is not true
    crashpoints.reached("C9")
    return outcomes + [_shunt(database, desk, now, item, failure) for item, failure in failed]


def _unit(session: Session, desk: Desk, now: datetime, facts: Facts) -> Unit:
    return Unit(session, desk, now, facts.gate, facts.attendance)


def _attempt(unit: Unit, item: Understood, facts: Facts) -> Outcome | str:
    """Take one entry down the line in its savepoint; return its outcome, or the traceback of what went wrong."""
    started = time.perf_counter()
    unit.gate.repeats = item.entry.recovered
    try:
        with unit.session.begin_nested():
            outcome = line.process_entry(unit, item, facts)
            close_entry(unit, item, outcome)
            unit.session.flush()
    except Exception as error:
        if spoils_transaction(error):
            raise
        return traceback.format_exc()
    log.info(
        "message.processed",
        entry=item.entry.id,
        kind=item.classification.kind.value,
        disposition=outcome.disposition.value,
        reason=outcome.reason,
        ticket=outcome.ticket,
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
    )
    return outcome


def close_entry(unit: Unit, item: Understood, outcome: Outcome) -> None:
    """Write on the entry what became of it, and why."""
    became = {
        "state": EntryState.SHUNTED if item.failure else EntryState.PROCESSED,
        "disposition": Disposition.SHUNTED if item.failure else outcome.disposition,
        "reason": "unreadable" if item.failure else outcome.reason,
        "ticket": outcome.ticket,
        "message_id": item.id_key,
        "message_kind": item.classification.kind.value,
        "trace": [{"step": step.step, "outcome": step.outcome, "why": step.why} for step in outcome.trace],
        "rules_version": unit.desk.rules.version_hash,
        "failure": item.failure,
        "processed_at": unit.now,
    }
    journal.close(unit.session, item.entry.id, became)


def _shunt(database: Database, desk: Desk, now: datetime, item: Understood, failure: str) -> Outcome:
    """Set a mail aside that the line could not take, with a ticket made of the little that is certain.

    If even that fails, the entry is shunted alone: it stands first in `journal list` until somebody replays it.
    """
    little = shunt.understand_little(item.entry, desk, failure)
    with database.begin() as session:
        if not claims.still_to_do(session, [item.entry.id], item.entry.owner):
            return Outcome(item.entry.id, Disposition.SHUNTED, "taken_by_another_worker")
        outcome = _attempt(Unit(session, desk, now), little, gather(session, [little], now))
        crashpoints.reached("C15")
        if isinstance(outcome, str):
            journal.close(session, item.entry.id, _shunted_alone(desk, now, f"{failure}\n{outcome}"))
            outcome = Outcome(item.entry.id, Disposition.SHUNTED, "unreadable")
    log.error("message.shunted", entry=item.entry.id, ticket=outcome.ticket, failure=failure.splitlines()[-1])
    return outcome


def _shunted_alone(desk: Desk, now: datetime, failure: str) -> dict[str, object]:
    """Return what is written of an entry of which nothing else can be: none of it comes from the mail."""
    return {
        "state": EntryState.SHUNTED,
        "disposition": Disposition.SHUNTED,
        "reason": "unreadable",
        "failure": failure,
        "processed_at": now,
        "rules_version": desk.rules.version_hash,
    }
