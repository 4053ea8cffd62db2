"""`python -m tests.soak.daemons [MAILS] [SEED]`: two daemons on one PostgreSQL, one of them killed every 20 s."""

from __future__ import annotations

import random
import sys
import time
from contextlib import closing

from sqlmodel import col, select

from helpdesk.desk.terms import EntryState, OutboxState
from helpdesk.store.tables import JournalRow, OutboxRow
from helpdesk.store.unit_of_work import Database
from tests.office import Office
from tests.servers.sink import Sink
from tests.soak.crew import Crew
from tests.soak.ledgers import Ledgers, come_to_rest, compare
from tests.soak.stage import stage
from tests.whole.customers import Customers

EVERY = 20.0  # seconds between two kills
PORTION = 25  # mails delivered at a time
HASTE = 60.0  # mails a second that are delivered at most


def daemons(
    office: Office, url: str, sink: Sink, seed: int, mails: int, every: float = EVERY, most: int = 10**6
) -> Ledgers:
    """Deliver so many mails to two daemons, one of which dies now and then, until all is done; return the ledgers."""
    chance, customers = random.Random(seed), Customers(seed)
    crew = Crew(office, 2, program="tests.soak.hurried")
    ledgers, began = Ledgers("PostgreSQL, two daemons", seed), time.monotonic()
    crew.keep_up()
    office.wait_for("daemon.started", 2, 60)
    next_kill = time.monotonic() + every
    try:
        while ledgers.mails < mails or _waiting(url):
            for _ in range(min(PORTION, mails - ledgers.mails)):
                queue, raw = customers.new_question()
                office.deliver(queue, [raw])
                ledgers.mails += 1
            if time.monotonic() > next_kill and ledgers.done["kill"] < most:
                crew.kill(crew.anyone(chance))
                ledgers.done["kill"] += 1
                next_kill += every
            crew.keep_up()
            time.sleep(PORTION / HASTE)
        crew.end()
    finally:
        crew.kill_all()
    ledgers.seconds, ledgers.peak = time.monotonic() - began, crew.peak
    come_to_rest(office, url)
    compare(ledgers, office, url, sink)
    return ledgers


def _waiting(url: str) -> int:
    """Return how much is not yet worked off or sent."""
    with closing(Database(url)) as database, database.read() as session:
        entries = session.exec(select(JournalRow.id).where(JournalRow.state == EntryState.RECEIVED)).all()
        left = (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.DEFERRED)
        return len(entries) + len(session.exec(select(OutboxRow.id).where(col(OutboxRow.state).in_(left))).all())


def main(mails: int, seed: int) -> int:
    print(f"{mails} mails, seed {seed}", flush=True)
    with stage("postgresql") as place:
        ledgers = daemons(place.office, place.url, place.sink, seed, mails)
    print(ledgers)
    return 1 if ledgers.wrong else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    usual = [5_000, random.SystemRandom().randrange(10**6)]
    sys.exit(main(*(given + usual[len(given) :])))
