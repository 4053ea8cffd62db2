"""The conditions of a rule: frozen values made at load, asked once per mail.

`found` returns what decided, in words for the trace, or None. A list of values means any of them; the keys of
one `when` must all hold.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from helpdesk.desk.draft import Draft
from helpdesk.desk.rules.patterns import Pattern, Text
from helpdesk.mail.message import InboundMessage

MAX_VALUES = 200  # addresses, headers of one name, attachments: of more, the first are looked at


class Asked(Protocol):
    """A mail with the decision so far, as conditions ask it (`desk/view`)."""

    @property
    def message(self) -> InboundMessage: ...

    @property
    def draft(self) -> Draft: ...

    def texts(self, name: str) -> tuple[Text, ...]:
        """Return the folded values of a field."""

    def hits(self, name: str) -> frozenset[str] | None:
        """Return the sources of all the rules' patterns that match a long field; None: ask one by one."""

    def word(self, name: str) -> str | None:
        """Return the value of a field that is one word."""


class Condition(Protocol):
    """A question about a mail."""

    def found(self, mail: Asked) -> str | None:
        """Return what answered yes, for the trace; None for no."""

    def __str__(self) -> str:
        """Return the question as the file puts it."""


@dataclass(frozen=True, slots=True)
class TextMatches:
    """Some value of the field matches some pattern."""

    field: str
    patterns: tuple[Pattern, ...]

    def found(self, mail: Asked) -> str | None:
        hits = mail.hits(self.field)
        if hits is not None:
            for pattern in self.patterns:
                if pattern.source in hits:
                    return f"{self.field}: {pattern.source}"
            return None
        for text in mail.texts(self.field):
            for pattern in self.patterns:
                if pattern.matches(text):
                    return f"{self.field}: {pattern.source}"
        return None

    def __str__(self) -> str:
        return f"{self.field}: {_listed([pattern.source for pattern in self.patterns])}"


@dataclass(frozen=True, slots=True)
class WordIs:
    """The field's one word is among these; None among them stands for `none`."""

    field: str
    words: frozenset[str | None]

    def found(self, mail: Asked) -> str | None:
        word = mail.word(self.field)
        return f"{self.field}: {word or 'none'}" if word in self.words else None

    def __str__(self) -> str:
        return f"{self.field}: {_listed(sorted(word or 'none' for word in self.words))}"


@dataclass(frozen=True, slots=True)
class HasTag:
    """The rules above gave the ticket one of these tags."""

    tags: tuple[str, ...]

    def found(self, mail: Asked) -> str | None:
        return next((f"tag: {tag}" for tag in self.tags if tag in mail.draft.tags), None)

    def __str__(self) -> str:
        return f"tag: {_listed(self.tags)}"


_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number against a bound; `source` is how the file writes it."""

    source: str
    sign: str
    bound: int

    def holds(self, number: int) -> bool:
        return _COMPARE[self.sign](number, self.bound)


@dataclass(frozen=True, slots=True)
class NumberIs:
    """The mail's size in bytes, or the priority so far, satisfies one of the comparisons."""

    field: str  # size, priority
    comparisons: tuple[Comparison, ...]

    def found(self, mail: Asked) -> str | None:
        number = mail.message.size if self.field == "size" else mail.draft.priority
        return next((f"{self.field}: {c.source}" for c in self.comparisons if c.holds(number)), None)

    def __str__(self) -> str:
        return f"{self.field}: {_listed([comparison.source for comparison in self.comparisons])}"


@dataclass(frozen=True, slots=True)
class AttachmentIs:
    """One attachment satisfies all that is asked: a name, a type, a size in bytes (empty: not asked)."""

    names: tuple[Pattern, ...] = ()
    types: tuple[Pattern, ...] = ()
    sizes: tuple[Comparison, ...] = ()

    def found(self, mail: Asked) -> str | None:
        names, types = mail.texts("attachment.name"), mail.texts("attachment.type")
        for part, name, kind in zip(mail.message.attachments[:MAX_VALUES], names, types, strict=True):
            if (
                (not self.names or any(pattern.matches(name) for pattern in self.names))
                and (not self.types or any(pattern.matches(kind) for pattern in self.types))
                and (not self.sizes or any(size.holds(part.size) for size in self.sizes))
            ):
                return f"attachment: {part.name}"
        return None

    def __str__(self) -> str:
        asked = {"name": self.names, "type": self.types, "size": self.sizes}
        parts = [f"{key}: {_listed([one.source for one in values])}" for key, values in asked.items() if values]
        return f"attachment: {{ {', '.join(parts)} }}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; without parts it always does."""

    parts: tuple[Condition, ...]

    def found(self, mail: Asked) -> str | None:
        answers = []
        for part in self.parts:
            answer = part.found(mail)
            if answer is None:
                return None
            answers.append(answer)
        return ", ".join(answers) or "every mail"

    def missing(self, mail: Asked) -> str | None:
        """Return the first part that does not hold, as the file puts it; None when all do."""
        return next((str(part) for part in self.parts if part.found(mail) is None), None)

    def __str__(self) -> str:
        return ", ".join(str(part) for part in self.parts) or "every mail"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def found(self, mail: Asked) -> str | None:
        return next((answer for part in self.parts if (answer := part.found(mail)) is not None), None)

    def __str__(self) -> str:
        return f"any: [{'; '.join(str(part) for part in self.parts)}]"


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No part holds."""

    parts: tuple[Condition, ...]

    def found(self, mail: Asked) -> str | None:
        return None if any(part.found(mail) is not None for part in self.parts) else str(self)

    def __str__(self) -> str:
        return f"not: [{'; '.join(str(part) for part in self.parts)}]"


def fields_of(condition: Condition) -> frozenset[str]:
    """Return the names of all fields that a condition looks at."""
    match condition:
        case AllOf(parts) | AnyOf(parts) | NoneOf(parts):
            return frozenset().union(*(fields_of(part) for part in parts))
        case TextMatches(field=name) | WordIs(field=name) | NumberIs(field=name):
            return frozenset([name])
        case HasTag():
            return frozenset(["tag"])
    return frozenset(["attachment"])


def _listed(values: list[str] | tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"
