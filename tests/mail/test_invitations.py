"""Invitations as bytes: what the RFCs require is there, and the icalendar package and mail programs can read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.invitation import Invitation, Method, write_invitation
from helpdesk.mail.message import Address, Attachment
from helpdesk.mail.vtimezone import timezone_component

GOLDEN = Path(__file__).parent / "calendars"
TEN = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
REQUEST = Invitation(
    method=Method.REQUEST,
    uid="visit-7f3k9q2m@desk.example.org",
    sequence=0,
    stamp=datetime(2026, 11, 24, 11, 0, 0, 123456, tzinfo=UTC),
    starts_at=TEN,
    ends_at=TEN + timedelta(hours=1),
    zone="Europe/Warsaw",
    summary="[DYN-482135] Wizyta: Faktury, korekty; „różne”",
    organizer=Address("Pomoc DYNAMICS", "pomocdynamics@desk.example.org"),
    guests=(Address("Próbny, Jan", "jan@acme.test"), Address("", "ewa@acme.test")),
    description="Pierwszy wiersz\nDrugi, z przecinkiem i długim dopiskiem, żeby wiersz musiał zostać złożony.",
    location="Łódź, ul. Prosta 1",
)
CANCEL = replace(REQUEST, method=Method.CANCEL, sequence=2)


def read(invitation: Invitation) -> Calendar:
    calendar = Calendar.from_ical(write_invitation(invitation).content)
    assert isinstance(calendar, Calendar)
    return calendar


def event_in(calendar: Calendar) -> Any:
    [event] = calendar.walk("VEVENT")
    return event


@pytest.mark.parametrize(("name", "invitation"), [("request", REQUEST), ("cancel", CANCEL)])
def test_an_invitation_is_byte_for_byte_as_agreed(name: str, invitation: Invitation) -> None:
    assert write_invitation(invitation).content == (GOLDEN / f"{name}.ics").read_bytes()


# RFC 5546 §3.2.2 (REQUEST) and §3.2.5 (CANCEL): what must stand there.
EVENT_NEEDS = ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "SUMMARY", "ATTENDEE", "STATUS")


@pytest.mark.parametrize("invitation", [REQUEST, CANCEL], ids=["request", "cancel"])
@pytest.mark.parametrize("required", EVENT_NEEDS)
def test_what_the_rfc_requires_of_an_event_is_there_once(invitation: Invitation, required: str) -> None:
    value = event_in(read(invitation))[required]
    assert str(value)
    assert isinstance(value, list) == (required == "ATTENDEE")


@pytest.mark.parametrize("invitation", [REQUEST, CANCEL], ids=["request", "cancel"])
def test_what_the_rfc_requires_of_the_calendar_is_there(invitation: Invitation) -> None:
    calendar = read(invitation)
    assert (str(calendar["VERSION"]), str(calendar["METHOD"])) == ("2.0", invitation.method.value)
    assert calendar["PRODID"]
    assert [each.name for each in calendar.subcomponents] == ["VTIMEZONE", "VEVENT"]
    assert calendar.errors == event_in(calendar).errors == []
    assert not any(line.startswith("X-") for line in write_invitation(invitation).content.decode().split("\r\n"))


def test_a_guest_is_asked_to_answer_and_the_organizer_is_the_queue() -> None:
    event = event_in(read(REQUEST))
    jan, ewa = event["ATTENDEE"]
    assert str(jan) == "mailto:jan@acme.test"
    assert jan.params == {
        "CN": "Próbny, Jan",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "TRUE",
    }
    assert "CN" not in ewa.params
    assert str(event["ORGANIZER"]) == "mailto:pomocdynamics@desk.example.org"


def test_a_cancelled_event_asks_for_no_answer_and_blocks_no_time() -> None:
    event = event_in(read(CANCEL))
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", 2)
    assert all("RSVP" not in each.params for each in event["ATTENDEE"])


def test_text_of_any_kind_is_escaped_and_folded() -> None:
    content = write_invitation(REQUEST).content
    assert max(map(len, content.split(b"\r\n"))) <= 75
    event = event_in(read(REQUEST))
    assert (event["SUMMARY"], event["DESCRIPTION"], event["LOCATION"]) == (
        REQUEST.summary, REQUEST.description, REQUEST.location,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["Europe/Warsaw", "America/New_York", "Asia/Tokyo", "Africa/Casablanca", "Europe/Dublin"]
)
@pytest.mark.parametrize("at", [datetime(2026, month, 27, 12, 0) for month in range(1, 13)], ids=str)  # noqa: DTZ001
def test_the_zone_that_travels_along_shows_the_same_clock(name: str, at: datetime) -> None:
    exchanged = timezone_component(name, at.year).to_tz()
    assert at.replace(tzinfo=exchanged).utcoffset() == at.replace(tzinfo=ZoneInfo(name)).utcoffset()


def test_a_zone_with_yearly_rules_is_written_with_them() -> None:
    content = timezone_component("Europe/Warsaw", 2026).to_ical().decode()
    assert content.count("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=") == 2
    assert "RRULE" not in timezone_component("Africa/Casablanca", 2026).to_ical().decode()


def composed(*attachments: Attachment) -> EmailMessage:
    mail = OutboundMessage(
        from_=REQUEST.organizer,
        to=REQUEST.guests[0],
        subject="[DYN-482135] Wizyta",
        text="Zapraszamy.",
        html="<p>Zapraszamy.</p>",
        message_id="a@desk.example.org",
        date=TEN,
        language="pl",
        attachments=attachments,
        calendar=write_invitation(REQUEST),
    )
    parsed = message_from_bytes(compose(mail), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_the_mail_has_the_calendar_as_an_alternative_and_as_a_file() -> None:
    mail = composed(Attachment("plan.pdf", "application/pdf", b"%PDF-"))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/pdf",
        "application/ics",
    ]
    part, file = list(mail.walk())[4], list(mail.walk())[6]
    assert part["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST", "component": "VEVENT"}
    assert part.get_content_disposition() is None
    assert file.get_filename() == "invite.ics"
    assert part.get_payload(decode=True) == file.get_payload(decode=True) == write_invitation(REQUEST).content
