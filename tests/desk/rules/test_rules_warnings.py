"""What is allowed in the rules but likely a slip."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.checks import warnings_at
from tests.desk.rules.small_rules import GOOD, change


def warned(text: str) -> list[str]:
    return [f"{problem.line}: {problem.message}" for problem in load_rules(text).warnings]


TWO = "  TWO: { prefix: TWO, addresses: [pomoc@desk.example], calendar: cwt, consultants: [anna@desk.example] }\n"
NOBODY = GOOD.replace(", consultants: [anna@desk.example]", "").replace(
    "consultants:\n  anna@desk.example: { name: Anna }\n", ""
)
EVERY_MAIL = GOOD.replace("    when: { subject: awari }\n", "").replace(
    "then: { priority: 2 }\n", "then: { stop: true }\n  - name: late\n    then: {}\n"
)
SHORT = GOOD.replace("plan: START }", "plan: START, valid: 2026-01-01..2026-03-30 }").replace(
    "reaction: 8h", "minimum_term: 3 months"
)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(
            change("consultants:\n", f"{TWO}consultants:\n"),
            "9: the queue address 'pomoc@desk.example' belongs to 'DYNAMICS' already, and stays there",
            id="an address in two queues",
        ),
        pytest.param(
            change("rules:", "  BETA: { domains: [acme.example] }\nrules:"),
            "13: the domain 'acme.example' belongs to 'ACME' already, and stays there",
            id="a domain in two organisations",
        ),
        pytest.param(
            change("organisations:", "  ewa@desk.example: {}\norganisations:"),
            "11: works for no queue",
            id="a consultant who is nobody's",
        ),
        pytest.param(NOBODY, "8: has no consultants: nobody is told of its tickets", id="a queue without people"),
        pytest.param(
            EVERY_MAIL,
            "16: never reached: the rule 'outage' in line 14 stops for every mail",
            id="a rule never reached",
        ),
        pytest.param(SHORT, "12: shorter than the plan's minimum term of 3 months", id="a contract too short"),
        pytest.param(
            change("reaction: 8h", "reaction: agreed"),
            "12: the plan 'START' leaves to each contract: reaction",
            id="nothing agreed",
        ),
    ],
)
def test_what_is_likely_a_slip_is_warned_of(text: str, warning: str) -> None:
    assert warned(text) == [warning]


def test_a_warning_about_an_address_in_capitals_names_its_line() -> None:
    assert warned(change("organisations:", "  Ewa@Desk.example: {}\norganisations:")) == ["11: works for no queue"]


def test_a_contract_of_exactly_the_minimum_term_is_long_enough() -> None:
    text = change("plan: START }", "plan: START, valid: 2026-01-01..2026-03-31 }")
    assert warned(change("reaction: 8h", "minimum_term: 3 months", text)) == []


def test_a_table_of_holidays_that_ends_is_warned_of_from_november_on() -> None:
    rules = load_rules(GOOD)
    assert warnings_at(rules, date(2100, 10, 31)) == ()
    assert "holidays of PL ends with 2100" in warnings_at(rules, date(2100, 11, 1))[0]


@pytest.mark.parametrize(
    ("today", "warnings"),
    [
        (date(2026, 9, 1), 0),
        (date(2026, 10, 2), 1),
        (date(2026, 12, 31), 1),
        (date(2027, 1, 1), 0),
    ],
    ids=["four months before", "90 days before", "on its last day", "when it is over"],
)
def test_a_contract_that_ends_soon_is_warned_of(today: date, warnings: int) -> None:
    text = change("plan: START }", "plan: START, valid: 2026-01-01..2026-12-31 }")
    found = warnings_at(load_rules(text), today)
    assert len(found) == warnings
    assert all("the contract of ACME ends on 2026-12-31" in warning for warning in found)
