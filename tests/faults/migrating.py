"""A migration that is killed: `main([url, n])` lets so many steps pass and ends the process by SIGKILL in the next."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import closing

from helpdesk import crashpoints
from helpdesk.store import schema
from helpdesk.store.unit_of_work import Database


def main(arguments: Sequence[str]) -> int:
    """Bring the database of that URL to the present schema, unless it comes to the step; return an exit code."""
    url, left = arguments[0], int(arguments[1])

    def hook(_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    crashpoints.hook = hook
    with closing(Database(url)) as database:
        schema.upgrade(database)
    return 0
