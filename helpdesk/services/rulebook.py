"""The rules in force: read from the file, kept in the database once accepted, replaced all or nothing.

A broken file never takes the desk down: the version in force stays, and a start runs the last accepted one
(CONTRACT). Called by the faces at start and by the daemon on reload.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from helpdesk.desk.rules import Rules, load_rules
from helpdesk.desk.samples import run_samples
from helpdesk.errors import ConfigurationError, Problem, RulesError
from helpdesk.store import rulesets
from helpdesk.store.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules to decide under; `refused` says what is wrong with the file, when an older version stands in."""

    rules: Rules
    refused: tuple[Problem, ...] = ()


def read_rules(path: Path) -> tuple[Rules, str]:
    """Return the rules of a file and its text, its own samples passed.

    Raises RulesError naming line and cure; ConfigurationError when the file can't be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problem = Problem(str(path), 0, 0, "", f"the rules can't be read: {said}; `helpdesk init` writes a first file")
        raise ConfigurationError([problem]) from error
    rules = load_rules(text, str(path))
    if failures := run_samples(rules):
        raise RulesError([Problem(str(path), f.line, 0, "samples", f.sentence) for f in failures])
    return rules, text


def rules_in_force(database: Database, path: Path, now: datetime) -> InForce:
    """Return the file's rules, kept as accepted; where the file is broken, the last accepted ones.

    Raises ConfigurationError only if no version was ever accepted.
    """
    try:
        rules, text = read_rules(path)
    except ConfigurationError as error:
        with database.read() as session:
            last = rulesets.newest(session)
        if last is None:
            raise
        return InForce(load_rules(last, "the last accepted version"), error.problems)
    with database.begin() as session:
        rulesets.accept(session, rules.version_hash, text, now)
    return InForce(rules)
