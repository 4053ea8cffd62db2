"""The tree of a message's parts, by offsets into its bytes (RFC 2046 §5.1).

Called by `mail.parse`. The scan is one pass over the delimiter lines with a stack of open multiparts, so
nesting costs no recursion, many parts no more than their lines, and no attachment is copied until asked
for. The standard library's parser builds the same tree by recursion and keeps every part as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.mail.bounds import MAX_LEVELS, MAX_PARTS
from helpdesk.mail.fields import Block, split_block
from helpdesk.mail.message import Defect
from helpdesk.mail.parameters import Value, parse_value
from helpdesk.mail.text import clean_line
from helpdesk.mail.transfer import decode_transfer

DASHED = re.compile(rb"--[^\r\n]{0,250}")
TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}\Z")


@dataclass(slots=True)
class Part:
    """One part: its header block, what it says it is, and where its body lies in the raw bytes."""

    raw: bytes = field(repr=False)
    block: Block
    type: str
    parameters: dict[str, str]
    disposition: Value
    encoding: str
    level: int
    start: int
    end: int
    children: list[Part] = field(default_factory=list)

    @property
    def major(self) -> str:
        return self.type.partition("/")[0]

    @property
    def filename(self) -> str:
        """The name the sender gave it, as given."""
        return (
            self.disposition.parameters.get("filename")
            or self.parameters.get("name")
            or self.parameters.get("file", "")
        )

    @property
    def content_id(self) -> str:
        return self.header("content-id").strip().strip("<>").strip()

    def header(self, name: str) -> str:
        """The first field of that lower-case name, on one line and without control letters."""
        return clean_line(self.block.first(name).decode("ascii", "replace"))

    def body(self) -> bytes:
        """The body as it stands in the message."""
        return self.raw[self.start : self.end]

    def content(self) -> tuple[bytes, str]:
        """The body with its transfer encoding undone, and a defect's code."""
        return decode_transfer(memoryview(self.raw)[self.start : self.end], self.encoding)


@dataclass(slots=True)
class _Open:
    part: Part
    boundary: bytes
    closed: bool = False
    leaf: Part | None = None


def split_message(raw: bytes, *, level: int = 0) -> tuple[Part, list[Defect]]:
    """Return the root of the tree and what was wrong on the way; every part's `end` is settled."""
    scan = _Scan(raw)
    root = scan.part(0, len(raw), level, top=True)
    scan.enter(root)
    if scan.stack:
        for match in _dashed_lines(raw, root.start, len(raw)):
            if not scan.delimiter(match):
                break
        scan.close_to(0, len(raw))
    return root, list(scan.defects.values())


def _dashed_lines(raw: bytes, start: int, end: int) -> Iterator[re.Match[bytes]]:
    """Yield the beginnings of lines that begin with two dashes; a mail's first line is none, as it is a field."""
    at = raw.find(b"\n--", max(start - 1, 0), end)
    while at >= 0 and (match := DASHED.match(raw, at + 1, end)):
        yield match
        at = raw.find(b"\n--", match.end(), end)


class _Scan:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.stack: list[_Open] = []
        self.by_boundary: dict[bytes, list[int]] = {}
        self.defects: dict[str, Defect] = {}
        self.count = 0

    def mark(self, code: str, detail: str) -> None:
        self.defects.setdefault(code, Defect(code, clean_line(detail)))

    def part(self, start: int, end: int, level: int, *, top: bool = False, default: str = "text/plain") -> Part:
        """Read one header block; the body reaches to `end` for now."""
        block = split_block(self.raw, start, end, top=top)
        for defect in block.defects:
            self.defects.setdefault(defect.code, defect)
        stated = block.first("content-type")
        value = parse_value(stated) if stated else Value(default, {})
        kind = value.word if TYPE.match(value.word) else default if not stated else self._odd_type(value.word)
        token = re.match(rb"[^\s;()\"]*", block.first("content-transfer-encoding").strip())
        encoding = token[0].decode("ascii", "replace").lower() if token else ""
        disposition = block.first("content-disposition")
        self.count += 1
        return Part(
            self.raw, block, kind, value.parameters, parse_value(disposition) if disposition else Value("", {}),
            encoding, level, block.body, end,
        )  # fmt: skip

    def _odd_type(self, token: str) -> str:
        self.mark("content_type_malformed", token)
        return {"text": "text/plain", "html": "text/html", "plain": "text/plain"}.get(token, "")

    def enter(self, part: Part) -> None:
        """Open a multipart, so that its delimiters count."""
        if not part.type.startswith("multipart/"):
            return
        if part.level >= MAX_LEVELS:
            self.mark("levels_limit", f"nested deeper than {MAX_LEVELS} levels")
            return
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace") or self._guess(part)
        if not boundary:
            self.mark("boundary_missing", part.type)
            part.type = "text/plain"
            return
        self.by_boundary.setdefault(boundary, []).append(len(self.stack))
        self.stack.append(_Open(part, boundary))

    def _guess(self, part: Part) -> bytes:
        """Return the first line of the body that looks like a delimiter."""
        match = next(_dashed_lines(self.raw, part.start, min(part.end, part.start + 4096)), None)
        self.mark("boundary_missing", part.type)
        return match[0][2:].rstrip() if match else b""

    def delimiter(self, match: re.Match[bytes]) -> bool:
        """Take one line that begins with two dashes; False when no more parts are read."""
        line = match[0][2:].rstrip()
        levels = self.by_boundary.get(line)
        closing = False
        if not levels and line.endswith(b"--"):
            levels, closing = self.by_boundary.get(line[:-2]), True
        if not levels:
            return True
        index = levels[-1]
        self.close_to(index + 1, match.start())
        self._end_leaf(self.stack[index], match.start())
        if closing:
            if index:
                self.close_to(index, match.start())
            return True
        if self.count >= MAX_PARTS:
            self.mark("parts_limit", f"more than {MAX_PARTS} parts")
            return False
        self._begin_leaf(index, self.raw.find(b"\n", match.end()) + 1 or len(self.raw))
        return True

    def _begin_leaf(self, index: int, start: int) -> None:
        opened = self.stack[index]
        default = "message/rfc822" if opened.part.type == "multipart/digest" else "text/plain"
        leaf = self.part(start, opened.part.end, opened.part.level + 1, default=default)
        opened.part.children.append(leaf)
        opened.leaf = leaf
        self.enter(leaf)

    def _end_leaf(self, opened: _Open, at: int) -> None:
        """The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1)."""
        if opened.leaf is None:
            return
        if self.raw[at - 1 : at] == b"\n":
            at -= 2 if self.raw[at - 2 : at - 1] == b"\r" else 1
        opened.leaf.end = max(at, opened.leaf.start)
        opened.leaf = None

    def close_to(self, size: int, at: int) -> None:
        """Close the multiparts above `size`; what was never closed ends here."""
        while len(self.stack) > size:
            opened = self.stack.pop()
            self._end_leaf(opened, at)
            levels = self.by_boundary[opened.boundary]
            levels.pop()
            if not levels:
                del self.by_boundary[opened.boundary]
