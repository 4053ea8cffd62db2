"""The grammar as a Markdown reference: every key of routing_rules.yaml, generated from the same tables that read it.

`helpdesk rules reference` prints it; docs/rules.md holds a copy that a test keeps up to date.
"""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.desk.rules.combined import ByShape, Either, Made, Many
from helpdesk.desk.rules.grammar import FILE
from helpdesk.desk.rules.kinds import Kind
from helpdesk.desk.rules.sections import Fields, Key, Recursive, Table

_HEAD = "| key | value | meaning |\n| --- | --- | --- |\n"


def rules_reference() -> str:
    """Return a table of keys for the file and for each kind of section in it."""
    return "\n".join(_tables(FILE, set()))


def _tables(fields: Fields, seen: set[str]) -> Iterator[str]:
    seen.add(fields.title)
    yield f"### {fields.title[0].upper()}{fields.title[1:]}\n\n{_HEAD}{''.join(map(_row, fields.keys.items()))}"
    for key in fields.keys.values():
        for inner in _sections(key.kind):
            if inner.title not in seen:
                yield from _tables(inner, seen)


def _row(item: tuple[str, Key]) -> str:
    name, key = item
    needed = " (required)" if key.required else ""
    return f"| `{name}`{needed} | {_escaped(key.kind.words)} | {_escaped(key.meaning)} |\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "\\<")


def _sections(kind: Kind) -> Iterator[Fields]:
    """Yield the sections that a value of this kind may hold."""
    match kind:
        case Fields():
            yield kind
        case Many(inner) | Made(inner) | Table(kind=inner) | Either(kind=inner):
            yield from _sections(inner)
        case ByShape(first, second):
            yield from _sections(first)
            yield from _sections(second)
        case Recursive():
            yield from _sections(kind.resolve())
