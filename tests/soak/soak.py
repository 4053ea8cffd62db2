"""One soak: a desk on real servers, tormented for so long, then its ledgers.

The three ledgers: the mails put in, the comments and tickets, the copies in the sink. Nothing may be lost, no ticket
doubled, and each copy too many must be explained by an answer that nobody could know.
"""

from __future__ import annotations

import random
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.whole.customers import Customers

OFTEN = ("mails", "mails", "mails", "kill", "kill", "cut", "freeze", "pause")


@dataclass
class Ledgers:
    """What a soak came to; `wrong` is empty when the ledgers agree."""

    seed: int
    done: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    tickets: int = 0
    sent: int = 0
    in_doubt: int = 0
    surplus: int = 0  # copies beyond the first
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.done.items()))
        sums = f"{self.mails} mails in, {self.tickets} tickets, {self.sent} mails out"
        doubt = f"{self.in_doubt} in doubt, {self.surplus} copies too many"
        return f"seed {self.seed}: {done}; {sums}; {doubt}; {'; '.join(self.wrong) or 'the ledgers agree'}"


class Soak:
    """Torments an office; `run` returns the ledgers."""

    def __init__(self, office: Office, dovecot: Dovecot, sink: Sink, seed: int) -> None:
        self.office, self.dovecot, self.sink = office, dovecot, sink
        self.chance, self.customers = random.Random(seed), Customers(seed)
        self.ledgers = Ledgers(seed)
        self.daemon: subprocess.Popen[bytes] | None = None

    def run(self, seconds: float) -> Ledgers:
        """Torment it for so long, let it come to rest, and compare."""
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                self._live()
                what = self.chance.choice(OFTEN)
                getattr(self, f"_{what}")()
                self.ledgers.done[what] += 1
                time.sleep(self.chance.uniform(0.05, 0.6))
        finally:
            self._kill()
        self.office.run_once()
        self._compare()
        return self.ledgers

    def _live(self) -> None:
        if self.daemon is None:
            self.daemon = self.office.start()

    def _mails(self) -> None:
        for queue, raw in (self.customers.new_question() for _ in range(self.chance.randint(1, 12))):
            self.office.deliver(queue, [raw])
            self.ledgers.mails += 1

    def _kill(self) -> None:
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None

    def _cut(self) -> None:
        self.sink.cut_all()

    def _freeze(self) -> None:
        self.dovecot.freeze()
        time.sleep(self.chance.uniform(0.1, 1.0))
        self.dovecot.thaw()

    def _pause(self) -> None:
        time.sleep(self.chance.uniform(0.2, 1.5))

    def _compare(self) -> None:
        found, wrong = self.ledgers, self.ledgers.wrong
        journal = self.office.rows("journal", "list", "--limit", "1000000")
        tickets = self.office.rows("tickets", "list", "--limit", "1000000")
        outbox = self.office.rows("outbox", "list", "--limit", "1000000")
        found.tickets, states = len(tickets), Counter(row["state"] for row in outbox)
        copies = Counter(str(message_from_bytes(copy.content)["Message-ID"]).strip("<>") for copy in self.sink.copies)
        found.sent, found.in_doubt = states["sent"], states["unknown"]
        found.surplus = sum(copies.values()) - len(copies)
        doubtful = {row["message_id"] for row in outbox if row["state"] == "unknown" or row["attempts"] > 1}
        if len(journal) != found.mails:
            wrong.append(f"{len(journal)} journal entries")
        if found.tickets != found.mails or len({row["subject"] for row in tickets}) != found.mails:
            wrong.append("lost or doubled tickets")
        if any(row["not_accounted_for"] for row in self.office.rows("reconcile")):
            wrong.append("mail that is not accounted for")
        if unexplained := {one for one, count in copies.items() if count > 1} - doubtful:
            wrong.append(f"{len(unexplained)} mails left twice for no reason")
        if missing := {row["message_id"] for row in outbox if row["state"] == "sent"} - copies.keys():
            wrong.append(f"{len(missing)} mails are marked as sent and never left")
        if left := states["queued"] + states["sending"]:
            wrong.append(f"{left} mails were never sent")
