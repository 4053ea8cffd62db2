"""The kinds that have keys: a section with fixed keys, a table of names, and one that refers to itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any

from helpdesk.desk.rules.kinds import Kind, Reading, Schema, closest, nearest, shown
from helpdesk.desk.rules.yamltree import Mapping, Node

_NAME = re.compile(r"\w[\w .&+-]{0,79}")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section: what its value may be, and a line for the reference."""

    kind: Kind
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Fixed keys; the value is a dictionary of those that stand there."""

    title: str
    keys: MappingOf[str, Key]

    @property
    def words(self) -> str:
        return f"the keys of {self.title}"

    def read(self, node: Node, path: str, reading: Reading) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if not isinstance(node, Mapping):
            reading.complain(node, path, f"expected {self.words}, found {shown(node)}")
            return values
        for name, mark in node.keys.items():
            inner = f"{path}.{name}" if path else name
            reading.places[inner] = (mark.line, mark.column)
            meant = name if name in self.keys else closest(name, list(self.keys))
            if meant != name:
                reading.complain(mark, inner, f"unknown key {name!r}{nearest(name, list(self.keys))}")
            if meant is not None:  # a misspelt key is read as the one it means: one slip, one problem
                values[meant] = self.keys[meant].kind.read(node.values[name], inner, reading)
        for name, key in self.keys.items():
            if key.required and name not in values:
                reading.complain(node, path, f"the key {name!r} is missing: {key.meaning}")
        return values

    def schema(self) -> Schema:
        properties = {name: {**key.kind.schema(), "description": key.meaning} for name, key in self.keys.items()}
        required = [name for name, key in self.keys.items() if key.required]
        base: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return base | ({"required": required} if required else {})


def check_name(name: str) -> str:
    """Return the name of a queue, plan, calendar … if it can be one. Raises ValueError with a sentence."""
    if name == "none":
        raise ValueError("'none' means that there is none, so nothing can be called so")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} can't be a name: letters, digits, blanks and _ . & + - only")
    return name


@dataclass(frozen=True, slots=True)
class Table:
    """Names of the admin's choosing, each with a value; the value is a dictionary."""

    title: str
    kind: Kind
    key: Callable[[str], Any] = check_name  # turns the name into the key; raises ValueError

    @property
    def words(self) -> str:
        return f"{self.title}, each with its value"

    def read(self, node: Node, path: str, reading: Reading) -> dict[Any, Any]:
        if not isinstance(node, Mapping):
            reading.complain(node, path, f"expected {self.words}, found {shown(node)}")
            return {}
        values: dict[Any, Any] = {}
        for name, mark in node.keys.items():
            inner = f"{path}.{name}"
            reading.places[inner] = (mark.line, mark.column)
            try:
                key = self.key(name)
            except ValueError as error:
                reading.complain(mark, inner, str(error))
                continue
            if key in values:
                reading.complain(mark, inner, f"{name!r} stands here twice")
            reading.places[f"{path}.{key}"] = (mark.line, mark.column)
            values[key] = self.kind.read(node.values[name], inner, reading)
        return values

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.kind.schema()}


@dataclass(frozen=True, slots=True)
class Recursive:
    """A kind that stands inside itself; `name` is its place among the schema's definitions."""

    name: str
    words: str
    resolve: Callable[[], Kind]

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        return self.resolve().read(node, path, reading)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}
