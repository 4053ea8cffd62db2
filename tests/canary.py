"""A word that stands in every secret of the tests, and must stand in nothing that the program says.

`conftest` searches all that a test run wrote for it: logs, tracebacks, what commands print, arguments of processes.
"""

from __future__ import annotations

CANARY = "kanarek7q"


def secret(name: str) -> str:
    """Return a secret of that name, with the canary in it."""
    return f"{CANARY}-{name}"
