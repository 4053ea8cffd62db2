"""`make soak`: python -m tests.soak [MINUTES] [SEED]; ends with 1 if the ledgers don't agree."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.servers.tls import Authority
from tests.soak.soak import Soak


def main(minutes: float, seed: int) -> int:
    """Soak a desk on SQLite; print the ledgers."""
    print(f"seed {seed}, {minutes:g} minutes", flush=True)
    os.environ["HELPDESK_LIMITS__CONTACT_PER_HOUR"] = "1000000"  # sixty people write all the mails
    with tempfile.TemporaryDirectory(prefix="hd-soak-") as folder:
        authority = Authority.create(Path(folder))
        dovecot = Dovecot(authority)
        try:
            dovecot.start()
            with Sink(authority.server_context()) as sink:
                office = Office(Path(folder), dovecot, sink, f"sqlite:///{folder}/helpdesk.db")
                ledgers = Soak(office, dovecot, sink, seed).run(60 * minutes)
        finally:
            dovecot.close()
    print(ledgers)
    return 1 if ledgers.wrong else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    length = float(given[0]) if given else 30.0
    sys.exit(main(length, int(given[1]) if given[1:] else random.SystemRandom().randrange(10**6)))
