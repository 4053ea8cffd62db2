"""Files that are no rules: each is refused with its place and a sentence that says what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.yamltree import MAX_TEXT
from helpdesk.errors import Problem, RulesError
from tests.desk.rules.small_rules import GOOD, change, cut_after

ROWS = yaml.safe_load(Path(__file__).with_name("broken_rules.yaml").read_text(encoding="utf-8"))


def text_of(row: dict[str, Any]) -> str:
    """Return the broken file that a row describes."""
    match row:
        case {"change": old, "to": new}:
            return change(old, new)
        case {"cut_after": piece}:
            return cut_after(piece)
        case {"append": more}:
            return f"{GOOD}{more}"
    return str(row["text"])


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(RulesError) as refused:
        load_rules(text, "rules.yaml")
    return refused.value.problems


def test_the_file_that_all_others_are_made_from_is_good() -> None:
    assert load_rules(GOOD).warnings == ()


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_a_broken_file_is_refused_with_its_line_and_a_sentence(row: dict[str, Any]) -> None:
    first = problems_of(text_of(row))[0]
    assert (first.file, first.line, first.message) == ("rules.yaml", row["line"], row["sentence"])
    assert first.column >= 1


def test_a_misspelt_key_is_one_problem_and_hides_no_other() -> None:
    text = change("calendars:", "calendar:", change("plan: START", "plan: STRAT"))
    assert [problem.line for problem in problems_of(text)] == [3, 12]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = change("reaction: 8h", "reaction: soon", change("prefix: DYN", "prefix: dyn", change("subject", "subjct")))
    assert [(problem.line, problem.key) for problem in problems_of(text)] == [
        (6, "plans.START.reaction"),
        (8, "queues.DYNAMICS.prefix"),
        (15, "rules[1].when.subjct"),
    ]


def test_a_problem_reads_as_one_sentence_with_file_line_and_key() -> None:
    text = change("then: { priority: 2 }", "then: { queue: DYNAMIC }")
    assert [str(problem) for problem in problems_of(text)] == [
        "rules.yaml:16: rules[1].then.queue: unknown queue 'DYNAMIC', did you mean 'DYNAMICS'?"
    ]


def test_thousands_of_problems_are_told_quickly_and_cut() -> None:
    names = "".join(f"  O{n}: {{ domains: [o{n}.example], plan: P{n} }}\n" for n in range(3000))
    plans = "".join(f"  Q{n}: {{ reaction: 1h }}\n" for n in range(3000))
    text = change("  START:", f"{plans}  START:", change("organisations:\n", f"organisations:\n{names}"))
    problems = problems_of(text)
    assert len(problems) == 101
    assert problems[-1].message == "… and 2900 more problems from here on"


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
    (problem,) = problems_of(f"l0: &l0 [{', '.join('x' * 10)}]\n{levels}")
    assert "aliases counted as often as used" in problem.message


def test_more_aliases_than_anybody_writes_are_refused() -> None:
    (problem,) = problems_of(f"a: &a x\nb: [{', '.join(['*a'] * 101)}]\n")
    assert "more than 100 aliases" in problem.message


def test_a_few_aliases_are_read() -> None:
    text = change("domains: [acme.example]", "domains: &d [acme.example]")
    assert load_rules(change("rules:", "  BETA: { domains: *d }\nrules:", text)).organisations["BETA"].domains == (
        "acme.example",
    )


def test_a_file_of_sixteen_megabytes_is_refused_unread() -> None:
    (problem,) = problems_of("#" * (MAX_TEXT + 1))
    assert "larger than 16 MB" in problem.message


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text("{}[]:,-#&*!|>'\"%@`\t\n aS1.\x00\ud800", max_size=6))
def test_whatever_happens_to_the_file_it_loads_or_is_refused_with_a_place(at: int, cut: int, typed: str) -> None:
    text = GOOD[:at] + typed + GOOD[at + cut :]
    try:
        load_rules(text)
    except RulesError as refused:
        assert all(problem.message and problem.line >= 1 for problem in refused.problems)
