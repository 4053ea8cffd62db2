"""What the author wrote now: quotes, the other mail below, and signatures folded away (RFC 3676 §4.3 for `-- `).

Called by `mail.parse`, and again by `services` with the texts we sent on the ticket, which prove more than
any separator. Two rules stand above all: the whole text stays in `InboundMessage.text`, and an answer
between quotes is never lost. If nothing would be left, everything is shown. One pass; each look ahead is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpdesk.mail import quotes
from helpdesk.mail.inline import written_into
from helpdesk.mail.proof import prove, prove_quotes
from helpdesk.mail.quotes import Mark


def new_text(text: str, sent: Iterable[str] = (), *, answers: bool = True, hands_on: bool = False) -> str:
    """Return the author's new words.

    `sent` are texts of ours that must not go on, wherever they stand: their lines go beside all that separators fold.
    `answers` and `hands_on` say whether the mail answers another or forwards one: see `mail.quotes.mark_lines`.
    """
    lines = text.split("\n")
    ours = prove(lines, sent).ours
    marks = quotes.mark_lines(lines, answers=answers, hands_on=hands_on)
    return _kept(text, lines, [Mark.QUOTE if number in ours else mark for number, mark in enumerate(marks)])


def answering_text(
    text: str, sent: Iterable[str], echoes: Iterable[str] = (), *, answers: bool = True, hands_on: bool = False
) -> str:
    """Return the new words of somebody who answers letters of ours: what we sent is folded by proof, then separators.

    Words that stand between ours are theirs, even below a separator or with a quote mark before them. `echoes` are the
    author's own words that our letters repeat; the rest as in `new_text`, which is what comes out if nothing is proven.
    """
    lines = text.split("\n")
    proof = prove_quotes(lines, sent, echoes)
    written = written_into(lines, proof)
    return _kept(
        text,
        lines,
        quotes.mark_lines(lines, answers=answers or bool(proof.ours), hands_on=hands_on, proof=proof, written=written),
    )


def _kept(text: str, lines: Sequence[str], marks: Sequence[Mark]) -> str:
    result = _tidy([line.rstrip() for line, mark in zip(lines, marks, strict=True) if mark is Mark.NEW])
    return result or text.strip("\n")


def _tidy(lines: list[str]) -> str:
    """Join lines, without blank ones at the ends and with no more than one between."""
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip("\n")
