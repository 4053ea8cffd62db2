"""The schema and the reference say what the grammar reads, and docs/rules.md is up to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from helpdesk.desk.rules.grammar import FILE
from helpdesk.desk.rules.reference import rules_reference
from helpdesk.desk.rules.rulegrammar import ACTIONS
from helpdesk.desk.rules.schema import rules_schema
from helpdesk.desk.verbs import VERBS
from tests.desk.rules.editor import Core, complaints
from tests.desk.shipped import SHIPPED

DOCS = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_reference_in_the_docs_is_the_grammars() -> None:
    written = DOCS.read_text(encoding="utf-8").partition("## Every key\n\n")[2]
    assert written == rules_reference(), "replace what follows `## Every key` by `helpdesk rules reference`"


def test_every_key_of_the_file_and_every_action_stands_in_the_reference() -> None:
    reference = rules_reference()
    for name in (*FILE.keys, *ACTIONS.keys):
        assert f"| `{name}`" in reference


def test_the_schema_is_closed_at_every_level_and_all_its_references_resolve() -> None:
    schema = rules_schema()
    objects = [node for node in _nodes(schema) if node.get("type") == "object" and "properties" in node]
    assert len(objects) > 10
    assert all(node["additionalProperties"] is False for node in objects)
    wanted = {node["$ref"].removeprefix("#/$defs/") for node in _nodes(schema) if "$ref" in node}
    assert wanted == set(schema["$defs"])
    assert json.loads(json.dumps(schema)) == schema


def _nodes(node: Any) -> list[dict[str, Any]]:
    children = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    return ([node] if isinstance(node, dict) else []) + [found for child in children for found in _nodes(child)]


def test_aliases_of_commands_may_stand_for_every_verb() -> None:
    assert rules_schema()["properties"]["commands"]["additionalProperties"]["enum"] == list(VERBS)


def test_an_editor_finds_nothing_to_underline_in_the_shipped_file() -> None:
    assert complaints(yaml.load(SHIPPED.read_text(encoding="utf-8"), Core), rules_schema()) == []


def test_an_editor_underlines_what_is_misspelt() -> None:
    rules = yaml.load(SHIPPED.read_text(encoding="utf-8").replace("from_name:", "form_name:"), Core)
    assert ".queues.DYNAMICS.form_name: unknown" in complaints(rules, rules_schema())
