"""When the clock speaks up about a promise; the opening and the end of a desk's day."""

from __future__ import annotations

import pytest

from helpdesk.desk.deadlines import Stage, stages
from helpdesk.desk.hours import BusinessHours
from tests.desk.calendars import ALWAYS, CWT, EMAIL, LUNCH, START, local


@pytest.mark.parametrize(
    ("hours", "began", "react_by", "soon", "escalated"),
    [
        pytest.param(START, "2026-11-24T12:00", "2026-11-25T12:00", "2026-11-25T11:00", "2026-11-25T13:00", id="hour"),
        pytest.param(START, "2026-11-23T08:00", "2026-11-23T16:00", "2026-11-23T15:00", "2026-11-24T09:00", id="a day"),
        pytest.param(
            EMAIL, "2026-11-27T14:30", "2026-11-30T09:30", "2026-11-30T09:15", "2026-11-30T09:45", id="a weekend"
        ),
        pytest.param(ALWAYS, "2026-11-28T23:00", "2026-11-29T00:00", "2026-11-28T23:45", "2026-11-29T00:15", id="1 h"),
        pytest.param(CWT, "2026-11-28T12:00", "2026-11-29T12:00", "2026-11-29T12:00", "2026-11-29T12:00", id="none"),
    ],
)  # fmt: skip
def test_warnings_come_an_hour_or_a_quarter_before_and_after(
    hours: BusinessHours, began: str, react_by: str, soon: str, escalated: str
) -> None:
    assert stages(hours, local(began), local(react_by)) == (
        (Stage.SOON, local(soon)),
        (Stage.EXPIRED, local(react_by)),
        (Stage.ESCALATED, local(escalated)),
    )


@pytest.mark.parametrize(
    ("hours", "at", "day"),
    [
        pytest.param(CWT, "2026-11-24T03:00", ("2026-11-24T09:00", "2026-11-24T17:00"), id="before opening"),
        pytest.param(CWT, "2026-11-24T23:00", ("2026-11-24T09:00", "2026-11-24T17:00"), id="after closing"),
        pytest.param(LUNCH, "2026-11-24T12:30", ("2026-11-24T08:00", "2026-11-24T17:00"), id="with a pause"),
        pytest.param(CWT, "2026-11-28T12:00", None, id="Saturday"),
        pytest.param(CWT, "2026-12-24T12:00", None, id="Christmas Eve"),
        pytest.param(ALWAYS, "2026-03-29T12:00", ("2026-03-29T00:00", "2026-03-30T00:00"), id="a day of 23 hours"),
        pytest.param(ALWAYS, "2026-10-25T12:00", ("2026-10-25T00:00", "2026-10-26T00:00"), id="a day of 25 hours"),
    ],
)
def test_a_day_begins_with_its_first_opening_and_ends_with_its_last_closing(
    hours: BusinessHours, at: str, day: tuple[str, str] | None
) -> None:
    assert hours.day(local(at)) == (day and (local(day[0]), local(day[1])))


@pytest.mark.parametrize(
    ("hours", "at", "opening"),
    [
        (CWT, "2026-11-24T08:59", "2026-11-24T09:00"),
        (CWT, "2026-11-24T09:00", "2026-11-25T09:00"),
        (CWT, "2026-11-27T12:00", "2026-11-30T09:00"),
        (CWT, "2026-12-23T12:00", "2026-12-28T09:00"),
        (LUNCH, "2026-11-24T12:30", "2026-11-25T08:00"),
        (ALWAYS, "2026-10-25T00:00", "2026-10-26T00:00"),
    ],
)
def test_the_next_day_is_the_next_that_opens(hours: BusinessHours, at: str, opening: str) -> None:
    assert hours.next_day(local(at))[0] == local(opening)
