"""An invitation as calendar programs exchange it by mail (iMIP: RFC 5545, 5546, 6047).

Called by `services.envelopes`; `mail.compose` puts the bytes into the mail. With `calendar_answer` and `vtimezone` the
only place that knows iCalendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from helpdesk.mail.message import Address

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

PRODUCT = "-//helpdesk//helpdesk//EN"


class Method(StrEnum):
    """What the mail wants of a calendar (RFC 5546 §1.4)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One event, and to whom it is sent. Instants are aware; the event stands on the wall clock of `zone`."""

    method: Method
    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    organizer: Address
    guests: tuple[Address, ...]
    description: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """The event as a mail carries it: `method` stands in its Content-Type too (RFC 6047 §2.4)."""

    method: str
    content: bytes


def write_invitation(invitation: Invitation) -> CalendarPart:
    """Return the calendar object: one VEVENT with its VTIMEZONE, all that RFC 5546 §3.2.2 and §3.2.5 require."""
    from icalendar import Calendar  # 0.1 s that only an invitation is worth

    from helpdesk.mail.vtimezone import timezone_component

    found = Calendar()
    found.add("PRODID", PRODUCT)
    found.add("VERSION", "2.0")
    found.add("CALSCALE", "GREGORIAN")
    found.add("METHOD", invitation.method.value)
    local = invitation.starts_at.astimezone(ZoneInfo(invitation.zone))
    found.add_component(timezone_component(invitation.zone, local.year))
    found.add_component(_event(invitation))
    return CalendarPart(invitation.method.value, found.to_ical())


def _event(invitation: Invitation) -> Event:
    from icalendar import Event

    zone, event = ZoneInfo(invitation.zone), Event()
    cancelled = invitation.method is Method.CANCEL
    event.add("UID", invitation.uid)
    event.add("SEQUENCE", invitation.sequence)
    event.add("DTSTAMP", invitation.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", invitation.starts_at.astimezone(zone))
    event.add("DTEND", invitation.ends_at.astimezone(zone))
    event.add("SUMMARY", invitation.summary)
    if invitation.description:
        event.add("DESCRIPTION", invitation.description)
    if invitation.location:
        event.add("LOCATION", invitation.location)
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("CLASS", "PUBLIC")
    event.add("ORGANIZER", _person(invitation.organizer))
    for guest in invitation.guests:
        asked = {} if cancelled else {"RSVP": "TRUE"}
        event.add(
            "ATTENDEE", _person(guest, CUTYPE="INDIVIDUAL", ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", **asked)
        )
    return event


def _person(address: Address, **parameters: str) -> vCalAddress:
    from icalendar import vCalAddress

    found = vCalAddress(f"mailto:{address.addr}")
    if address.name:
        found.params["CN"] = address.name
    found.params.update(parameters)
    return found
