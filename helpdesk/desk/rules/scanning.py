"""All patterns that the rules hold for a field, looked for in one pass over its text.

A body of 2.6 KB costs about 0.01 ms that way, whether 10 patterns are looked for or 1,000; one by one each costs
0.001 to 0.005 ms. Made when the rules are loaded; `view` asks it once per mail, and only if some rule does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from helpdesk.desk.rules.conditions import AllOf, AnyOf, Condition, NoneOf, TextMatches
from helpdesk.desk.rules.patterns import Pattern, Regex, Substring, Text

FIELDS = ("subject", "body")  # the others are short: a look at each pattern is as quick
MAX_MEMORY = 16 << 20  # bytes that one scanner may use for itself
_BLANKS = r"[\s\x0b\x1c-\x1f]+"  # what `squeeze` makes one blank


class Scanner:
    """The patterns of one field as one automaton."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        import re2

        options = re2.Options()
        options.log_errors, options.case_sensitive, options.max_mem = False, False, MAX_MEMORY
        unique = {pattern.source: pattern for pattern in patterns}
        self.sources = tuple(unique)
        self._set: Any = re2.Set.SearchSet(options)
        try:
            for pattern in unique.values():
                self._set.Add(_expression(pattern))
            self._set.Add(b"")  # always matches, unless the automaton has run out of memory and given up
            self._set.Compile()
        except re2.error:  # more than fits into one automaton, though each pattern compiled by itself
            self._set = None

    def hits(self, text: Text) -> frozenset[str] | None:
        """Return the sources of all patterns that match; None if that takes more memory than there is for it."""
        found = self._set.Match(text.encoded) if self._set else None
        if found is None or len(self.sources) not in found:
            return None
        return frozenset(self.sources[number] for number in found if number < len(self.sources))


def _expression(pattern: Pattern) -> bytes:
    import re2

    match pattern:
        case Regex(compiled=compiled):
            return bytes(compiled.pattern)
        case Substring(folded=folded):
            return _BLANKS.join(re2.escape(word) for word in folded.split()).encode()
    raise TypeError(f"{pattern.source}: not looked for in texts")


def scanners_of(conditions: Iterable[Condition]) -> dict[str, Scanner]:
    """Return a scanner for each long field that the conditions look at."""
    wanted: dict[str, list[Pattern]] = {}
    for condition in conditions:
        for one in _text_conditions(condition):
            if one.field in FIELDS:
                wanted.setdefault(one.field, []).extend(one.patterns)
    return {name: Scanner(patterns) for name, patterns in wanted.items()}


def _text_conditions(condition: Condition) -> Iterator[TextMatches]:
    match condition:
        case TextMatches():
            yield condition
        case AllOf(parts) | AnyOf(parts) | NoneOf(parts):
            for part in parts:
                yield from _text_conditions(part)
