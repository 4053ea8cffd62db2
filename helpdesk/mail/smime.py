"""The words inside an opaquely signed S/MIME part (RFC 8551 §3.5.2): the signature is kept, not judged.

Called by `mail.content`. A reader for the little of BER that stands before the content; nothing is decrypted.
"""

from __future__ import annotations

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")
TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
MOST_PIECES = 100_000


def signed_content(data: bytes) -> bytes | None:
    """Return the MIME entity that was signed, or None where there is none to be read (an encrypted mail, for one)."""
    if SIGNED_DATA not in data[:64]:
        return None
    at = data.find(DATA, 0, 4096)
    if at < 0:
        return None
    try:
        return _octets(data, _inside(data, at + len(DATA)))
    except (IndexError, ValueError):
        return None


def _inside(data: bytes, at: int) -> int:
    """Step into the explicit tag [0] that holds the octets."""
    if data[at] != 0xA0:
        raise ValueError("no content")
    return _header(data, at)[0]


def _header(data: bytes, at: int) -> tuple[int, int]:
    """Return where the contents begin and their length; -1 for the indefinite one."""
    first = data[at + 1]
    if first == 0x80:
        return at + 2, -1
    if first < 0x80:
        return at + 2, first
    size = first & 0x7F
    if size > 5:
        raise ValueError("length of lengths")
    return at + 2 + size, int.from_bytes(data[at + 2 : at + 2 + size], "big")


def _octets(data: bytes, at: int) -> bytes:
    """Return the bytes of an octet string: in one piece, or in pieces one below another (X.690 §8.7)."""
    tag = data[at]
    start, length = _header(data, at)
    if tag == 0x04:
        return data[start : start + length]
    if tag != 0x24:
        raise ValueError("no octet string")
    out: list[bytes] = []
    end = start + length if length >= 0 else len(data)
    while start < end and data[start] == 0x04 and len(out) < MOST_PIECES:
        begin, size = _header(data, start)
        out.append(data[begin : begin + size])
        start = begin + size
    return b"".join(out)
