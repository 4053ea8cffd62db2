"""One soak: a desk on real servers, tormented for so long, then its ledgers (see `ledgers`)."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.servers.walltime import WallTime
from tests.soak.crew import Crew
from tests.soak.ledgers import Ledgers, come_to_rest, compare
from tests.whole.customers import Customers

OFTEN = ("mails", "mails", "mails", "mails", "kill", "cut", "freeze", "pause", "pause", "sleep", "jump")
RARELY = 40  # one mail in so many is a big one
BIG = 6_000_000  # octets


class Soak:
    """Torments an office on a database; `run` returns the ledgers. Two daemons share a PostgreSQL."""

    def __init__(self, office: Office, url: str, dovecot: Dovecot, sink: Sink, seed: int) -> None:
        self.office, self.url, self.dovecot, self.sink = office, url, dovecot, sink
        self.chance, self.customers = random.Random(seed), Customers(seed)
        alone = url.startswith("sqlite")
        self.wall = WallTime(office.folder)
        self.crew = Crew(office, 1 if alone else 2, program="tests.soak.hurried", environment=self.wall.environment)
        self.ledgers = Ledgers("SQLite" if alone else "PostgreSQL, two daemons", seed)

    def run(self, seconds: float) -> Ledgers:
        """Torment it for so long, let it come to rest, and compare."""
        began, what = time.monotonic(), "mails"  # even a short one has some
        try:
            while time.monotonic() < began + seconds:
                self.crew.keep_up()
                getattr(self, f"_{what}")()
                self.ledgers.done[what] += 1
                time.sleep(self.chance.uniform(0.05, 0.6))
                what = self.chance.choice(OFTEN)
        finally:
            self.crew.kill_all()
        self.ledgers.seconds = time.monotonic() - began
        come_to_rest(self.office, self.url)
        self.ledgers.peak = self.crew.peak
        compare(self.ledgers, self.office, self.url, self.sink)
        return self.ledgers

    def _mails(self) -> None:
        for _ in range(self.chance.randint(1, 12)):
            queue, raw = self.customers.new_question()
            big = self.chance.randrange(RARELY) == 0
            self.office.deliver(queue, [raw + b"dalszy ciag, bardzo dlugi\r\n" * (BIG // 27) if big else raw])
            self.ledgers.mails += 1

    def _kill(self) -> None:
        self.crew.kill(self.crew.anyone(self.chance))

    def _sleep(self) -> None:
        self.crew.sleep(self.crew.anyone(self.chance), self.chance.choice((0.5, 3, 10, 25)))

    def _jump(self) -> None:
        """The clock of all daemons is set, hours ahead or back, or right again."""
        self.wall.jump_to(timedelta(minutes=self.chance.choice((0, 0, 7, 120, -120, -3))))

    def _cut(self) -> None:
        self.sink.cut_all()

    def _freeze(self) -> None:
        self.dovecot.freeze()
        time.sleep(self.chance.uniform(0.1, 1.0))
        self.dovecot.thaw()

    def _pause(self) -> None:
        time.sleep(self.chance.uniform(0.2, 3))
