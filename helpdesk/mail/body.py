"""What the author wrote now: quotes, the other mail below, and signatures folded away (RFC 3676 §4.3 for `-- `).

Called by `mail.parse`, and again by `services` with the texts we sent on the ticket, which prove more than
any separator. Two rules stand above all: the whole text stays in `InboundMessage.text`, and an answer
between quotes is never lost. If nothing would be left, everything is shown. One pass; each look ahead is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.mail import quotes
from helpdesk.mail.quotes import Mark

PROOF_WORDS = 6  # so many words in a row that we sent are no accident
WORD = re.compile(r"\w+")


def new_text(text: str, sent: Iterable[str] = (), *, answers: bool = True, hands_on: bool = False) -> str:
    """Return the author's new words.

    `sent` are texts of ours on the ticket, folded by proof before separators. `answers` and `hands_on` say whether
    the mail answers another or forwards one: see `mail.quotes.mark_lines`.
    """
    lines = text.split("\n")
    proven = _proven(lines, sent)
    marks = quotes.mark_lines(lines, answers=answers, hands_on=hands_on)
    kept = [line.rstrip() for number, line in enumerate(lines) if marks[number] is Mark.NEW and number not in proven]
    result = _tidy(kept)
    return result or text.strip("\n")


def _tidy(lines: list[str]) -> str:
    """Join lines, without blank ones at the ends and with no more than one between."""
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip("\n")


def _proven(lines: list[str], sent: Iterable[str]) -> frozenset[int]:
    """Return the numbers of lines all of whose words stand in runs that we sent."""
    known = {run for text in sent for run in _runs(WORD.findall(text.casefold()))}
    if not known:
        return frozenset()
    words = [(word, number) for number, line in enumerate(lines) for word in WORD.findall(line.casefold())]
    covered = [False] * len(words)
    for start, run in enumerate(_runs([word for word, _ in words])):
        if run in known:
            covered[start : start + PROOF_WORDS] = [True] * PROOF_WORDS
    open_lines = {number for (_, number), hit in zip(words, covered, strict=True) if not hit}
    return frozenset(number for _, number in words if number not in open_lines)


def _runs(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(words[shift:] for shift in range(PROOF_WORDS)), strict=False)
