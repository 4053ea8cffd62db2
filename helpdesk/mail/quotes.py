"""Which lines of a mail are old: quote marks, attributions, header blocks, signatures, in the forms of real clients.

Called by `mail.body`. Forms are Polish, English and German first; a line before a quote that looks like
"date, person, colon" is taken for an attribution in any language.
"""

from __future__ import annotations

import re
from enum import Enum

from helpdesk.mail import separators


class Mark(Enum):
    """What a line is."""

    NEW = "new"
    QUOTE = "quote"
    ATTRIBUTION = "attribution"
    SIGNATURE = "signature"
    OLD = "old"  # the mail below a separator


QUOTED = re.compile(r"[ \t\u00a0]{0,3}(?:>|&gt;|[│┃] )")
DASHES = re.compile(r"(?:--|—|––)[ \t\u00a0]*\Z")
SIGNATURE_LINES = 14  # a longer tail below two dashes is text


def mark_lines(lines: list[str]) -> list[Mark]:
    """Return what each line is."""
    return _Marker(lines).run()


class _Marker:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.marks = [Mark.NEW] * len(lines)

    def run(self) -> list[Mark]:
        at = 0
        while at < len(self.lines):
            at = self._step(at)
        return self.marks

    def _step(self, at: int) -> int:
        """Mark what begins at this line; return where to go on."""
        line = self.lines[at]
        if QUOTED.match(line):
            self.marks[at] = Mark.QUOTE
            return at + 1
        if not line.strip():
            return at + 1
        if separators.ends_new_text(line):
            return self._old(at)
        if size := separators.header_block(self.lines, at):
            return self._history(at, size)
        if size := separators.attribution(self.lines, at):
            return self._history(at, size)
        if DASHES.match(line):
            return self._signature(at)
        if separators.device_line(line):
            self.marks[at] = Mark.SIGNATURE
        return at + 1

    def _history(self, at: int, size: int) -> int:
        """Fold a separator; what follows is old unless it is quoted line by line."""
        following = self._next_text(at + size)
        if following < len(self.lines) and QUOTED.match(self.lines[following]):
            self._fill(at, at + size, Mark.ATTRIBUTION)
            return following
        if (
            size
            and separators.is_forward(self.lines, at)
            and not any(self.marks[i] is Mark.NEW and self.lines[i].strip() for i in range(at))
        ):
            return at + size  # a mail handed on without a word: its text is the matter
        return self._old(at)

    def _old(self, at: int) -> int:
        self._fill(at, len(self.lines), Mark.OLD)
        return len(self.lines)

    def _signature(self, at: int) -> int:
        """Fold from the dashes to the next quote or separator, if that is no longer than signatures are."""
        end = at + 1
        while end < len(self.lines) and end - at <= SIGNATURE_LINES * 2 and not self._begins_history(end):
            end += 1
        body = [line for line in self.lines[at + 1 : end] if line.strip()]
        certain = self.lines[at].startswith("-- ") or not at or not self.lines[at - 1].strip()
        if body and certain and len(body) <= SIGNATURE_LINES:
            self._fill(at, end, Mark.SIGNATURE)
            return end
        return at + 1

    def _begins_history(self, at: int) -> bool:
        line = self.lines[at]
        return bool(
            QUOTED.match(line) or separators.header_block(self.lines, at) or separators.attribution(self.lines, at)
        )

    def _next_text(self, at: int) -> int:
        limit = min(at + 4, len(self.lines))
        while at < limit and not self.lines[at].strip():
            at += 1
        return at

    def _fill(self, start: int, stop: int, mark: Mark) -> None:
        self.marks[start:stop] = [mark] * (stop - start)
