"""YAML as a tree of strings that know their place, safe against what a stranger could put into a file.

Read by `building`. Only the shape is taken from YAML: every scalar stays the text that stands there, so that
`no`, `10:30` and `1e3` are words until the grammar asks for something else. Refused: tags, duplicate keys,
merge keys, aliases in number or in circles, and trees too deep or too large (a "bomb" of aliases included).
Built from libyaml's events (PyYAML's own where there is no libyaml), which needs no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_TEXT = 16 * 1024 * 1024
MAX_DEPTH = 24
MAX_NODES = 2_000_000
MAX_ALIASES = 100
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Scalar:
    """A text; `plain` when it stands without quotes."""

    text: str
    line: int
    column: int
    plain: bool = True


@dataclass(slots=True)
class Sequence:
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    size: int = 1  # nodes in it, aliases counted as often as they are used


@dataclass(slots=True)
class Mapping:
    line: int
    column: int
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)
    size: int = 1


Node = Scalar | Sequence | Mapping


class YamlError(Exception):
    """The text is not YAML that we read: a place (from 1) and a sentence."""

    def __init__(self, line: int, column: int, message: str) -> None:
        self.line, self.column, self.message = line, column, message
        super().__init__(f"line {line}: {message}")


@dataclass(slots=True)
class _Frame:
    """A collection under construction; `key` waits for its value."""

    node: Sequence | Mapping
    anchor: str | None
    key: Scalar | None = None


def read_tree(text: str) -> Node | None:
    """Return the one document in the text, None if there is none. Raises YamlError."""
    if len(text) > MAX_TEXT:
        raise YamlError(1, 1, f"the file is larger than {MAX_TEXT // 1024 // 1024} MB")
    try:
        return _Builder().build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        raise _located(error, text) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        raise YamlError(*_place_of_bad_character(text), "a character that YAML does not allow") from None


class _Builder:
    """Turns events into a tree, one pass, without recursion."""

    def __init__(self) -> None:
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.documents = 0
        self.aliases = 0

    def build(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self.take(self.scalar(event), event.anchor)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self.open(event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                frame = self.stack.pop()
                self.take(frame.node, frame.anchor)
            elif isinstance(event, yaml.AliasEvent):
                self.take(self.alias(event), None)
            elif isinstance(event, yaml.DocumentStartEvent):
                self.start_document(event)
        return self.root

    def start_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _at(event, "a second document begins here ('---'); the file holds one")

    def scalar(self, event: Any) -> Scalar:
        _refuse_tag(event)
        mark = event.start_mark
        return Scalar(event.value, mark.line + 1, mark.column + 1, event.implicit[0])

    def open(self, event: Any) -> None:
        _refuse_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            raise _at(event, f"nested deeper than {MAX_DEPTH} levels")
        kind = Mapping if isinstance(event, yaml.MappingStartEvent) else Sequence
        if self.stack and isinstance(self.stack[-1].node, Mapping) and self.stack[-1].key is None:
            raise _at(event, "a list or a mapping can't be a key")
        self.stack.append(_Frame(kind(event.start_mark.line + 1, event.start_mark.column + 1), event.anchor))

    def alias(self, event: Any) -> Node:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise _at(event, f"more than {MAX_ALIASES} aliases ('*{event.anchor}')")
        if any(frame.anchor == event.anchor for frame in self.stack):
            raise _at(event, f"the alias '*{event.anchor}' stands inside what it names: a circle")
        node = self.anchors.get(event.anchor)
        if node is None:
            raise _at(event, f"the alias '*{event.anchor}' names nothing above it")
        return node

    def take(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if isinstance(frame.node, Sequence):
            frame.node.items.append(node)
        elif frame.key is None:
            frame.key = self.new_key(frame.node, node)
            return
        else:
            frame.node.values[frame.key.text] = node
            frame.key = None
        frame.node.size += node.size if not isinstance(node, Scalar) else 1
        if frame.node.size > MAX_NODES:
            raise YamlError(node.line, node.column, f"more than {MAX_NODES} values, aliases counted as often as used")

    def new_key(self, mapping: Mapping, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            raise YamlError(node.line, node.column, "a list or a mapping can't be a key")
        if node.text == "<<" and node.plain:
            raise YamlError(node.line, node.column, "merge keys ('<<') are not read; write the keys out")
        if node.text in mapping.keys:
            first = mapping.keys[node.text].line
            raise YamlError(node.line, node.column, f"the key {node.text!r} stands here twice (first in line {first})")
        mapping.keys[node.text] = node
        return node


def _refuse_tag(event: Any) -> None:
    if event.tag is not None:
        raise _at(event, f"tags such as {event.tag!r} are not read; write the plain value")


def _at(event: Any, message: str) -> YamlError:
    return YamlError(event.start_mark.line + 1, event.start_mark.column + 1, message)


def _located(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    """Return libyaml's complaint in plain words, with the cure where it is known."""
    mark = error.problem_mark or error.context_mark
    if "end of stream" in (error.problem or ""):
        mark = error.context_mark or mark  # where the quote was opened, not where the file ends
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.split("\n")
    here = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
    problem = error.problem or ""
    begun = f" (begun in line {error.context_mark.line + 1})" if error.context_mark not in (None, mark) else ""
    if here == "\t":
        return YamlError(line, column, "a tab stands here; YAML wants blanks for indentation")
    if here and "cannot start any token" in problem:
        return YamlError(line, column, f"a value can't begin with {here!r}; put it in quotes")
    cure = next((cure for fragment, cure in _CURES if fragment in problem or fragment in (error.context or "")), "")
    return YamlError(line, column, f"{cure}{begun}" if cure else f"not YAML: {problem}{begun}")


_CURES = (
    (
        "mapping values are not allowed",
        "a colon stands where no key can be; indent as above, or quote text with colons",
    ),
    ("end of stream", "a quote is opened and never closed"),
    ("quoted scalar", "a quoted text that YAML can't read; write a backslash twice, or use single quotes"),
    ("flow", "a bracket is not closed, a comma is missing, or text with a colon stands without quotes"),
    ("block", "the indentation does not fit the lines above, or a dash or colon is missing"),
    ("simple key", "a key without its colon"),
)


def _place_of_bad_character(text: str) -> tuple[int, int]:
    bad = _FORBIDDEN.search(text)
    before = text[: bad.start()] if bad else ""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
