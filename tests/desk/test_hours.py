"""Business time: the edges by name, and everything else against a model that counts minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from helpdesk.desk.hours import BusinessHours, Closure
from tests.desk.calendars import (
    ALWAYS,
    CWT,
    CWT_NEXT_OPENING,
    LUNCH,
    LUNCH_NEXT_BUSINESS_DAY,
    MINUTE,
    START,
    WARSAW,
    local,
    polish,
    weekdays,
)

HOUR = timedelta(hours=1)

# The examples that docs/rules.md shows; 24 November 2026 is a Tuesday.
EXAMPLES = [
    pytest.param("2026-11-24T07:30", "2026-11-25T09:00", "2026-11-24T09:00", id="07:30 on a business day"),
    pytest.param("2026-11-24T12:00", "2026-11-24T12:00", "2026-11-24T12:00", id="12:00"),
    pytest.param("2026-11-24T16:59:59", "2026-11-24T16:59:59", "2026-11-24T16:59:59", id="16:59:59"),
    pytest.param("2026-11-24T17:00:00", "2026-11-25T09:00", "2026-11-25T09:00", id="17:00:00"),
    pytest.param("2026-11-27T18:32", "2026-11-30T09:00", "2026-11-30T09:00", id="Friday evening"),
    pytest.param("2026-11-27T08:59:59", "2026-11-30T09:00", "2026-11-27T09:00", id="Friday before opening"),
    pytest.param("2026-11-28T11:00", "2026-11-30T09:00", "2026-11-30T09:00", id="Saturday"),
    pytest.param("2026-12-24T11:00", "2026-12-28T09:00", "2026-12-28T09:00", id="24 December, a holiday since 2025"),
    pytest.param("2024-12-24T11:00", "2024-12-24T11:00", "2024-12-24T11:00", id="24 December 2024, a working day"),
    pytest.param("2026-03-28T23:30", "2026-03-30T09:00", "2026-03-30T09:00", id="Saturday before clocks go forward"),
    pytest.param("2026-10-24T23:30", "2026-10-26T09:00", "2026-10-26T09:00", id="Saturday before clocks go back"),
]


@pytest.mark.parametrize(("delivered", "next_business_day", "next_opening"), EXAMPLES)
def test_a_mail_counts_as_received_by_the_calendars_reading_of_the_rule(
    delivered: str, next_business_day: str, next_opening: str
) -> None:
    assert CWT.received(local(delivered)) == local(next_business_day)
    assert CWT_NEXT_OPENING.received(local(delivered)) == local(next_opening)


@pytest.mark.parametrize("calendar", [LUNCH, LUNCH_NEXT_BUSINESS_DAY], ids=["next_opening", "next_business_day"])
def test_a_mail_in_the_lunch_break_counts_when_the_break_ends_by_either_reading(calendar: BusinessHours) -> None:
    assert calendar.received(local("2026-11-24T12:00")) == local("2026-11-24T13:00")
    assert calendar.received(local("2026-11-24T12:59")) == local("2026-11-24T13:00")


def test_opening_is_inside_the_hours_and_closing_is_not() -> None:
    assert CWT.is_open(local("2026-11-24T09:00"))
    assert not CWT.is_open(local("2026-11-24T17:00"))


def test_a_deadline_that_uses_up_the_days_last_minute_is_that_days_closing() -> None:
    assert START.add_working_time(local("2026-11-24T08:00"), 8 * HOUR) == local("2026-11-24T16:00")
    assert START.add_working_time(local("2026-11-24T08:00"), 8 * HOUR + MINUTE) == local("2026-11-25T08:01")


def test_a_deadline_that_uses_up_the_morning_is_the_beginning_of_the_break() -> None:
    assert LUNCH.add_working_time(local("2026-11-24T08:00"), 4 * HOUR) == local("2026-11-24T12:00")


def test_adding_nothing_stays_where_it_is_even_out_of_hours() -> None:
    night = local("2026-11-24T23:00")
    assert CWT.add_working_time(night, timedelta()) == night


def test_working_time_cannot_be_taken_away() -> None:
    with pytest.raises(ValueError, match="taken away"):
        CWT.add_working_time(local("2026-11-24T12:00"), -HOUR)


@pytest.mark.parametrize(
    ("at", "count", "end"),
    [
        pytest.param("2026-11-24T11:00", 1, "2026-11-25T17:00", id="a call on Tuesday lapses on Wednesday"),
        pytest.param("2026-11-27T11:00", 1, "2026-11-30T17:00", id="a call on Friday lapses on Monday"),
        pytest.param("2026-11-28T11:00", 1, "2026-11-30T17:00", id="a call on Saturday lapses on Monday"),
        pytest.param("2026-11-23T06:00", 5, "2026-11-30T17:00", id="five business days"),
        pytest.param("2026-12-23T11:00", 1, "2026-12-28T17:00", id="over Christmas"),
        pytest.param("2026-11-24T23:59", 1, "2026-11-25T17:00", id="late on the day itself"),
    ],
)
def test_business_days_end_at_the_last_closing_of_the_last_one(at: str, count: int, end: str) -> None:
    assert CWT.end_of_business_days(local(at), count) == local(end)


@pytest.mark.parametrize(
    ("at", "closure"),
    [
        ("2026-11-24T10:00", Closure.OPEN),
        ("2026-11-24T12:30", Closure.PAUSE),
        ("2026-11-24T07:00", Closure.BEFORE_OPENING),
        ("2026-11-24T17:00", Closure.AFTER_CLOSING),
        ("2026-11-28T10:00", Closure.DAY_OFF),
        ("2026-11-11T10:00", Closure.HOLIDAY),
        ("2026-12-31T10:00", Closure.CLOSED_DAY),
    ],
    ids=lambda value: str(value),
)
def test_a_closed_calendar_says_why(at: str, closure: Closure) -> None:
    calendar = BusinessHours("c", WARSAW, weekdays((8, 12), (13, 17)), ("PL",), closed=frozenset([date(2026, 12, 31)]))
    assert calendar.closure(local(at)) is closure


def test_a_round_the_clock_day_has_23_hours_in_march_and_25_in_october() -> None:
    assert ALWAYS.working_time_between(local("2026-03-29T00:00"), local("2026-03-30T00:00")) == 23 * HOUR
    assert ALWAYS.working_time_between(local("2026-10-25T00:00"), local("2026-10-26T00:00")) == 25 * HOUR
    assert ALWAYS.add_working_time(local("2026-03-29T01:30"), HOUR) == local("2026-03-29T03:30")


def test_office_hours_neither_gain_nor_lose_an_hour_when_the_clock_changes() -> None:
    for saturday in ("2026-03-28T12:00", "2026-10-24T12:00"):
        week = START.working_time_between(local(saturday), local(saturday) + timedelta(days=7))
        assert week == 40 * HOUR


def test_a_calendar_of_its_own_days_opens_on_a_saturday_and_on_a_holiday() -> None:
    own = ((date(2026, 11, 11), ((600, 720),)), (date(2026, 12, 5), ((540, 780),)))
    calendar = BusinessHours("c", WARSAW, weekdays((9, 17)), ("PL",), opened=own)
    assert calendar.next_opening(local("2026-12-05T00:00")) == local("2026-12-05T09:00")
    assert calendar.working_time_between(local("2026-11-11T00:00"), local("2026-11-12T00:00")) == 2 * HOUR


def test_the_slices_of_a_deadline_add_up_to_the_reaction_time() -> None:
    start, reaction = local("2026-11-27T14:30"), 4 * HOUR
    end = START.add_working_time(start, reaction)
    slices = START.slices(start, end)
    assert slices == (
        (start, local("2026-11-27T16:00")),
        (local("2026-11-30T08:00"), local("2026-11-30T10:30")),
    )
    assert sum((b - a for a, b in slices), timedelta()) == reaction


def test_deadlines_go_over_years_and_leap_days() -> None:
    start = local("2027-12-31T15:30")
    assert START.add_working_time(start, 2 * HOUR) == local("2028-01-03T09:30")
    leap = local("2028-02-28T15:30")
    assert START.add_working_time(leap, HOUR) == local("2028-02-29T08:30")
    assert START.add_working_time(start, timedelta(hours=8 * 252 * 3)).year == 2030 + 1


def test_instants_many_years_apart_are_counted_in_one_table() -> None:
    fresh = polish("fresh", (9, 17))
    assert fresh.working_time_between(local("2016-11-21T09:00"), local("2016-11-21T10:00")) == HOUR
    decade = fresh.working_time_between(local("2016-11-21T09:00"), local("2026-11-21T09:00"))
    assert decade == polish("other", (9, 17)).working_time_between(local("2016-11-21T09:00"), local("2026-11-21T09:00"))
    assert decade % (8 * HOUR) == timedelta()
    assert fresh.is_open(local("1999-11-22T09:00"))


def test_microseconds_are_not_lost() -> None:
    start = local("2026-11-24T15:59:59.999999")
    assert START.add_working_time(start, timedelta(microseconds=2)) == local("2026-11-25T08:00:00.000001")


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        CWT.is_open(datetime(2026, 11, 24, 12))  # noqa: DTZ001  # that is the point


def test_a_year_that_no_desk_will_see_is_refused_instead_of_computed_for_ever() -> None:
    with pytest.raises(ValueError, match="known from 1900"):
        CWT.next_opening(datetime(9000, 1, 1, tzinfo=UTC))


def test_a_calendar_elsewhere_keeps_its_own_clock() -> None:
    nepal = BusinessHours("k", "Asia/Kathmandu", weekdays((9, 17)))
    assert nepal.next_opening(datetime(2026, 11, 24, 0, 0, tzinfo=UTC)) == datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
