"""`#visit` as people write it, and the hour that it means."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from helpdesk.desk.visit import Wanted, as_written, is_visit, read_visit

DAY, TEN, HOUR = date(2026, 11, 25), time(10, 0), timedelta(hours=1)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("2026-11-25 10:00 60m", Wanted(DAY, TEN, HOUR)),
        ("2026-11-25 10:00 1h", Wanted(DAY, TEN, HOUR)),
        ("2026-11-25 9:30 1h 30m", Wanted(DAY, time(9, 30), 1.5 * HOUR)),
        ("2026-11-25T10:00 90 minut", Wanted(DAY, TEN, 1.5 * HOUR)),
        ("2026-11-25 10:00 60m remote", Wanted(DAY, TEN, HOUR, remote=True)),
        ("2026-11-25 10:00 60 min zdalnie", Wanted(DAY, TEN, HOUR, remote=True)),
        ("2026-11-25 10:00 60m Zdalnie, Teams", Wanted(DAY, TEN, HOUR, remote=True, place="Teams")),
        ("2026-11-25 10:00 60m ul. Prosta 1, Łódź", Wanted(DAY, TEN, HOUR, place="ul. Prosta 1, Łódź")),
        ("2026-11-25 10:00 60m stacjonarnie", Wanted(DAY, TEN, HOUR)),
        ("cancel", None),
        ("odwołaj", None),
        ("ANULUJ", None),
    ],
    ids=str,
)
def test_a_visit_is_a_date_an_hour_a_length_and_perhaps_where(words: str, wanted: Wanted | None) -> None:
    assert read_visit(words) == wanted
    assert is_visit(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "jutro o 10",
        "2026-11-25",
        "2026-11-25 10:00",
        "2026-11-31 10:00 60m",
        "2026-11-25 25:00 60m",
        "2026-11-25 10:00 0m",
        "2026-11-25 10:00 13h",
        "2026-11-25 10:00 60mm",
        "2026-11-25 10:00 60m " + "x" * 121,
        "cancel it",
    ],
)
def test_what_is_no_appointment_is_refused(words: str) -> None:
    assert not is_visit(words)
    with pytest.raises(ValueError, match=r"\w"):
        read_visit(words)


def test_the_hour_is_one_of_the_queues_wall_clock() -> None:
    assert Wanted(DAY, TEN, HOUR).starts_at("Europe/Warsaw") == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert Wanted(date(2027, 6, 25), TEN, HOUR).starts_at("Europe/Warsaw") == datetime(2027, 6, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "zone"),
    [(date.min, "Europe/Warsaw"), (date.max, "America/New_York")],
    ids=["first", "last"],
)
def test_a_day_at_the_edge_of_the_calendar_is_refused_in_a_sentence(day: date, zone: str) -> None:
    at = time(0, 10) if day == date.min else time(23, 50)
    with pytest.raises(ValueError, match="no day for a visit"):
        Wanted(day, at, HOUR).starts_at(zone)


def test_an_hour_that_no_clock_shows_is_refused_and_a_doubled_one_is_the_first() -> None:
    with pytest.raises(ValueError, match="no clock in Europe/Warsaw shows 02:30 on 2027-03-28"):
        Wanted(date(2027, 3, 28), time(2, 30), HOUR).starts_at("Europe/Warsaw")
    doubled = Wanted(date(2026, 10, 25), time(2, 30), HOUR).starts_at("Europe/Warsaw")
    assert doubled == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "words", ["2026-11-25 10:00 60m", "2026-11-25 10:00 90m remote Teams", "2027-06-25 8:05 45m Łódź"]
)
def test_an_appointment_is_written_so_that_it_reads_the_same(words: str) -> None:
    wanted = read_visit(words)
    assert wanted is not None
    start = wanted.starts_at("Europe/Warsaw")
    again = as_written(start, wanted.length, wanted.remote, wanted.place, "Europe/Warsaw")
    assert read_visit(again) == wanted
