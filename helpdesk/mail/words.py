"""Encoded words in header fields, and the raw 8-bit that stands where they should (RFC 2047).

Called for every header that people read. Linear: no part of a field is scanned twice.
"""

from __future__ import annotations

import binascii
import re

from helpdesk.mail.charset import codec_for, decode, decode_unlabelled

FOLD = re.compile(rb"[\r\n]+[ \t]*")
# A `?` inside the text is not allowed, but some write it: a few are borne with.
WORD = re.compile(rb"=\?([\w.:+()-]{1,60})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,4})\?=")
QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def unfold(value: bytes) -> bytes:
    """Return the field on one line (RFC 5322 §2.2.3)."""
    return FOLD.sub(b" ", value) if b"\n" in value or b"\r" in value else value


def decode_words(value: bytes) -> str:
    """Return the field's text: encoded words decoded and joined, raw bytes read as UTF-8 or a Polish charset."""
    value = unfold(value)
    if b"=?" not in value:
        return value.decode("ascii") if value.isascii() else decode_unlabelled(value)
    out: list[str] = []
    pending: list[bytes] = []  # bytes of neighbouring words of one charset: a letter may be cut between them
    label = ""
    position = 0
    for match in WORD.finditer(value):
        between = value[position : match.start()]
        name = match[1].decode("ascii", "replace").lower()
        if between.strip() or (position and not pending) or name != label or not position:
            if pending:
                out.append(_text(b"".join(pending), label))
                pending = []
            if between.strip() or not position:
                out.append(_plain(between))
        pending.append(_bytes(match[2], match[3]))
        label, position = name, match.end()
    if pending:
        out.append(_text(b"".join(pending), label))
    out.append(_plain(value[position:]))
    return "".join(out)


def _plain(value: bytes) -> str:
    return value.decode("ascii") if value.isascii() else decode_unlabelled(value)


def _text(data: bytes, label: str) -> str:
    return decode(data, label)[0] if codec_for(label) else decode_unlabelled(data)


def _bytes(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return QUOTED.sub(lambda match: bytes((int(match[1], 16),)), text.replace(b"_", b" "))
    letters = BASE64.sub(b"", text)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
