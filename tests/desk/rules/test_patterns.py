"""Texts are compared folded, and looking for all patterns at once finds what looking for each finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.desk.folding import fold, squeeze
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.patterns import as_text, parse_pattern
from helpdesk.desk.rules.scanning import Scanner
from tests.desk.mails import HEAD, mail, routed


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "zazolc gesla jazn"),
        ("Ł and ł", "l and l"),
        ("zaz\u0307o\u0301l\u0142", "zazoll"),
        ("Straße, Ærø, Škoda, Łódź", "strasse, æro, skoda, lodz"),
        ("nie\u00a0działa", "nie dziala"),
        ("to\u2013to", "to-to"),
        ("so\u00adft", "soft"),
        ("Привет", "привет"),
    ],
)
def test_folding_takes_away_case_and_the_marks_of_latin_letters(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_squeezing_makes_runs_of_blanks_and_line_breaks_one_blank() -> None:
    assert squeeze("  a\t b\r\n\r\nc ") == "a b c"


WORDS = st.text("aąbłż .*\\n\n\t(|", min_size=1, max_size=5).filter(lambda text: text.strip())
EXPRESSIONS = st.sampled_from(["re:a+b", "re:^a", "re:ż\\s", "re:(a|ł)$", "re:(?m)^b", "re:[^a]b", "re:A.B", "re:\\bł"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(WORDS, EXPRESSIONS), min_size=1, max_size=8),
    st.text("aAąbłŻż .\n\t\u00a0\u2003\x0b(|\\n*", max_size=30),
)
def test_looking_for_all_patterns_at_once_finds_what_looking_for_each_finds(sources: list[str], written: str) -> None:
    patterns = [parse_pattern(source, globs=False) for source in sources]
    text = as_text(written)
    one_by_one = frozenset(pattern.source for pattern in patterns if pattern.matches(text))
    assert Scanner(patterns).hits(text) == one_by_one


def test_patterns_too_large_for_one_automaton_are_asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.desk.rules.scanning.MAX_MEMORY", 1 << 12)
    large = '"re:(kot|pies)[a-z]{0,50}x"'
    rules = f"  - {{ when: {{ subject: [{large}, awari], body: dzień }}, then: {{ tags: [t] }} }}\n"
    assert Scanner([parse_pattern(large.strip('"'), globs=False)]).hits(as_text("kot x")) is None
    assert routed(rules, mail(subject="AWARIA", body="DZIEN dobry")).tags == ("t",)
    assert routed(rules, mail(subject="kotx", body="dzień")).tags == ("t",)
    assert routed(rules, mail(subject="AWARIA", body="Hej")).tags == ()


def test_rules_have_a_scanner_for_each_long_field_that_they_look_at() -> None:
    text = f"{HEAD}rules:\n  - {{ when: {{ not: {{ subject: [a, b] }}, from: x@y.example }}, then: {{}} }}\n"
    scanners = load_rules(text).scanners
    assert {name: scanner.sources for name, scanner in scanners.items()} == {"subject": ("a", "b")}
