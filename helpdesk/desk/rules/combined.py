"""The kinds that are made of other kinds: lists, alternatives, and values turned into something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpdesk.desk.rules.kinds import Kind, Reading, Schema, shown
from helpdesk.desk.rules.yamltree import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Many:
    """A list; one value may stand alone, unless each has keys of its own (`dashes`)."""

    kind: Kind
    dashes: bool = False

    @property
    def words(self) -> str:
        return f"a list, each {self.kind.words}"

    def read(self, node: Node, path: str, reading: Reading) -> tuple[Any, ...]:
        if not isinstance(node, Sequence) and self.dashes:
            reading.complain(node, path, f"expected a list, each with a dash before it, found {shown(node)}")
            return ()
        if not isinstance(node, Sequence):
            return (self.kind.read(node, path, reading),)
        return tuple(self.kind.read(item, f"{path}[{number}]", reading) for number, item in enumerate(node.items, 1))

    def schema(self) -> Schema:
        listed: Schema = {"type": "array", "items": self.kind.schema()}
        return listed if self.dashes else {"anyOf": [self.kind.schema(), listed]}


@dataclass(frozen=True, slots=True)
class Made:
    """What `make` makes of a value that `kind` has read; it may raise ValueError with a sentence."""

    kind: Kind
    make: Callable[[Any], Any]

    @property
    def words(self) -> str:
        return self.kind.words

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        before = len(reading.problems)
        value = self.kind.read(node, path, reading)
        if len(reading.problems) > before:
            return None
        try:
            return self.make(value)
        except ValueError as error:
            reading.complain(node, path, str(error))
            return None

    def schema(self) -> Schema:
        return self.kind.schema()


@dataclass(frozen=True, slots=True)
class Either:
    """One fixed word, or a value of another kind."""

    word: str
    value: Any
    kind: Kind

    @property
    def words(self) -> str:
        return f"{self.kind.words}, or {self.word}"

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        if isinstance(node, Scalar) and node.text == self.word:
            return self.value
        return self.kind.read(node, path, reading)

    def schema(self) -> Schema:
        return {"anyOf": [{"const": {"true": True}.get(self.word, self.word)}, self.kind.schema()]}


@dataclass(frozen=True, slots=True)
class ByShape:
    """A mapping is read by one kind, everything else by another."""

    mapping: Kind
    other: Kind

    @property
    def words(self) -> str:
        return f"{self.other.words}; or {self.mapping.words}"

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        kind = self.mapping if isinstance(node, Mapping) else self.other
        return kind.read(node, path, reading)

    def schema(self) -> Schema:
        return {"anyOf": [self.mapping.schema(), self.other.schema()]}
