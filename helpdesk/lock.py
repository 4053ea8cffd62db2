"""One daemon on one SQLite database: a file lock beside it, held for life (RELIABILITY 2.6).

The kernel frees it when the process ends, however it ends, so a stale lock never blocks a start.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.errors import AlreadyRunning


@contextmanager
def daemon_lock(database: Path | None) -> Iterator[None]:
    """Hold the daemon's lock of a database file; a database server needs none.

    Raises AlreadyRunning, naming the process that holds it.
    """
    if database is None:
        yield
        return
    path = database.with_name(database.name + ".lock")
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise AlreadyRunning(f"process {holder} works on {database} already; only one daemon can") from error
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
