"""A session of work, as people write it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from helpdesk.desk.plans import Channel
from helpdesk.desk.worktime import Session, parse_session
from tests.desk.calendars import WARSAW, local

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "session"),
    [
        ("35m remote", Session(35 * MINUTE, Channel.REMOTE)),
        ("phone 1h 20m", Session(80 * MINUTE, Channel.PHONE)),
        ("1h20m programming 2026-11-20", Session(80 * MINUTE, Channel.PROGRAMMING, date(2026, 11, 20))),
        ("5m mail 2026-11-20T09:30", Session(5 * MINUTE, Channel.MAIL, datetime(2026, 11, 20, 9, 30))),  # noqa: DTZ001
        ("25m zdalnie +0m", Session(25 * MINUTE, Channel.REMOTE, write_up=timedelta())),
        ("25m TELEFON +0", Session(25 * MINUTE, Channel.PHONE, write_up=timedelta())),
        ("25m Programowanie +10m", Session(25 * MINUTE, Channel.PROGRAMMING, write_up=10 * MINUTE)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_session_is_a_length_a_channel_perhaps_a_start_and_a_write_up(words: str, session: Session) -> None:
    assert parse_session([words]) == session
    assert parse_session(words.split()) == session


@pytest.mark.parametrize(
    "words",
    ["", "remote", "35m", "35 remote", "35m walking", "0m remote", "24h 1m remote", "45s remote", "5m remote +30s",
     "5m remote +x", "5m remote 2026-02-30", "5m remote 2026-11-20T25:00"],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(words: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_session([words])


@pytest.mark.parametrize(
    ("words", "began"),
    [
        ("35m remote", "2026-11-24T11:25"),
        ("35m remote 2026-11-24", "2026-11-24T00:00"),
        ("35m remote 2026-11-24T09:30", "2026-11-24T09:30"),
        ("35m remote 2026-11-24T09:30+00:00", "2026-11-24T10:30"),
    ],
)
def test_a_session_without_a_start_has_just_ended(words: str, began: str) -> None:
    assert parse_session([words]).started_at(local("2026-11-24T12:00"), WARSAW) == local(began)


def test_work_that_is_not_done_yet_is_refused() -> None:
    with pytest.raises(ValueError, match="in the future"):
        parse_session(["5m remote 2026-11-25"]).started_at(local("2026-11-24T23:59"), WARSAW)
