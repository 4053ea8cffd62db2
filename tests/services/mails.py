"""Mails as people's and machines' programs write them, made with the standard library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime
from itertools import count

JAN, EWA, STRANGER = "Jan Kowal <jan@acme.test>", "Ewa Lis <ewa@acme.test>", "Zed <zed@elsewhere.test>"
ANNA, PIOTR = "Anna Nowak <anna@desk.example.org>", "Piotr Lis <piotr@desk.example.org>"
DYNAMICS, PROPHIX = "pomocdynamics@desk.example.org", "pomocprophix@desk.example.org"
_serial = count(1)
Fields = Mapping[str, str | None]


def write(
    author: str | None = JAN,
    to: str = DYNAMICS,
    subject: str = "Faktura nie chce się wydrukować",
    text: str = "Dzień dobry, proszę o pomoc.",
    *,
    date: datetime | None = None,
    files: Sequence[tuple[str, bytes]] = (),
    fields: Fields | None = None,
) -> bytes:
    """Return a mail with a Message-ID of its own; `fields` adds or replaces headers, None leaves one out."""
    mail = EmailMessage()
    headers: dict[str, str | None] = {
        "From": author,
        "To": to,
        "Subject": subject,
        "Message-ID": f"<mail-{next(_serial)}@acme.test>",
        "Date": format_datetime(date) if date else None,
        **(fields or {}),
    }
    for name, value in headers.items():
        if value is not None:
            mail[name] = value
    mail.set_content(text)
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes(policy=SMTP)


def answer(
    parent: Message,
    author: str = JAN,
    text: str = "To nadal nie działa.",
    *,
    subject: str | None = None,
    fields: Fields | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    """Return an answer to a mail of ours, as a client that keeps References writes it."""
    known = f"{parent['References'] or ''} {parent['Message-ID']}".split()
    headers = {"In-Reply-To": str(parent["Message-ID"]), "References": " ".join(known), **(fields or {})}
    asked = f"Re: {parent['Subject']}" if subject is None else subject
    return write(author, str(parent["Reply-To"]), asked, text, fields=headers, files=files)


def out_of_office(parent: Message, author: str = JAN) -> bytes:
    """Return what a mail server answers by itself while its owner is away (RFC 3834)."""
    fields = {"Auto-Submitted": "auto-replied", "References": None}
    return answer(parent, author, "Jestem na urlopie.", subject="Automatyczna odpowiedź", fields=fields)


def read_receipt(parent: Message, author: str = JAN) -> bytes:
    """Return a receipt that a client sends when its owner has opened our mail (RFC 8098)."""
    boundary = "receipt"
    return _report(
        author,
        str(parent["Message-ID"]),
        "disposition-notification",
        boundary,
        [
            ("text/plain", "Your message was displayed."),
            (
                "message/disposition-notification",
                f"Final-Recipient: rfc822; jan@acme.test\r\nOriginal-Message-ID: {parent['Message-ID']}\r\n"
                "Disposition: manual-action/MDN-sent-manually; displayed\r\n",
            ),
        ],
    )


def bounce(parent: Message, recipient: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """Return what a server reports about a mail of ours (RFC 3464)."""
    return _report(
        "Mail Delivery System <MAILER-DAEMON@mx.acme.test>",
        "",
        "delivery-status",
        "report",
        [
            ("text/plain", "This is the mail system at host mx.acme.test."),
            (
                "message/delivery-status",
                f"Reporting-MTA: dns; mx.acme.test\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
                f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} no such user\r\n",
            ),
            ("text/rfc822-headers", f"Message-ID: {parent['Message-ID']}\r\nSubject: our mail\r\n"),
        ],
    )


def _report(author: str, answers: str, kind: str, boundary: str, parts: Sequence[tuple[str, str]]) -> bytes:
    head = [
        f"From: {author}",
        f"To: {DYNAMICS}",
        "Subject: Report",
        f"Message-ID: <report-{next(_serial)}@mx.acme.test>",
        "Return-Path: <>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="{boundary}"',
    ]
    head += [f"In-Reply-To: {answers}"] if answers else []
    body = "".join(f"--{boundary}\r\nContent-Type: {form}\r\n\r\n{text}\r\n" for form, text in parts)
    return ("\r\n".join(head) + "\r\n\r\n" + body + f"--{boundary}--\r\n").encode()
