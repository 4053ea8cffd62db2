"""Which lines of a mail are words that we sent: no guess by separators, but the same words in the same order.

Called by `mail.body`. Every run of six words of ours is known; lines whose words all lie in such runs are ours. Blanks,
line breaks, quote marks and the targets of links don't count: clients rewrap quotes and rewrite links. One pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

RUN = 6  # so many words in a row that we sent are no accident
CERTAIN = 20  # so many of them in one mail: nobody takes that many over into an answer of their own

# A ticked box, a thumb or a heart is a word too: people answer with it.
WORD = re.compile(r"[\w\u2600-\u27bf\U0001f300-\U0001faff]+")
LINK = re.compile(r"<(?:https?|mailto|tel):[^<>]{0,2000}>", re.I)
RULE = re.compile(r"(?:[-–—_=*#~.…|>•·\[\]()]|\s)*")
Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The numbers of lines that are ours, that hold our words among others, and on which a letter of ours ends."""

    ours: frozenset[int] = frozenset()
    mixed: frozenset[int] = frozenset()
    ends: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Stretch:
    """Words in a row that are all ours: from word `start` up to `stop`, seen as these runs."""

    start: int
    stop: int
    runs: list[Run] = field(default_factory=list)


def prove(lines: Sequence[str], sent: Iterable[str]) -> Proof:
    """Return which lines are ours wherever they stand, and however few they are."""
    letters = [_words(text) for text in sent]
    known = {run for letter in letters for run in _runs(letter)}
    if not known:
        return Proof()
    words = _numbered(lines)
    return _proof(lines, words, list(_stretches(words, known)), letters)


def prove_quotes(lines: Sequence[str], sent: Iterable[str], echoes: Iterable[str] = ()) -> Proof:
    """Return which lines quote us: each letter of ours counts once, and few words of it don't count at all.

    Who answers "we want: the second of your proposals" copies words of ours to say something new. Such a copy is short,
    or stands beside the quote of the whole letter. `echoes` are the author's words that our letters repeat.
    """
    letters = [_words(text) for text in sent]
    known = Counter(run for letter in letters for run in _runs(letter))
    if not known:
        return Proof()
    theirs = {run for text in echoes for run in _runs(_words(text))}
    words = _numbered(lines)
    quotes = []
    for stretch in sorted(_stretches(words, known), key=lambda each: each.start - each.stop):
        fresh = [run for run in stretch.runs if known[run] > 0 and run not in theirs]
        if len(fresh) * 2 > len(stretch.runs):
            known.subtract(stretch.runs)
            quotes.append(stretch)
    certain = sum(each.stop - each.start for each in quotes) >= CERTAIN
    return _proof(lines, words, quotes if certain else [], letters)


def _words(text: str) -> list[str]:
    return WORD.findall(LINK.sub(" ", text).casefold())


def _numbered(lines: Sequence[str]) -> list[tuple[str, int]]:
    """Return the words with the numbers of their lines."""
    return [(word, number) for number, line in enumerate(lines) for word in _words(line)]


def _runs(words: Sequence[str]) -> Iterator[Run]:
    return zip(*(words[shift:] for shift in range(RUN)), strict=False)


def _stretches(words: Sequence[tuple[str, int]], known: Iterable[Run]) -> Iterator[_Stretch]:
    current: _Stretch | None = None
    for start, run in enumerate(_runs([word for word, _ in words])):
        if run not in known:
            continue
        if current is None or start > current.start + len(current.runs):
            if current is not None:
                yield current
            current = _Stretch(start, start)
        current.stop = start + RUN
        current.runs.append(run)
    if current is not None:
        yield current


def _proof(
    lines: Sequence[str], words: Sequence[tuple[str, int]], quotes: Sequence[_Stretch], letters: Sequence[list[str]]
) -> Proof:
    if not quotes:
        return Proof()
    covered = [False] * len(words)
    ends: set[int] = set()
    last = {tuple(letter[-RUN:]) for letter in letters}
    for stretch in quotes:
        covered[stretch.start : stretch.stop] = [True] * (stretch.stop - stretch.start)
        if stretch.runs[-1] in last:
            ends.add(words[stretch.stop - 1][1])
    partly = {number for (_, number), hit in zip(words, covered, strict=True) if hit}
    foreign = {number for (_, number), hit in zip(words, covered, strict=True) if not hit}
    return Proof(_with_rules(lines, partly - foreign), frozenset(partly & foreign), frozenset(ends))


def _with_rules(lines: Sequence[str], ours: set[int]) -> frozenset[int]:
    """Add the lines without words that stand between two of ours: rules, empty bullets, "[…]"."""
    found = sorted(ours)
    for before, after in pairwise(found):
        between = range(before + 1, after)
        if all(RULE.fullmatch(lines[number]) for number in between):
            ours.update(number for number in between if lines[number].strip())
    return frozenset(ours)
