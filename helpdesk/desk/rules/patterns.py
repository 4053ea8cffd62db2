"""One pattern of a condition: a piece of text, a glob, or `re:` with RE2 (the only importer of google-re2).

RE2 needs time linear in the text, whatever the pattern; the text is cut besides (`conditions`), so that no
rule can hold the desk up. Patterns are compiled once, when the rules are loaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import Any

from helpdesk.desk.folding import fold, plain_letters, squeeze

MAX_PATTERN = 2000
MAX_MEMORY = 1 << 20  # bytes that one expression may use for itself


@dataclass(slots=True, frozen=True)
class Text:
    """What a pattern looks at: a value folded once; `encoded` is what RE2 reads."""

    folded: str
    squeezed: str
    encoded: bytes


def as_text(value: str) -> Text:
    """Return the value ready to be compared."""
    folded = fold(value)
    return Text(folded, squeeze(folded), folded.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Substring:
    """Matches where the words stand anywhere in the text."""

    source: str
    folded: str

    def matches(self, text: Text) -> bool:
        return self.folded in text.squeezed


@dataclass(frozen=True, slots=True)
class Whole:
    """Matches a whole address or file name; `*` and `?` stand for anything."""

    source: str
    compiled: re.Pattern[str]

    def matches(self, text: Text) -> bool:
        return self.compiled.match(text.squeezed) is not None


@dataclass(frozen=True, slots=True)
class Regex:
    """Matches where RE2 finds the expression."""

    source: str
    compiled: Any

    def matches(self, text: Text) -> bool:
        return self.compiled.search(text.encoded) is not None


Pattern = Substring | Whole | Regex


def parse_pattern(source: str, *, globs: bool) -> Pattern:
    """Return the pattern that the text means; globs only where a whole name is looked at.

    Raises ValueError with a sentence.
    """
    if len(source) > MAX_PATTERN:
        raise ValueError(f"a pattern of more than {MAX_PATTERN} characters")
    if source.startswith("re:"):
        return Regex(source, _compile(source[3:].strip()))
    if globs and ("*" in source or "?" in source):
        return Whole(source, _glob(source))
    folded = squeeze(fold(source))
    if not folded:
        raise ValueError("an empty pattern would match everything")
    return Substring(source, folded)


def _glob(source: str) -> re.Pattern[str]:
    if source.count("*") > 8:
        raise ValueError("more than eight '*' in one pattern")
    return re.compile(translate(re.sub(r"\*+", "*", squeeze(fold(source)).replace("[", "[[]"))))


def _compile(expression: str) -> Any:
    import re2

    if not expression:
        raise ValueError("an empty expression would match everything")
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = MAX_MEMORY
    try:
        return re2.compile(plain_letters(expression).encode(), options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise ValueError(f"not an expression that RE2 reads: {reason}") from None
