"""Samples that fail say what was expected and what came out; a forecast asks the rules without a mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.desk.forecast import Forecast
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import Rule
from helpdesk.desk.samples import run_samples
from helpdesk.desk.terms import GuaranteeReason
from tests.desk.calendars import local
from tests.desk.mails import HEAD
from tests.desk.shipped import shipped_rules

RULES = f"""{HEAD}rules:
  - {{ name: outage, when: {{ subject: awari }}, then: {{ priority: 2, tags: [outage], assign: anna@desk.example }} }}
samples:
"""
MAIL = "mail: { from: jan@acme.example, to: pomoc@desk.example, subject: Awaria }"

EXPECTATIONS = [
    ("priority: 3", "priority should be 3, is 2"),
    ("queue: DYNAMICS, kind: other", "kind should be other, is error"),
    ("organisation: none", "organisation should be none, is ACME"),
    ("plan: none", "plan should be none, is START"),
    ("assignee: none", "assignee should be none, is anna@desk.example"),
    ("round_robin: [anna@desk.example]", "round_robin should be [anna@desk.example], is none"),
    ("tags: [outage, x]", "tags should be [outage, x], is [outage]"),
    ("calendar: cwt, language: en", "language should be en, is none"),
    ("template: other", "template should be other, is new"),
    ("forward: VENDOR", "forward should be VENDOR, is none"),
    ('received_at: "2026-11-24T12:01"', "received_at should be 2026-11-24T12:01+01:00, is 2026-11-24T12:00+01:00"),
    ("react_by: none", "react_by should be none, is 2026-11-25T12:00+01:00"),
    ("guarantee: no_plan", "guarantee should be no_plan, is holds"),
    ("acknowledge: false", "acknowledge should be false, is true"),
    ("quarantine: true", "quarantine should be true, is false"),
    ("reject: none, discard: true", "discard should be true, is false"),
    ("rules: [outage, x]", "rules should be [outage, x], is [outage]"),
]


@pytest.mark.parametrize(("expect", "failure"), EXPECTATIONS, ids=[row[0] for row in EXPECTATIONS])
def test_a_sample_that_fails_says_what_should_be_and_what_is(expect: str, failure: str) -> None:
    rules = load_rules(f"{RULES}  - {{ name: s, {MAIL}, expect: {{ {expect} }} }}\n")
    line = RULES.count("\n") + 1
    assert [str(found) for found in run_samples(rules)] == [f"line {line}: sample 's': {failure}"]


def test_a_sample_written_to_nobody_of_ours_fails_instead_of_breaking_the_desk() -> None:
    text = f"{RULES}  - {{ {MAIL.replace('pomoc@', 'x@')}, expect: {{ priority: 2 }} }}\n"
    assert "no queue" in str(run_samples(load_rules(text))[0])


@pytest.mark.parametrize("rule", shipped_rules().rules, ids=lambda rule: rule.name)
def test_every_rule_of_the_shipped_file_is_held_by_a_sample(rule: Rule) -> None:
    without = tuple(one for one in shipped_rules().rules if one is not rule)
    assert run_samples(replace(shipped_rules(), rules=without))


def test_a_forecast_applies_the_rules_that_look_at_queue_plan_priority_and_time_alone() -> None:
    rules, saturday = shipped_rules(), local("2026-11-21T10:00")
    critical = Forecast(rules, "DYNAMICS", "STANDARD", 2).at(saturday)
    assert (critical.calendar, critical.received_at) == ("standard_critical", saturday)
    ordinary = Forecast(rules, "DYNAMICS", "STANDARD", 3).at(saturday)
    assert (ordinary.calendar, ordinary.received_at) == ("standard", local("2026-11-23T07:00"))


def test_a_forecast_ignores_rules_that_look_at_the_mail_even_where_they_say_not() -> None:
    text = RULES.replace("when: { subject: awari }", "when: { not: { subject: awari } }").replace(
        "priority: 2", "calendar: always"
    )
    text = text.replace("calendars:\n", "calendars:\n  always: { hours: always }\n").replace("samples:\n", "")
    assert Forecast(load_rules(text), "DYNAMICS", "START").at(local("2026-11-24T12:00")).calendar == "cwt"


def test_a_forecast_without_a_plan_has_no_deadline() -> None:
    receipt = Forecast(shipped_rules(), "DYNAMICS").at(local("2026-11-24T07:30"))
    assert (receipt.received_at, receipt.react_by) == (local("2026-11-25T09:00"), None)
    assert receipt.guarantee.reason is GuaranteeReason.NO_PLAN
