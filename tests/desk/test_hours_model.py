"""Business time against a model that looks at the wall clock every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.desk.hours import BusinessHours, ReceiptRule
from tests.desk.calendars import MINUTE, WARSAW, MinuteModel, polish

HOLIDAYS_2026 = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-12-24", "2025-12-25", "2025-12-26", "2026-01-01", "2026-01-06", "2026-04-05", "2026-04-06"),
        *("2026-05-01", "2026-05-03", "2026-11-01", "2026-11-11", "2026-12-24", "2026-12-25", "2026-12-26"),
    )
)
SPRING = st.dates(date(2026, 3, 20), date(2026, 4, 10))


@st.composite
def _intervals(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = draw(st.lists(st.integers(0, 48), max_size=6, unique=True).map(sorted))
    return tuple((edges[i] * 30, edges[i + 1] * 30) for i in range(0, len(edges) - 1, 2))


@st.composite
def _calendars(draw: st.DrawFn) -> BusinessHours:
    weekly = draw(st.lists(_intervals(), min_size=7, max_size=7).filter(any).map(tuple))
    return BusinessHours(
        "any",
        draw(st.sampled_from([WARSAW, "America/New_York", "Australia/Lord_Howe", "UTC", "America/Santiago"])),
        weekly,
        closed=frozenset(draw(st.lists(SPRING, max_size=2))),
        opened=tuple(
            dict.fromkeys(
                draw(st.lists(st.dates(date(2026, 3, 20), date(2026, 4, 10)), max_size=1)), ((60, 300),)
            ).items()
        ),
        receipt=draw(st.sampled_from(list(ReceiptRule))),
    )


# Around all of these zones' changes of the clock, spring and autumn, and the turn of a year.
_FROM = ("2026-03-05", "2026-03-26", "2026-04-01", "2026-10-01", "2026-10-22", "2025-12-28")
_INSTANTS = st.builds(
    lambda first, minutes: datetime.fromisoformat(first).replace(tzinfo=UTC) + MINUTE * minutes,
    st.sampled_from(_FROM),
    st.integers(0, 9 * 24 * 60),
)


@settings(max_examples=60, deadline=None)
@given(_calendars(), _INSTANTS, st.integers(0, 3000))
def test_any_calendar_agrees_with_counting_minutes(hours: BusinessHours, at: datetime, minutes: int) -> None:
    model = MinuteModel(hours)
    later = at + MINUTE * minutes
    assert hours.is_open(at) == model.is_open(at)
    assert hours.next_opening(at) == model.next_opening(at)
    assert hours.working_time_between(at, later) == MINUTE * model.between(at, later)
    assert hours.received(at) == model.received(at)


@settings(max_examples=60, deadline=None)
@given(_calendars(), _INSTANTS, st.integers(0, 600), st.integers(1, 3))
def test_any_deadline_agrees_with_counting_minutes(hours: BusinessHours, at: datetime, minutes: int, days: int) -> None:
    model = MinuteModel(hours)
    assert hours.add_working_time(at, MINUTE * minutes) == model.add(at, minutes)
    assert hours.end_of_business_days(at, days) == model.end_of_business_days(at, days)


@settings(max_examples=40, deadline=None)
@given(_INSTANTS, st.integers(0, 2000))
def test_polish_holidays_agree_with_counting_minutes(at: datetime, minutes: int) -> None:
    hours = polish("cwt", (9, 17), receipt=ReceiptRule.NEXT_BUSINESS_DAY)
    model = MinuteModel(hours, HOLIDAYS_2026)
    assert hours.add_working_time(at, MINUTE * minutes) == model.add(at, minutes)
    assert hours.received(at) == model.received(at)


@settings(max_examples=200, deadline=None)
@given(_calendars(), _INSTANTS, st.timedeltas(timedelta(microseconds=1), timedelta(hours=200)))
def test_a_deadline_is_the_first_instant_by_which_the_time_has_passed(
    hours: BusinessHours, at: datetime, amount: timedelta
) -> None:
    deadline = hours.add_working_time(at, amount)
    assert hours.working_time_between(at, deadline) == amount
    assert hours.working_time_between(at, deadline - timedelta(microseconds=1)) < amount
