"""The kinds of single value that the grammar of the rules is made of: each reads a node and describes itself.

`combined` and `sections` make larger ones of them, `grammar` puts all together; from the same tables come the
reading, the JSON Schema and the reference.
A kind that can't read a node complains to the `Reading` and returns None: all problems are found in one go.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Protocol

from helpdesk.desk.rules.yamltree import Node, Scalar, Sequence
from helpdesk.errors import Problem

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that must stand elsewhere in the file: `section` says where."""

    section: str
    name: str
    node: Scalar
    path: str


@dataclass(slots=True)
class Reading:
    """One reading of a file: what is wrong so far, and the names that are still to be found."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)  # of the keys of every `Fields` and `Table`

    def complain(self, node: Node, path: str, message: str) -> None:
        self.problems.append(Problem(self.file, node.line, node.column, path, message))

    def problem_at(self, path: str, message: str) -> Problem:
        """Return a problem at the place of a key that was read."""
        line, column = self.places.get(path, (0, 0))
        return Problem(self.file, line, column, path, message)


class Kind(Protocol):
    """What a value may be."""

    @property
    def words(self) -> str: ...
    def read(self, node: Node, path: str, reading: Reading) -> Any: ...
    def schema(self) -> Schema: ...


def closest(name: str, known: list[str]) -> str | None:
    """Return the known name that was probably meant, if one is near."""
    folded = {one.casefold(): one for one in reversed(known)}
    close = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def nearest(name: str, known: list[str]) -> str:
    """Return `, did you mean 'X'?` for the nearest known name, else the names there are, if they are few."""
    meant = closest(name, known)
    if meant is not None:
        return f", did you mean {meant!r}?"
    return f"; known: {', '.join(known)}" if 0 < len(known) <= 30 else ""


def shown(node: Node) -> str:
    """Return what stands there, for a message."""
    if isinstance(node, Scalar):
        text = node.text if len(node.text) <= 60 else node.text[:60] + "…"
        return repr(text) if node.text or not node.plain else "nothing"
    return "a list" if isinstance(node, Sequence) else "keys with values"


@dataclass(frozen=True, slots=True)
class Parsed:
    """One text, turned into a value by `parse`, which raises ValueError with a sentence."""

    words: str
    parse: Callable[[str], Any]
    pattern: str | None = None  # for editors

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        if not isinstance(node, Scalar) or (not node.text and node.plain):
            reading.complain(node, path, f"expected {self.words}, found {shown(node)}")
            return None
        try:
            return self.parse(node.text.strip())
        except ValueError as error:
            reading.complain(node, path, str(error))
            return None

    def schema(self) -> Schema:
        base: Schema = {"type": ["string", "number"], "description": self.words}
        return base | ({"type": "string", "pattern": self.pattern} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int

    @property
    def words(self) -> str:
        return f"a whole number from {self.low} to {self.high}" if self.low < self.high else str(self.low)

    def read(self, node: Node, path: str, reading: Reading) -> int | None:
        text = node.text if isinstance(node, Scalar) else ""
        if text.isascii() and text.isdigit() and len(text) < 10 and self.low <= int(text) <= self.high:
            return int(text)
        reading.complain(node, path, f"expected {self.words}, found {shown(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false; YAML 1.1's yes, no, on and off are asked to be written so."""

    words: str = "true or false"

    def read(self, node: Node, path: str, reading: Reading) -> bool | None:
        if isinstance(node, Scalar) and node.text in ("true", "false"):
            return node.text == "true"
        reading.complain(node, path, f"expected true or false, found {shown(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few fixed words; the value is what the table gives for it."""

    choices: MappingOf[str, Any]

    @property
    def words(self) -> str:
        return "one of " + ", ".join(self.choices)

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        if isinstance(node, Scalar) and node.text in self.choices:
            return self.choices[node.text]
        hint = nearest(node.text, list(self.choices)) if isinstance(node, Scalar) and node.text else ""
        reading.complain(node, path, f"expected {self.words}, found {shown(node)}{hint if 'mean' in hint else ''}")
        return None

    def schema(self) -> Schema:
        return {"enum": [{"true": True, "false": False}.get(word, word) for word in self.choices]}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of something that stands in another section; `none` is allowed where `or_none` says so.

    The value is the name, in lower case where names are addresses.
    """

    section: str
    or_none: bool = False
    fold: bool = False

    @property
    def words(self) -> str:
        return f"a name from {self.section}" + (", or none" if self.or_none else "")

    def read(self, node: Node, path: str, reading: Reading) -> str | None:
        if not isinstance(node, Scalar) or not node.text:
            reading.complain(node, path, f"expected {self.words}, found {shown(node)}")
            return None
        if self.or_none and node.text == "none":
            return "none"
        name = node.text.casefold() if self.fold else node.text
        reading.references.append(Reference(self.section, name, node, path))
        return name

    def schema(self) -> Schema:
        return {"type": "string", "description": self.words}
