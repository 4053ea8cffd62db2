"""Content-Transfer-Encoding undone, leniently (RFC 2045 §6, uuencode).

Called for every part whose bytes are needed. Never raises: what can't be decoded is handed on as it is.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

BASE64_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
NOT_BASE64 = bytes(byte for byte in range(256) if byte not in BASE64_LETTERS)
_HARMLESS = BASE64_LETTERS + b"\r\n\t "
_LOOK = 1 << 20  # bytes that are looked through at a time
PADDED = re.compile(rb"=[\s=]*(?=([A-Za-z0-9+/]{4})?)")  # never in vain: a mail may be nothing but paddings
UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ?([^\r\n]*)\r?$", re.M)
FOOTER = re.compile(rb"\n[ \t]*\r?\n(?=[^\n]{0,200}[^A-Za-z0-9+/=\s])|\n(?=-- \r?\n|_{5,})")


def decode_transfer(data: bytes | memoryview, encoding: str) -> tuple[bytes, str]:
    """Return the bytes and a defect's code: transfer_broken, transfer_unknown, or "" where all was well."""
    if encoding == "base64":
        return decode_base64(data)
    data = bytes(data)
    if encoding in ("", "7bit", "8bit", "binary"):
        return data, ""
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data), ""
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        match = UU_BEGIN.search(data)
        return (decode_uu(data[match.end() :]), "") if match else (data, "transfer_broken")
    return data, "transfer_unknown"


def decode_base64(data: bytes | memoryview) -> tuple[bytes, str]:
    """Return what base64 stands for, across foreign letters, several padded pieces and a footer in words.

    Nothing is copied on the way: a big mail's part is nearly as long as the mail.
    """
    code = ""
    if any(bytes(data[at : at + _LOOK]).translate(None, _HARMLESS) for at in range(0, len(data), _LOOK)):
        code = "transfer_broken"
        if footer := FOOTER.search(data):
            data = data[: footer.start()]
    decoded, broken = zip(*(_decode_letters(piece) for piece in _padded_pieces(data)), strict=True)
    return b"".join(decoded), "transfer_broken" if any(broken) else code


def _padded_pieces(data: bytes | memoryview) -> Iterator[bytes | memoryview]:
    """Yield what stands before, between and after the paddings inside the data."""
    view, start = memoryview(data), 0
    for padding in PADDED.finditer(data):
        if padding[1] is not None:
            yield view[start : padding.start()]
            start = padding.end()
    yield view[start:]


def _decode_letters(data: bytes | memoryview) -> tuple[bytes, bool]:
    """Return the bytes of one piece, and whether letters were missing."""
    try:
        return binascii.a2b_base64(data), False
    except binascii.Error:
        letters = bytes(data).translate(None, NOT_BASE64).split(b"=", 1)[0]
        letters = letters[:-1] if len(letters) % 4 == 1 else letters
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)), True


def decode_uu(data: bytes) -> bytes:
    """Return the bytes of uuencoded lines up to `end`, or to the first line that is none."""
    out: list[bytes] = []
    for line in data.lstrip(b"\r\n").split(b"\n"):
        line = line.rstrip(b"\r")
        if line in (b"end", b"", b"`"):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count wrongly: take as many letters as the length byte asks for.
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                break
    return b"".join(out)
