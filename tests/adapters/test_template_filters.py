"""What templates do with values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helpdesk.adapters.template_filters import moment, named, on_moment, person, prose, quote, size
from helpdesk.desk.terms import Person

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "language", "zone", "said"),
    [
        (MONDAY, "pl", "Europe/Warsaw", "poniedziałek, 23 listopada 2026, 9:00"),
        (MONDAY, "en", "Europe/Warsaw", "Monday, 23 November 2026, 9:00"),
        (MONDAY, "en", "Europe/London", "Monday, 23 November 2026, 8:00"),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "pl", "Europe/Warsaw", "czwartek, 2 lipca 2026, 0:30"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "pl", "Europe/Warsaw", "niedziela, 25 października 2026, 2:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "pl", "Europe/Warsaw", "niedziela, 25 października 2026, 2:30"),
        (datetime(2026, 10, 25, 13, 5, tzinfo=UTC), "pl", "Europe/Warsaw", "niedziela, 25 października 2026, 14:05"),
    ],
    ids=["polish", "english", "other zone", "summer, next day", "before the clocks change", "after", "afternoon"],
)
def test_moment_is_a_full_date_on_the_zones_clock(at: datetime, language: str, zone: str, said: str) -> None:
    assert moment(at, language, zone) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (23, "w poniedziałek, "),
        (24, "we wtorek, "),
        (25, "w środę, "),
        (26, "w czwartek, "),
        (27, "w piątek, "),
        (28, "w sobotę, "),
        (29, "w niedzielę, "),
    ],
)
def test_polish_weekday_is_declined_in_a_sentence(day: int, said: str) -> None:
    assert on_moment(datetime(2026, 11, day, 8, tzinfo=UTC), "pl", "Europe/Warsaw").startswith(said + str(day))


def test_other_languages_say_on_or_nothing() -> None:
    assert on_moment(MONDAY, "en", "Europe/Warsaw") == "on Monday, 23 November 2026, 9:00"
    assert on_moment(MONDAY, "de", "Europe/Warsaw") == moment(MONDAY, "de", "Europe/Warsaw")


@pytest.mark.parametrize(
    ("octets", "language", "said"),
    [
        (0, "pl", "0 B"),
        (999, "pl", "999 B"),
        (1000, "pl", "1 kB"),
        (14_400, "en", "14 kB"),
        (999_499, "en", "999 kB"),
        (999_500, "en", "1 MB"),
        (1_440_000, "pl", "1,4 MB"),
        (1_440_000, "en", "1.4 MB"),
    ],
)
def test_size_is_said_in_the_unit_people_expect(octets: int, language: str, said: str) -> None:
    assert size(octets, language) == said


def test_quote_marks_every_line_and_leaves_no_blank_at_the_end_of_one() -> None:
    assert quote("\na\n\nb\n") == "> a\n>\n> b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("a\nb", "a<br>\nb"),
        ("  two\n\tone", "&nbsp;&nbsp;two<br>\n&nbsp;&nbsp;&nbsp;&nbsp;one"),
        ("x  y", "x &nbsp;y"),
        ('"><b>', "&#34;&gt;&lt;b&gt;"),
        (
            "See (https://x.example/a?b=1&c=2).",
            'See (<a class="link" href="https://x.example/a?b=1&amp;c=2">https://x.example/a?b=1&amp;c=2</a>).',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('https://x.example/"onclick="x', '<a class="link" href="https://x.example/">https://x.example/</a>&#34;onclick=&#34;x'),
    ],
    ids=["escaped", "line break", "indent", "blanks", "tag", "address", "other scheme", "quote ends an address"],
)  # fmt: skip
def test_prose_is_safe_html_that_looks_as_it_was_typed(text: str, shown: str) -> None:
    assert str(prose(text)) == shown


def test_named_and_person_fall_back_to_what_there_is() -> None:
    assert [named(word, {"open": "w toku"}) for word in ("open", "odd", "")] == ["w toku", "odd", "–"]
    assert person(Person("", "a@x.example")) == "a@x.example"
    assert person(Person("A B", "a@x.example")) == "A B <a@x.example>"
