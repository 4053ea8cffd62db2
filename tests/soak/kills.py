"""`python -m tests.soak.kills [KILLS] [MAILS] [SEED]`: so many kills at random moments among so many mails (C-01)."""

from __future__ import annotations

import random
import sys
import time

from tests.office import Office
from tests.servers.sink import Sink
from tests.soak.crew import Crew
from tests.soak.ledgers import Ledgers, come_to_rest, compare
from tests.soak.stage import stage
from tests.whole.customers import Customers


def kills(office: Office, url: str, sink: Sink, seed: int, times: int, mails: int) -> Ledgers:
    """Kill a daemon so often, mails coming in between; return the ledgers."""
    chance, customers, crew = random.Random(seed), Customers(seed), Crew(office, 1)
    ledgers, began = Ledgers("SQLite, kills", seed), time.monotonic()
    for kill in range(times):
        while ledgers.mails < mails * (kill + 1) // times:
            queue, raw = customers.new_question()
            office.deliver(queue, [raw])
            ledgers.mails += 1
        crew.keep_up()
        office.wait_for("daemon.started", kill + 1, 60)
        time.sleep(chance.uniform(0.0, 1.0))
        crew.kill(0)
        ledgers.done["kill"] += 1
    ledgers.seconds, ledgers.peak = time.monotonic() - began, crew.peak
    come_to_rest(office, url)
    compare(ledgers, office, url, sink)
    if ledgers.in_doubt > times:
        ledgers.wrong.append("more mails in doubt than kills")
    return ledgers


def main(times: int, mails: int, seed: int) -> int:
    print(f"{times} kills, {mails} mails, seed {seed}", flush=True)
    with stage("sqlite") as place:
        ledgers = kills(place.office, place.url, place.sink, seed, times, mails)
    print(ledgers)
    return 1 if ledgers.wrong else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    usual = [200, 500, random.SystemRandom().randrange(10**6)]
    sys.exit(main(*(given + usual[len(given) :])))
