"""Big batches of mail are held one at a time, though mailboxes are polled side by side.

Called by ImapMailbox around the fetching of a batch and what is done with it: four mails of 50 MB that come at the same
moment would else be in memory at the same moment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

BIG = 4 * 1024 * 1024  # bytes of a batch, above which it waits for its turn
PATIENCE = 15.0  # seconds; then it goes ahead: nobody waits for long for another's slow server
_turn = threading.Lock()


@contextmanager
def in_turn(size: int) -> Iterator[None]:
    """Return when a batch of so many bytes may be held; while it is, no other big one begins."""
    ours = size > BIG and _turn.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if ours:
            _turn.release()
