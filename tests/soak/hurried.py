"""The helpdesk with short leases: `python -m tests.soak.hurried run`.

What a dead daemon held is free after seconds instead of minutes, and a mail in doubt goes out once more after twenty
seconds: so the others' taking over happens while a soak runs, and not after it.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from helpdesk import daemon
from helpdesk.cli import main
from helpdesk.services import aftermath, bookkeeping, delivery, process
from helpdesk.store import leases

MAILBOX = 6.0  # seconds, instead of 90
ENTRY = timedelta(seconds=8)  # instead of 10 minutes
MAIL = timedelta(seconds=10)  # instead of 20 minutes
DOUBT = timedelta(seconds=20)  # instead of 15 minutes


def hurry() -> None:
    """Shorten the leases of this process."""
    modules: list[Any] = [daemon, aftermath, delivery]
    for module in modules:
        assert hasattr(module, "AMBIGUOUS_WAIT"), f"{module.__name__} waits no longer"
        module.AMBIGUOUS_WAIT = DOUBT
    leases.RENEWAL, leases.take.__defaults__ = MAILBOX / 3, (MAILBOX,)
    process.LEASE, bookkeeping.LEASE = ENTRY, MAIL


if __name__ == "__main__":
    hurry()
    sys.exit(main(sys.argv[1:]))
