"""The rules in force: what was accepted is kept in the database, and so is what was refused, with whom it was told.

A broken file never takes the desk down: the version in force stays, and a start runs the last accepted one
(CONTRACT). Called by the faces at start and by the daemon on reload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import NotificationKind
from helpdesk.errors import ConfigurationError, Problem
from helpdesk.services.bulletins import draft, post
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.rulesfile import Check, accepted_rules, read_text
from helpdesk.store import rulesets
from helpdesk.store.unit_of_work import Database

TOLD = 50  # so many problems stand in the admin's mail


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules to decide under; `refused` says what is wrong with the file, when an older version stands in."""

    rules: Rules
    refused: tuple[Problem, ...] = ()


def rules_in_force(database: Database, path: Path, now: datetime, check: Check) -> InForce:
    """Return the file's rules, kept as accepted; where the file is broken, the last accepted ones.

    Raises ConfigurationError only if no version was ever accepted that can still be used.
    """
    try:
        text = read_text(path)
        rules = accepted_rules(text, path, check)
    except ConfigurationError as error:
        last = _last_accepted(database)
        if last is None or check(last):
            raise
        return InForce(last, error.problems)
    accept(database, rules, text, now)
    return InForce(rules)


def _last_accepted(database: Database) -> Rules | None:
    with database.read() as session:
        text = rulesets.newest(session)
    try:
        return None if text is None else load_rules(text, "the last accepted version")
    except ConfigurationError:  # an older program accepted it; the file's own problems are the ones to tell
        return None


def accept(database: Database, rules: Rules, text: str, now: datetime) -> None:
    """Keep a version as the newest accepted one, before anything is decided under it."""
    with database.read() as session:
        if rulesets.newest_digest(session) == rules.version_hash:
            return
    with database.begin() as session:
        rulesets.accept(session, rules.version_hash, text, now)


def settle(database: Database) -> None:
    """Note that the files are right again: no refusal stands any more."""
    with database.read() as session:
        if not rulesets.standing_refusals(session):
            return
    with database.begin() as session:
        rulesets.settle(session)


def refuse(database: Database, desk: Desk, content: str, problems: Sequence[Problem], now: datetime) -> bool:
    """Keep a refusal, and tell the admins of the desk at work; False if they were told of this content before."""
    said = [str(problem) for problem in problems]
    digest = sha256("\n".join((content, *said)).encode()).hexdigest()
    with database.begin() as session:
        if not rulesets.refuse(session, digest, said, now):
            return False
        unit, queue = Unit(session, desk, now), next(iter(desk.rules.queues.values()))
        letter = replace(draft(unit, queue, NotificationKind.NOTICE_RULES), problems=tuple(said[:TOLD]))
        post(unit, letter, desk.rules.desk.admin, f"rules:{digest[:32]}")
        return True
