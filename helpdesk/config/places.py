"""Where each key of a TOML text stands, so that an error can name its line.

Called by `load_settings`. tomllib (TOML 1.0) does the reading and has accepted the text before; this scanner
follows the structure only, steps over the values and trusts them to be well formed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(r""""{3}(?:[^\\]|\\.)*?"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'""", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of every key and array item; tables stand where they are first named."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text, self._pos = text, 0
        self._lines: dict[KeyPath, int] = {}
        self._items: dict[KeyPath, int] = {}  # how many items each array of tables has so far

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip_blank():
            table = self._header() if self._peek() == "[" else self._pair(table)
        return self._lines

    def _peek(self) -> str:
        return self._text[self._pos : self._pos + 1]

    def _skip_blank(self) -> bool:
        """Step over white space and comments; False at the end of the text."""
        if match := _BLANK.match(self._text, self._pos):
            self._pos = match.end()
        return self._pos < len(self._text)

    def _note(self, path: KeyPath) -> None:
        line = self._text.count("\n", 0, self._pos) + 1
        for depth in range(1, len(path) + 1):
            self._lines.setdefault(path[:depth], line)

    def _key(self, table: KeyPath) -> KeyPath:
        """Read a dotted key and return its whole path."""
        path = table
        while match := _KEY.match(self._text, self._pos):
            path = (*path, match[1].strip("\"'"))
            self._pos = match.end()
            if self._peek() != ".":
                break
            self._pos += 1
        return path

    def _header(self) -> KeyPath:
        brackets = 2 if self._text.startswith("[[", self._pos) else 1
        self._pos += brackets
        path = self._key(())
        if brackets == 2:
            self._items[path] = self._items.get(path, -1) + 1
            path = (*path, self._items[path])
        self._note(path)
        self._pos += brackets
        return path

    def _pair(self, table: KeyPath) -> KeyPath:
        """Read `key = value` and return the table it stands in."""
        path = self._key(table)
        self._note(path)
        self._pos += 1  # "="
        self._value(path)
        return table

    def _value(self, path: KeyPath) -> None:
        self._skip_blank()
        if self._peek() == "{":
            self._each("}", lambda _: self._pair(path))
        elif self._peek() == "[":
            self._each("]", lambda index: self._item((*path, index)))
        elif match := _STRING.match(self._text, self._pos) or _SCALAR.match(self._text, self._pos):
            self._pos = match.end()

    def _each(self, closing: str, read: Callable[[int], object]) -> None:
        """Read what stands between brackets, item by item, with the commas in between."""
        self._pos += 1
        index = 0
        while self._skip_blank() and self._peek() != closing:
            if self._peek() == ",":
                self._pos += 1
            else:
                read(index)
                index += 1
        self._pos += 1

    def _item(self, path: KeyPath) -> None:
        self._note(path)
        self._value(path)
