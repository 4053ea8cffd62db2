"""The turns of a reminder: the same ones, however much of a silence is looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.desk.reminders import turns
from helpdesk.desk.spans import parse_span
from tests.desk.calendars import CWT, local

SINCE = local("2026-11-20T16:30")  # a Friday


def test_each_turn_is_an_opening_after_its_span_and_has_its_number() -> None:
    found = list(turns(parse_span("2 days"), 3, SINCE, CWT, SINCE, local("2027-01-01T00:00")))

    assert found == [
        (1, local("2026-11-23T09:00")),  # Sunday afternoon waits for Monday
        (2, local("2026-11-24T16:30")),
        (3, local("2026-11-26T16:30")),
    ]


@pytest.mark.parametrize("span", ["2 business days", "3 days", "5h"])
@pytest.mark.parametrize("days", [-1, 0, 2, 9, 30, 400])
def test_the_turns_of_a_time_are_those_of_the_whole_silence_that_fall_into_it(span: str, days: int) -> None:
    start, until = SINCE + timedelta(days=days), SINCE + timedelta(days=days + 5)
    whole = list(turns(parse_span(span), 20, SINCE, CWT, SINCE, SINCE + timedelta(days=1000)))

    assert len(whole) == 20
    assert list(turns(parse_span(span), 20, SINCE, CWT, start, until)) == [
        (number, at) for number, at in whole if start <= at <= until
    ]
