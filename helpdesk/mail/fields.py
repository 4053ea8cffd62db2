"""Header blocks as raw fields: split, mended and bounded before anything looks into them (RFC 5322 §2.2).

Called by `mail.mime` for the message and each of its parts. One pass over the lines, whatever they hold.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from helpdesk.mail.bounds import MAX_FIELD_BYTES, MAX_FIELDS, MAX_HEADER_LINES
from helpdesk.mail.message import Defect

FIELD_LINE = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
KNOWN = re.compile(
    rb"(?i)(?:from|to|cc|subject|date|message-id|mime-version|received|return-path|reply-to|sender|references|"
    rb"in-reply-to|delivered-to|content-[a-z-]+|x-[!-9;-~]+|dkim-signature|auto-submitted)[ \t]*:"
)
# Found wherever they stand, even behind thousands of other fields.
NEEDED = frozenset(
    [
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "references",
        "in-reply-to",
        "reply-to",
        "sender",
        "return-path",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "auto-submitted",
    ]
)
LOOK_AHEAD = 40  # lines of garbage that a header block may begin or go on with


class RawField(NamedTuple):
    """A header field as it came: folded, undecoded."""

    name: str
    value: bytes


class Block(NamedTuple):
    """A header block and the offset where its body begins."""

    fields: list[RawField]
    body: int
    defects: list[Defect]
    first_of: dict[str, bytes]  # by lower-case name

    def first(self, name: str) -> bytes:
        """Return the first field of that lower-case name, or nothing."""
        return self.first_of.get(name, b"")


def split_block(raw: bytes, start: int, end: int, *, top: bool = False) -> Block:
    """Return the fields between `start` and `end`, and where the body begins.

    Garbage lines among fields are passed over; a line that can't be a field, and is followed by none,
    begins the body. `top` allows what only stands before a whole message: an mbox line, blank lines.
    """
    reader = _Reader()
    position = _skip_prologue(raw, start, end) if top else start
    while position < end:
        stop = raw.find(b"\n", position, end) + 1 or end
        line = raw[position:stop]
        if line in (b"\n", b"\r\n", b"\r"):
            return reader.block(stop)
        if line[0] in b" \t" and reader.current is not None:
            reader.fold(line)
        elif match := FIELD_LINE.match(line):
            reader.begin(match[1], line[match.end() :])
        elif _resumes(raw, stop, end):
            reader.mark("header_garbage", "a line that is no field")
        else:
            reader.mark("header_unfinished", "no blank line before the body")
            return reader.block(position)
        position = stop
    return reader.block(end)


class _Reader:
    """The fields so far, and whether the last one is being kept."""

    def __init__(self) -> None:
        self.fields: list[RawField] = []
        self.defects: dict[str, Defect] = {}
        self.first_of: dict[str, bytes] = {}
        self.current: list[bytes] | None = None
        self.name = ""
        self.size = 0
        self.lines = 0

    def begin(self, name: bytes, value: bytes) -> None:
        self._finish()
        self.name, self.current, self.size = name.decode("ascii"), [], 0
        self.fold(value)

    def fold(self, line: bytes) -> None:
        self.lines += 1
        if self.lines > MAX_HEADER_LINES:
            self.mark("header_lines_limit", f"more than {MAX_HEADER_LINES} lines of header")
        if self.current is None:
            return
        if self.size + len(line) > MAX_FIELD_BYTES:
            line = line[: MAX_FIELD_BYTES - self.size]
            self.mark("header_field_limit", f"{self.name} longer than {MAX_FIELD_BYTES} bytes")
        if line:
            self.current.append(line)
            self.size += len(line)

    def mark(self, code: str, detail: str) -> None:
        self.defects.setdefault(code, Defect(code, detail))

    def block(self, body: int) -> Block:
        self._finish()
        return Block(self.fields, body, list(self.defects.values()), self.first_of)

    def _finish(self) -> None:
        if self.current is None:
            return
        key = self.name.lower()
        if len(self.fields) < MAX_FIELDS or (key in NEEDED and key not in self.first_of):
            value = b"".join(self.current).strip(b" \t\r\n")
            self.fields.append(RawField(self.name, value))
            self.first_of.setdefault(key, value)
        else:
            self.mark("header_fields_limit", f"more than {MAX_FIELDS} header fields")
        self.current = None


def _skip_prologue(raw: bytes, start: int, end: int) -> int:
    """Return where the fields begin: after blank lines and an mbox line, if fields follow at all."""
    position = start
    while position < end and raw[position] in b"\r\n":
        position += 1
    if raw.startswith((b"From ", b">From "), position):
        return raw.find(b"\n", position, end) + 1 or end
    return position if _resumes(raw, position, end) else start


def _resumes(raw: bytes, position: int, end: int) -> bool:
    """Tell whether a field of a known name comes within a few lines, before a blank one."""
    for _ in range(LOOK_AHEAD):
        if position >= end or raw[position] in b"\r\n":
            return False
        if KNOWN.match(raw, position, end):
            return True
        position = raw.find(b"\n", position, end) + 1 or end
    return False
