"""`make soak`: python -m tests.soak [MINUTES] [SEED] [sqlite|postgresql]; ends with 1 if the ledgers don't agree.

Without a database named, half of the time goes to each.
"""

from __future__ import annotations

import random
import sys

from tests.soak.ledgers import Ledgers
from tests.soak.soak import Soak
from tests.soak.stage import stage

BOTH = ("sqlite", "postgresql")


def main(minutes: float, seed: int, kinds: tuple[str, ...]) -> int:
    """Soak a desk on each kind of database; print the ledgers."""
    print(f"seed {seed}, {minutes:g} minutes", flush=True)
    found = [_soak(kind, 60 * minutes / len(kinds), seed) for kind in kinds]
    return 1 if any(ledgers.wrong for ledgers in found) else 0


def _soak(kind: str, seconds: float, seed: int) -> Ledgers:
    with stage(kind) as place:
        ledgers = Soak(place.office, place.url, place.dovecot, place.sink, seed).run(seconds)
    print(ledgers, flush=True)
    return ledgers


if __name__ == "__main__":
    named = tuple(word for word in sys.argv[1:] if word in BOTH)
    given = [word for word in sys.argv[1:] if word not in BOTH]
    length = float(given[0]) if given else 30.0
    chosen = int(given[1]) if given[1:] else random.SystemRandom().randrange(10**6)
    sys.exit(main(length, chosen, named or BOTH))
