"""What commands print: a table for people, tab-separated lines for pipes, JSON lines for scripts."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any

from helpdesk.desk.terms import Person

Row = Mapping[str, object]


def print_rows(
    rows: Iterable[Row],
    as_json: bool,
    columns: Sequence[str] = (),
    *,
    nothing: str = "",
) -> int:
    """Print the rows and return how many; `columns` picks and orders what people see (JSON has all keys).

    `nothing` is said on stderr if there are no rows and a person is looking.
    """
    if as_json:
        return sum(print_json(row) for row in rows)
    found = list(rows)
    shown = columns or (list(found[0]) if found else ())
    if found:
        _print_table(found, shown) if sys.stdout.isatty() else _print_lines(found, shown)
    elif nothing and sys.stdout.isatty():
        say(nothing)
    return len(found)


def print_json(value: object, *, indent: int | None = None) -> int:
    """Print one JSON object as one line, in UTF-8, or indented for people; returns 1."""
    separators = None if indent else (", ", ": ")
    text = json.dumps(value, ensure_ascii=False, default=_plain, separators=separators, indent=indent)
    sys.stdout.write(text + "\n")
    return 1


def say(text: str) -> None:
    """Tell a person something that is no data: on stderr, so that pipes stay clean."""
    sys.stderr.write(visible(text, breaks=True) + "\n")


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show a person on a terminal that something takes its time; scripts see nothing of it."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def visible(value: object, *, breaks: bool = False) -> str:
    """Return the value as text that can't steer a terminal: strangers choose subjects and names."""
    keep = "\n\t" if breaks else ""
    return "".join(ch if ch.isprintable() or ch in keep else "\N{REPLACEMENT CHARACTER}" for ch in shown(value))


def shown(value: object) -> str:
    """Return the value as people read it in a cell: nothing for None, words for yes and no, lists with commas."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case dict() if "addr" in value:
            return str(value.get("name") or value["addr"])
        case Person():
            return value.shown
        case list() | tuple():
            return ", ".join(shown(item) for item in value)
        case Enum():
            return str(value.value)
        case _:
            return str(value)


def _plain(value: Any) -> Any:
    """What json can't write by itself: instants as ISO 8601, lengths in seconds, values as objects."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _print_lines(rows: Sequence[Row], columns: Sequence[str]) -> None:
    for row in ({name: name for name in columns}, *rows):
        sys.stdout.write("\t".join(visible(row.get(name)) for name in columns) + "\n")


def _print_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(row.get(name))) for name in columns))
    Console().print(table)
