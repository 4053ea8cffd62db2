"""Odd and hostile mails of our own making: each is an attack on the reader, on the desk, or plainly broken.

A mail is its author's address, further header lines and a body, all bytes; nothing is checked on the way.
"""

from __future__ import annotations

import base64
import zlib

DESK = "pomocdynamics@desk.example.org"
INSTANCE = "desk.example.org"
WORDS = "Dzień dobry, proszę o pomoc z raportem.\r\n".encode()


def mail(name: str, *fields: str | bytes, body: bytes = WORDS, author: str | None = None) -> bytes:
    """Return a mail from `NAME@NAME.test`, or from `author` ("" is none). A field that is given replaces ours."""
    given = [field if isinstance(field, bytes) else field.encode() for field in fields]
    names = {field.partition(b":")[0].lower() for field in given}
    usual = {
        "From": f"{name}@{name}.test" if author is None else author,
        "To": DESK,
        "Subject": f"Pytanie: {name}",
        "Message-ID": f"<{name}@odd.test>",
    }
    head = [f"{key}: {value}".encode() for key, value in usual.items() if value and key.lower().encode() not in names]
    return b"\r\n".join([*head, *given, b"", body])


def multipart(*parts: bytes, boundary: str = "granica", kind: str = "mixed", last: bool = True) -> tuple[str, bytes]:
    """Return the field and the body of a multipart; each part brings its own header."""
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + (mark + b"--\r\n" if last else b"")
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"', body


def part(kind: str, body: bytes, *fields: str) -> bytes:
    """Return one part of a multipart."""
    return "\r\n".join([f"Content-Type: {kind}", *fields, "", ""]).encode() + body


TEXT = part("text/plain; charset=utf-8", WORDS)


def whole(name: str, *parts: bytes, author: str | None = None, **how: object) -> bytes:
    """Return a multipart mail."""
    field, body = multipart(*parts, **how)  # type: ignore[arg-type]  # as `multipart` names them
    return mail(name, field, body=body, author=author)


def nested(name: str, levels: int) -> bytes:
    """Return a mail whose text lies under so many multiparts."""
    field, body = multipart(TEXT, boundary=f"b{levels}")
    for level in range(levels - 1, 0, -1):
        field, body = multipart(f"{field}\r\n\r\n".encode() + body, boundary=f"b{level}")
    return mail(name, field, body=body)


def attached(name: str, *filenames: str) -> bytes:
    """Return a mail with a small file under each of these names, as they are."""
    files = [
        part("application/pdf", b"%PDF-1.7 x", f'Content-Disposition: attachment; filename="{f}"') for f in filenames
    ]
    return whole(name, TEXT, *files)


def encoded(name: str, megabytes: int, how: str) -> bytes:
    """Return a mail with a file that is nothing but zeros once it is decoded."""
    if how == "base64":
        content = base64.encodebytes(bytes(megabytes << 20))
    elif how == "quoted-printable":
        content = b"=00=\r\n" * ((megabytes << 20) // 6)
    else:
        content, how = base64.encodebytes(zlib.compress(bytes(megabytes << 20), 9)), "base64"
    file = part(
        "application/zip",
        content,
        f"Content-Transfer-Encoding: {how}",
        "Content-Disposition: attachment; filename=dane.zip",
    )
    return whole(name, TEXT, file)


def attached_mails(name: str, levels: int) -> bytes:
    """Return a mail in a mail in a mail."""
    inner = mail(f"{name}-0", author="kto@inny.test")
    for _ in range(levels):
        inner = b"Subject: przekazane\r\nContent-Type: message/rfc822\r\n\r\n" + inner
    return whole(name, TEXT, part("message/rfc822", inner))


def report(name: str, recipient: str, original: str) -> bytes:
    """Return what looks like a server's report that a mail of ours did not arrive."""
    status = (
        f"Reporting-MTA: dns; mx.odd.test\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n"
    )
    parts = (
        TEXT,
        part("message/delivery-status", status.encode()),
        part("text/rfc822-headers", f"Message-ID: {original}\r\nSubject: x\r\n".encode()),
    )
    field, body = multipart(*parts, kind="report; report-type=delivery-status")
    return mail(name, field, "Return-Path: <>", body=body, author="MAILER-DAEMON@mx.odd.test")


def read_receipt(name: str, original: str) -> bytes:
    """Return what looks like a client's receipt for a mail of ours."""
    notice = (
        f"Final-Recipient: rfc822; jan@acme.test\r\nOriginal-Message-ID: {original}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    )
    parts = (TEXT, part("message/disposition-notification", notice.encode()))
    field, body = multipart(*parts, kind="report; report-type=disposition-notification")
    return mail(name, field, body=body)
