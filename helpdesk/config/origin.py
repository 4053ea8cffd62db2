"""Where each setting came from: a line of the file, or a variable of the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.config.places import KeyPath
from helpdesk.errors import Problem


@dataclass(frozen=True, slots=True)
class Origin:
    """The file, the line of each of its keys, and the variable behind each key that the environment set."""

    file: Path = Path("helpdesk.toml")
    lines: dict[KeyPath, int] = field(default_factory=dict)
    variables: dict[KeyPath, str] = field(default_factory=dict)

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Say something about a key: its variable if one set it, else its line, else that of the table around it.

        An index that is not in the file is left out: a single key may stand without a list around it.
        """
        path = tuple(part for n, part in enumerate(path, 1) if isinstance(part, str) or path[:n] in self.lines)
        if variable := self._variable(path):
            return Problem("environment", 0, 0, variable, message)
        line = next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), 1)
        return Problem(str(self.file), line, 0, dotted(path), message)

    def _variable(self, path: KeyPath) -> str | None:
        """The variable that set the key or a table around it; or one inside a table that the file does not have."""
        around = (self.variables.get(path[:n]) for n in range(len(path), 0, -1))
        inside = (name for key, name in self.variables.items() if path not in self.lines and key[: len(path)] == path)
        return next((name for name in around if name), None) or next(inside, None)


def dotted(path: KeyPath) -> str:
    """Return the key as TOML writes it, list items counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
