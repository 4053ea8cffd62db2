"""The grammar as a JSON Schema (draft 2020-12), so that editors complete and check routing_rules.yaml."""

from __future__ import annotations

from typing import Any

from helpdesk.desk.rules.grammar import FILE
from helpdesk.desk.rules.rulegrammar import CONDITIONS


def rules_schema() -> dict[str, Any]:
    """Return the JSON Schema of routing_rules.yaml.

    It checks keys and the kinds of values; whether names exist, and what the samples say, only
    `helpdesk rules check` can tell.
    """
    conditions = CONDITIONS.schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "routing_rules.yaml",
        "description": "What mail means to the desk: queues, hours, plans, customers, rules and their samples.",
        **FILE.schema(),
        "$defs": {"when": conditions, "conditions": conditions},
    }
