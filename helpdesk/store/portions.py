"""Long lists in questions to the database: a statement holds only so many values.

SQLite takes 32,766 of them where nobody has raised that, PostgreSQL's protocol 65,535.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

MOST = 5000

_T = TypeVar("_T")


def in_portions(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield the values in lists that one statement can hold; none where there are none."""
    every = list(values)
    for start in range(0, len(every), MOST):
        yield every[start : start + MOST]
