"""What the commands about rules share: reading the file they are asked about, times, and failing samples."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from helpdesk.desk.hours import from_local
from helpdesk.desk.rules import notation
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.errors import UsageError
from helpdesk.services import rulesfile


def read_rules(config: Path | None, rules: Path | None) -> Rules:
    """Return the rules of a file, or of the one that the settings name. Raises RulesError, ConfigurationError."""
    if rules is None:
        from helpdesk.config import load_settings

        rules = load_settings(config).rules
    return rulesfile.read_rules(rules)


def given_time(text: str, zone: str, option: str = "--at") -> datetime:
    """Return the instant that was asked for; one without an offset is in the rules' zone. Raises UsageError."""
    try:
        return from_local(notation.instant(text), zone)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
