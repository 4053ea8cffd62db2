"""The final bytes of a mail that goes out: CRLF, 7-bit, text first and HTML with the same words.

Called by `services` where a mail is put into the outbox; the bytes are kept and sent as they are, so that a second
attempt is the same mail. RFC 5322, 2045–2047, 2231, 3282 (Content-Language), 3834 (Auto-Submitted).

The fields are written here rather than by `email.message`: the stdlib folds long ids into encoded words, which
breaks threading at the receiver, and takes ten times as long (docs/decisions.md).
"""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

from helpdesk.mail import field_writing as fields
from helpdesk.mail.invitation import CalendarPart
from helpdesk.mail.message import Address, Attachment

_UNSAFE_AS_IT_STANDS = re.compile(r"[^\t\n -~]|[\t ]$|^--=_", re.MULTILINE)
_LONGEST_LINE = 998  # RFC 5322 §2.1.1, without CRLF
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,64}")
_BASE64_LINE = 76
_SHORT = 512  # bytes of a line that is worth remembering
_PIECE = 4096 * _BASE64_LINE * 3 // 4  # bytes that are encoded at once: so many whole lines


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A mail to one person. Message ids stand without angle brackets; `date` is aware; `html` may be ""."""

    from_: Address
    to: Address
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    language: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # oldest first
    reply_to: Address | None = None
    auto_submitted: Literal["", "auto-replied", "auto-generated"] = ""  # "" for a person's own words
    headers: tuple[tuple[str, str], ...] = ()  # X-Helpdesk-*
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Attachment, ...] = ()  # shown inside `html` by their Content-IDs, which stand without brackets
    calendar: CalendarPart | None = None  # an invitation, which programs put into the reader's calendar


class _Entity(NamedTuple):
    """A MIME entity: its Content-* fields, and its body in transfer encoding, in pieces: it is joined only once."""

    fields: Sequence[str]
    body: Sequence[bytes]


def compose(message: OutboundMessage) -> bytes:
    """Return the mail as it goes on the wire: CRLF, only ASCII, no line over 998 octets.

    Controls in subjects, names and header values become spaces; ids of others that can't be written are left out.
    Raises ValueError for an address, id or field name of ours that could not be written safely, and for a naive date.
    """
    if message.date.tzinfo is None:
        raise ValueError("the date of a mail must be aware")
    content = _content(message)
    return b"".join(_written([*_header(message), "MIME-Version: 1.0", *content.fields], content.body))


def _header(message: OutboundMessage) -> Iterable[str]:
    """Yield the fields that are about the mail, not its content."""
    yield fields.addressed("From", message.from_)
    yield fields.addressed("To", message.to)
    if message.reply_to:
        yield fields.addressed("Reply-To", message.reply_to)
    yield fields.unstructured("Subject", message.subject)
    yield "Date: " + format_datetime(message.date)
    yield fields.own_id(message.message_id)
    yield from filter(None, (fields.foreign_ids("In-Reply-To", [message.in_reply_to]),))
    yield from filter(None, (fields.foreign_ids("References", message.references),))
    if message.auto_submitted:
        yield "Auto-Submitted: " + message.auto_submitted
        yield "X-Auto-Response-Suppress: All"
    if _LANGUAGE.fullmatch(message.language):
        yield "Content-Language: " + message.language
    for name, value in message.headers:
        yield fields.unstructured(name, value)


def _content(message: OutboundMessage) -> _Entity:
    """Return the body: the text; beside it HTML and calendar, if any; around them the attachments, if any."""
    page = (_page(message),) if message.html else ()
    event = (_event(message.calendar),) if message.calendar else ()
    body = _text("plain", message.text)
    if page or event:
        body = _multipart("alternative", (body, *page, *event), message.message_id)
    attachments = (*message.attachments, *_calendar_file(message.calendar))
    if attachments:
        parts = (body, *map(_attachment, attachments))
        body = _multipart("mixed", parts, message.message_id)
    return body


def _page(message: OutboundMessage) -> _Entity:
    """Return the HTML, with the pictures that it shows (RFC 2387)."""
    page = _text("html", message.html)
    if not message.pictures:
        return page
    parts = (page, *map(_picture, message.pictures))
    return _multipart("related", parts, message.message_id, '; type="text/html"')


def _text(subtype: str, text: str) -> _Entity:
    """Return the text as it stands where that is safe, else the more legible of the two encodings."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\0", "").rstrip("\n") + "\n"
    kind = f"Content-Type: text/{subtype}; charset=utf-8"
    if text.isascii() and not _UNSAFE_AS_IT_STANDS.search(text) and max(map(len, text.split("\n"))) <= _LONGEST_LINE:
        return _Entity((kind, "Content-Transfer-Encoding: 7bit"), [text.replace("\n", "\r\n").encode("ascii")])
    data = text.encode("utf-8", "replace").replace(b"\n", b"\r\n")
    if len(data) - len(text) > len(data) // 4:  # mostly not Latin letters: quoted-printable would triple it
        return _Entity((kind, "Content-Transfer-Encoding: base64"), _base64(data))
    return _Entity((kind, "Content-Transfer-Encoding: quoted-printable"), _quoted(data))


def _event(calendar: CalendarPart) -> _Entity:
    """Return the invitation as the alternative that calendar programs look for (RFC 6047 §2.4, §2.5)."""
    kind = f"Content-Type: text/calendar; charset=utf-8; method={calendar.method}; component=VEVENT"
    return _Entity((kind, "Content-Transfer-Encoding: base64"), _base64(calendar.content))


def _calendar_file(calendar: CalendarPart | None) -> tuple[Attachment, ...]:
    """Return the same as a file, for programs that know no invitations: it can be opened by hand."""
    return (Attachment("invite.ics", "application/ics", calendar.content),) if calendar else ()


def _picture(picture: Attachment) -> _Entity:
    """Return a picture that the HTML shows (RFC 2392)."""
    kind, encoding, _ = _attachment(picture).fields
    name = fields.file_name_parameter(picture.name)
    shown = (kind, encoding, f"Content-ID: <{picture.content_id}>", "Content-Disposition: inline;\r\n " + name)
    return _Entity(shown, _base64(picture.content))


def _attachment(attachment: Attachment) -> _Entity:
    """Return the attachment in base64. A mail inside travels as a file, for RFC 2046 §5.2.1 forbids to encode it."""
    usable = _MEDIA_TYPE.fullmatch(attachment.type) and not attachment.type.lower().startswith(
        ("message/", "multipart/")
    )
    return _Entity(
        (
            "Content-Type: " + (attachment.type if usable else "application/octet-stream"),
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment;\r\n " + fields.file_name_parameter(attachment.name),
        ),
        _base64(attachment.content),
    )


def _multipart(subtype: str, parts: Iterable[_Entity], seed: str, parameters: str = "") -> _Entity:
    """Return the parts as one. The boundary `=_…` can't occur in them: no encoding makes it, and 7bit excludes it."""
    boundary = f"=_{subtype[:3]}_{sha256(seed.encode()).hexdigest()[:24]}"
    body: list[bytes] = []
    for part in parts:
        body += [f"--{boundary}\r\n".encode("ascii"), *_written(part.fields, part.body), b"\r\n"]
    kind = f'Content-Type: multipart/{subtype}{parameters};\r\n boundary="{boundary}"'
    return _Entity((kind,), [*body, f"--{boundary}--\r\n".encode("ascii")])


def _written(lines: Iterable[str], body: Sequence[bytes]) -> Sequence[bytes]:
    return ["\r\n".join(lines).encode("ascii"), b"\r\n\r\n", *body]


def _quoted(data: bytes) -> Sequence[bytes]:
    return [
        _short_line(line) if len(line) <= _SHORT else b2a_qp(line, istext=True)
        for line in data.splitlines(keepends=True)
    ]


@lru_cache(maxsize=1024)
def _short_line(line: bytes) -> bytes:
    """Return the line in quoted-printable. Most lines of a letter are its template's, the same in every one."""
    return b2a_qp(line, istext=True)


def _base64(data: bytes) -> Sequence[bytes]:
    return [_encoded(data[start : start + _PIECE]) for start in range(0, len(data), _PIECE)] or [b"\r\n"]


def _encoded(data: bytes) -> bytes:
    encoded = b2a_base64(data, newline=False)
    return b"\r\n".join(encoded[i : i + _BASE64_LINE] for i in range(0, len(encoded), _BASE64_LINE)) + b"\r\n"
