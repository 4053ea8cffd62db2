"""Answers to invitations: as programs write them, and as somebody writes them who means harm."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from helpdesk.mail.calendar_answer import LARGEST, CalendarAnswer, answers_in
from helpdesk.mail.message import Attachment
from helpdesk.mail.parse import parse_message
from tests.calendar_programs import ACCEPTED, DECLINED, PROGRAMS, Reply
from tests.mail.test_invitations import REQUEST, TEN, composed

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
JAN = "Jan Próbny <jan@acme.test>"


def answered(program: str, reply: Reply) -> CalendarAnswer:
    """Return the answer as it is read from the whole mail; a second copy of it says the same."""
    first, *more = answers_in(parse_message(PROGRAMS[program](reply)).attachments)
    assert all(each == first for each in more)
    return first


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_s_answer_is_read_alike(program: str) -> None:
    found = answered(program, Reply(composed(), JAN, ACCEPTED, NOON, note="Proszę dzwonić na recepcję, nie do mnie."))
    assert (found.method, found.uid, found.sequence, found.stamp) == ("REPLY", REQUEST.uid, 0, NOON)
    assert [(each.addr, each.partstat) for each in found.repliers] == [("jan@acme.test", "ACCEPTED")]
    assert (found.starts_at, found.ends_at) == (TEN, TEN + timedelta(hours=1))
    assert found.note == "Proszę dzwonić na recepcję, nie do mnie."


@pytest.mark.parametrize("program", PROGRAMS)
def test_another_time_that_is_proposed_is_read_in_whatever_zone_it_is_written(program: str) -> None:
    later = TEN + timedelta(days=1, hours=3)
    found = answered(program, Reply(composed(), JAN, DECLINED, NOON, proposed=later))
    assert (found.method, found.starts_at, found.ends_at) == ("COUNTER", later, later + timedelta(hours=1))


def calendar(*lines: str, method: str = "REPLY", start: str = "DTSTART:20261125T090000Z") -> CalendarAnswer | None:
    """Return what is read of an event with these lines beside the usual ones."""
    usual = ("UID:x", start, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jan@acme.test", *lines)
    text = "\r\n".join(
        ("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *usual, "END:VEVENT", "END:VCALENDAR", "")
    )
    return next(iter(answers_in([Attachment("a.ics", "text/calendar", text.encode())])), None)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", "ADD", "", "reply;x"])
def test_what_is_no_answer_is_none(method: str) -> None:
    assert calendar(method=method) is None


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("DTSTART;TZID=Central European Standard Time:20261125T100000", TEN),
        ("DTSTART;TZID=/Europe/Warsaw:20261125T100000", TEN),
        ('DTSTART;TZID="Europe/Warsaw":20261125T100000', TEN),
        ("DTSTART:20261125T100000", datetime(2026, 11, 25, 10, 0)),  # noqa: DTZ001  # floating: naive is meant
        ("DTSTART;TZID=Zona Własna:20261125T100000", datetime(2026, 11, 25, 10, 0)),  # noqa: DTZ001
        ("DTSTART;TZID=../../../etc/passwd:20261125T100000", datetime(2026, 11, 25, 10, 0)),  # noqa: DTZ001
        ("DTSTART;TZID=Europe:20261125T100000", datetime(2026, 11, 25, 10, 0)),  # noqa: DTZ001
        ("DTSTART;VALUE=DATE:20261125", datetime(2026, 11, 25)),  # noqa: DTZ001
        ("DTSTART:20261345T990000Z", None),
        ("DTSTART;TZID=Europe/Warsaw:00010101T000000", None),
        ("DTSTART:soon", None),
    ],
)
def test_a_time_is_read_or_left_out_whatever_its_zone(start: str, expected: datetime | None) -> None:
    found = calendar(start=start)
    assert found is not None
    assert found.starts_at == expected


HOSTILE = {
    "rules that never end": ("RRULE:FREQ=SECONDLY;COUNT=99999999", "RDATE:" + "20261125T090000Z," * 5000),
    "a zone that changes every second": (
        *("END:VEVENT", "BEGIN:VTIMEZONE", "TZID:Bomb", "BEGIN:STANDARD", "DTSTART:00010101T000000"),
        *("RRULE:FREQ=SECONDLY", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:STANDARD", "END:VTIMEZONE"),
        *("BEGIN:VEVENT", "UID:y"),
    ),
    "events in events": ("BEGIN:VEVENT",) * 4000,
    "many guests": tuple(f"ATTENDEE:mailto:{number}@acme.test" for number in range(4000)),
    "parameters without end": ("ATTENDEE;" + "X=1;" * 2000 + "PARTSTAT=ACCEPTED:mailto:a@b.test",),
    "quotes without end": ('ATTENDEE;CN="' + '"' * 4000 + ":mailto:a@b.test", "COMMENT;:;:;=" + "\\" * 5000),
    "controls": ("COMMENT:a\x00b\x1b[2J\u202ec", "UID:z\x00"),
    "numbers": ("SEQUENCE:99999999999999999999", "SEQUENCE:-1"),
}  # fmt: skip


@pytest.mark.parametrize("lines", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_calendar_costs_little_and_leaves_the_answer_readable(lines: tuple[str, ...]) -> None:
    began = time.perf_counter()
    found = calendar(*lines)
    assert time.perf_counter() - began < 1
    assert found is not None
    assert (found.uid, found.sequence) == ("x", None)
    assert not {"\x00", "\x1b"} & {*found.note}


def test_a_calendar_that_is_too_large_is_not_read() -> None:
    assert calendar("COMMENT:" + "x" * LARGEST) is None


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"BEGIN:VCALENDAR", b"END:VCALENDAR\r\n" * 9, b"\r\n " * 999]
)
def test_bytes_that_are_no_calendar_are_no_answer(content: bytes) -> None:
    assert answers_in([Attachment("a.ics", "text/calendar", content)]) == ()


def test_our_own_invitation_coming_back_is_no_answer() -> None:
    returned = message_from_bytes(composed().as_bytes(), policy=default)
    assert isinstance(returned, EmailMessage)
    assert answers_in(parse_message(returned.as_bytes()).attachments) == ()
