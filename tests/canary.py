"""A word that stands in every secret of the tests, and must stand in nothing that the program says (O-04).

`conftest` takes the hook and the fixture from here. At the end of a run all files that it left are searched (logs, what
commands wrote, the databases), and on the way what each test printed and logged and the arguments of every process.
"""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

CANARY = "kanarek7q"
KEPT_IN = (
    "*.secret",
    "secret",
    "secret.key",
    "oauth-*.json",
)  # where a secret may stand: files that nobody else can read
_found: list[str] = []
_listening = False


def secret(name: str) -> str:
    """Return a secret of that name, with the canary in it."""
    return f"{CANARY}-{name}"


def heard_in(text: object) -> bool:
    """Return whether the canary is in what was said."""
    return CANARY in str(text)


def told(what: str) -> None:
    """Note that a secret was shown; the run will fail."""
    _found.append(what)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Look at what a test printed and logged."""
    report = yield
    for title, content in report.sections:
        if heard_in(content):
            told(f"{item.nodeid}: {title}")
    return report


@pytest.fixture(scope="session", autouse=True)
def canary_stays_silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail the run if a secret was shown anywhere."""
    _listen()
    yield
    shown = _found + list(_shown_in(tmp_path_factory.getbasetemp()))
    assert not shown, f"secrets were shown: {shown}"


def _listen() -> None:
    """Hear of every process that is started from here; an audit hook can't be taken off again."""
    global _listening
    if not _listening:
        sys.addaudithook(_audit)
        _listening = True


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen" and heard_in(arguments[1]):
        told(f"arguments of {arguments[0]}")


def _shown_in(folder: Path) -> Iterator[str]:
    """Yield the files that hold the canary and must not, and those that hold it for everybody to read."""
    for file in folder.rglob("*"):
        if file.is_symlink() or not file.is_file():
            continue
        if not any(fnmatch.fnmatch(file.name, pattern) for pattern in KEPT_IN):
            if CANARY.encode() in file.read_bytes():
                yield str(file)
        elif file.name.startswith("oauth-") and file.stat().st_mode & 0o077:
            yield f"{file} can be read by others"
