"""`helpdesk check`: try everything the desk depends on, before the daemon has to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer

from helpdesk.cli.findings import (
    Finding,
    Mark,
    database_findings,
    rules_findings,
    server_findings,
    settings_findings,
    template_findings,
)
from helpdesk.cli.identity_findings import identity_findings
from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_rows, working
from helpdesk.config import Settings, load_settings
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.wiring import read_rules

_SIGNS = {Mark.OK: "✓", Mark.WARNING: "!", Mark.FAILED: "✗"}


def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Try settings, rules, templates and database, then a login to each mailbox and SMTP account.

    Each line is ✓ good, ! could be better, ✗ wrong, with the cure. Settings or rules that can't be read end it before
    any login, with exit code 2; one ✗ makes the exit code 1.
    """
    settings, rules = _read(config)
    with working("trying the logins …"):
        findings = list(_findings(settings, rules))
    rows = [
        {
            "check": one.check,
            "result": one.result if as_json else _SIGNS[one.result],
            "detail": one.detail,
            "cure": one.cure,
        }
        for one in findings
    ]
    print_rows(rows, as_json, ("result", "check", "detail", "cure"))
    if any(one.result is Mark.FAILED for one in findings):
        raise typer.Exit(1)


def _read(config: Path | None) -> tuple[Settings, Rules]:
    settings = load_settings(config)
    return settings, read_rules(settings)


def _findings(settings: Settings, rules: Rules) -> Iterator[Finding]:
    yield from settings_findings(settings)
    yield from rules_findings(settings, rules)
    yield from identity_findings(settings, rules)
    yield from template_findings(settings)
    yield from database_findings(settings)
    yield from server_findings(settings)
