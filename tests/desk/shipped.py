"""The rules that come with the program, read once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import Rules

SHIPPED = Path(__file__).parents[2] / "routing_rules.yaml"


@cache
def shipped_rules() -> Rules:
    return load_rules(SHIPPED.read_text(encoding="utf-8"), "routing_rules.yaml")
