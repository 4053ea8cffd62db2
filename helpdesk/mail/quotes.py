"""Which lines of a mail are old: quotes, the mail below, signatures, in the forms of real clients.

Called by `mail.body`. One pass; each look ahead is bounded.
"""

from __future__ import annotations

import re
from enum import Enum

from helpdesk.mail import separators
from helpdesk.mail.proof import Proof


class Mark(Enum):
    """What a line is."""

    NEW = "new"
    QUOTE = "quote"
    ATTRIBUTION = "attribution"
    SIGNATURE = "signature"
    OLD = "old"  # the mail below a separator


NOTHING = Proof()
DASHES = re.compile(r"(?:--|—|––)[ \t\u00a0]*\Z")
SLASHED = re.compile(r"/ ?[A-ZŻŹĆĄŚĘŁÓŃ]\w{1,20}[ \t]*\Z")
POSTSCRIPT = re.compile(r"p\.? ?s\b", re.I)
CLOSING_LINES = 9
SIGNATURE_LINES = 14  # a longer tail below two dashes is text
BANNER_LINES = 4  # that a mail server may have put before a letter of ours: "from outside"


def mark_lines(
    lines: list[str],
    *,
    answers: bool = True,
    hands_on: bool = False,
    proof: Proof = NOTHING,
    written: frozenset[int] = frozenset(),
) -> list[Mark]:
    """Return what each line is.

    `answers`: the mail answers another, so that quote marks without an attribution are quotes too; a mail that
    answers nothing may show a log with such marks. `hands_on`: it forwards another, whose text is the matter.
    `proof`: which lines are words that we sent; `written`: which lines the author put between those.
    """
    marker = _Marker(lines, answers, hands_on, proof, written)
    at = 0
    while at < len(lines):
        at = marker.step(at)
    fold_closing(lines, marker.marks)
    return marker.marks


def fold_closing(lines: list[str], marks: list[Mark]) -> None:
    """Mark a leave-taking with what stands below it, where that is a name and an address and no more text."""
    for at, line in enumerate(lines):
        if marks[at] is Mark.NEW and (separators.valediction(line) or SLASHED.match(line)):
            end = at + 1
            while end < len(lines) and marks[end] is Mark.NEW and end - at <= SIGNATURE_LINES * 2:
                end += 1
            below = [text for text in lines[at + 1 : end] if text.strip()]
            last = end >= len(lines) or marks[end] is not Mark.NEW
            if (
                last
                and len(below) <= CLOSING_LINES
                and (below or not separators.valediction(line))
                and not any(map(_says_something, below))
            ):
                marks[at:end] = [Mark.SIGNATURE] * (end - at)


def _says_something(line: str) -> bool:
    """Tell a line of text from one of a signature: it ends as sentences do, asks, or is long."""
    line = line.strip()
    return (
        len(line) > 70
        or "?" in line
        or POSTSCRIPT.match(line) is not None
        or (line.endswith((".", "!", ":")) and line.count(" ") > 3)
    )


class _Marker:
    def __init__(self, lines: list[str], answers: bool, hands_on: bool, proof: Proof, written: frozenset[int]) -> None:
        self.lines = lines
        self.proof = proof
        self.written = written
        self.in_letter = False  # below a separator, where a letter of ours stands without quote marks
        self.letter_ended = False
        self.marks = [Mark.NEW] * len(lines)
        self.quotes = answers
        self.hands_on = hands_on
        self.has_text = False
        self.sizes: dict[int, int] = {}
        self.tail = self._tail()

    def _tail(self) -> int:
        """Return where the last run of blank and quoted lines begins."""
        tail = len(self.lines)
        while tail and (not self.lines[tail - 1].strip() or separators.quoted(self.lines[tail - 1])):
            tail -= 1
        return tail

    def _separator(self, at: int) -> int:
        """Return the length of the separator that begins here; each line is judged once, however often it is asked."""
        if at not in self.sizes:
            self.sizes[at] = separators.header_block(self.lines, at) or separators.attribution(self.lines, at)
        return self.sizes[at]

    def step(self, at: int) -> int:
        """Mark what begins at this line; return where to go on."""
        line = self.lines[at]
        if not line.strip():
            return at + 1
        if at in self.proof.ours:
            self.marks[at] = Mark.QUOTE
            self.letter_ended = at in self.proof.ends
            return at + 1
        if at in self.written:
            self.has_text = True
            return at + 1
        if separators.quoted(line):
            self.quotes = self.quotes or separators.quotes_attribution(line)
            if self.quotes or self._only_quotes_follow(at):
                self.marks[at] = Mark.QUOTE
            return at + 1
        if separators.ends_new_text(self.lines, at):
            return self._old(at)
        if size := self._separator(at):
            return self._history(at, size)
        if self.in_letter and self.letter_ended and self.has_text:
            return self._old(at)
        if DASHES.match(line) and (end := self._signature_end(at)):
            self._fill(at, end, Mark.SIGNATURE)
            return end
        if separators.device_line(line):
            self.marks[at] = Mark.SIGNATURE
        else:
            self.has_text = True
        return at + 1

    def _history(self, at: int, size: int) -> int:
        """Fold a separator. What follows is old, unless it is quoted line by line, handed on, or all there is."""
        if self.hands_on or separators.is_forward(self.lines[at]):
            self.has_text = True
            return at + size
        letter = self._letter_below(at + size)
        if letter is not None:
            self.in_letter, self.letter_ended = True, False
            self._fill(at, letter, Mark.ATTRIBUTION)
            return letter
        following = self._next_text(at + size)
        if following < len(self.lines) and separators.quoted(self.lines[following]):
            self.quotes = True
            self._fill(at, at + size, Mark.ATTRIBUTION)
            return following
        if not self.has_text:
            self._fill(at, at + size, Mark.ATTRIBUTION)
            return at + size
        return self._old(at)

    def _letter_below(self, at: int) -> int | None:
        """Return where a letter of ours without quote marks begins below a separator that ends before this line."""
        banner = 0
        for number in range(at, len(self.lines) if self.proof.ours else at):
            if number in self.proof.ours or number in self.proof.mixed:
                return None if separators.quoted(self.lines[number]) else number
            banner += bool(self.lines[number].strip())
            if banner > BANNER_LINES or self._begins_history(number):
                break
        return None

    def _old(self, at: int) -> int:
        self._fill(at, len(self.lines), Mark.OLD)
        return len(self.lines)

    def _only_quotes_follow(self, at: int) -> bool:
        """Tell whether quote marks run to the end: a tail of them is a quote even without an attribution."""
        return at >= self.tail and self.has_text

    def _signature_end(self, at: int) -> int:
        """Return where a signature ends that begins here: at the next quote or separator; 0 if it is none."""
        end = at + 1
        while end < len(self.lines) and end - at <= SIGNATURE_LINES * 2 and not self._begins_history(end):
            end += 1
        body = [line for line in self.lines[at + 1 : end] if line.strip()]
        above = at - 1
        certain = (
            self.lines[at].startswith("-- ")
            or not at
            or not self.lines[above].strip()
            or self.marks[above] is not Mark.NEW
        )
        return end if body and certain and len(body) <= SIGNATURE_LINES else 0

    def _begins_history(self, at: int) -> bool:
        line = self.lines[at]
        return (
            at in self.proof.ours
            or at in self.written
            or separators.quoted(line)
            or bool(line.strip() and self._separator(at))
        )

    def _next_text(self, at: int) -> int:
        limit = min(at + 4, len(self.lines))
        while at < limit and not self.lines[at].strip():
            at += 1
        return at

    def _fill(self, start: int, stop: int, mark: Mark) -> None:
        self.marks[start:stop] = [mark] * (stop - start)
