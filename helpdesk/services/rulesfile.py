"""The one reader of routing_rules.yaml: its bytes become rules here, for the daemon, `check` and every command.

It knows no database, so that commands which need none start fast. `rulebook` keeps what was accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.rules.yamltree import MAX_TEXT
from helpdesk.desk.samples import run_samples
from helpdesk.errors import Problem, RulesError

Check = Callable[[Rules], Sequence[Problem]]  # what a face knows beside the file: mailboxes, templates
_MAX_BYTES = 4 * MAX_TEXT  # a character has at most so many; the grammar names the bound


def read_text(path: Path) -> str:
    """Return the file's text. Raises RulesError if it can't be read, naming the line that is no UTF-8."""
    try:
        if not path.is_file():  # a pipe would be waited for, and a device has no end
            path.stat()
            raise RulesError([Problem(str(path), 0, 0, "", "can't be read: it is not a file")])
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RulesError([Problem(str(path), line, 0, "", "is not UTF-8 text")]) from None
    except OSError as error:
        cure = f"can't be read: {error.strerror}; `helpdesk init` writes one, `rules` in helpdesk.toml names it"
        raise RulesError([Problem(str(path), 0, 0, "", cure)]) from None


def read_rules(path: Path) -> Rules:
    """Return the rules of a file, its samples not played. Raises RulesError with everything that is wrong."""
    return load_rules(read_text(path), str(path))


def accepted_rules(text: str, path: Path, check: Check) -> Rules:
    """Return the rules of a text that may come into force: its samples hold, and the face finds nothing wrong.

    Raises RulesError.
    """
    rules = load_rules(text, str(path))
    problems = [Problem(str(path), f.line, 0, "samples", f.sentence) for f in run_samples(rules)]
    if problems := [*problems, *check(rules)]:
        raise RulesError(problems)
    return rules


def version_of(text: str) -> str:
    """Return the `version_hash` that the rules of the text have."""
    return sha256(text.encode()).hexdigest()
