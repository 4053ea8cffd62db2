"""The three ledgers that must agree in the end: the mails put in, the tickets and letters, the copies in the sink."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import sqlalchemy as sa

from helpdesk.store import outbox
from helpdesk.store.unit_of_work import Database
from tests.office import Office
from tests.servers.sink import Sink

MEMORY = 400  # MiB that no daemon may ever take
LONGEST_REST = 1800.0  # seconds that working off what is left may take on a busy machine
ALL = ("--limit", "1000000")


@dataclass
class Ledgers:
    """What it came to; `wrong` is empty when the ledgers agree."""

    what: str
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    tickets: int = 0
    letters: int = 0
    in_doubt: int = 0  # letters of which nobody knew for a while whether they were taken
    surplus: int = 0  # copies beyond the first
    seconds: float = 0.0
    peak: int = 0  # MiB
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.done.items()))
        sums = f"{self.mails} mails in, {self.tickets} tickets, {self.letters} mails out"
        doubt = f"{self.in_doubt} were in doubt, {self.surplus} of them left twice"
        end = "; ".join(self.wrong) or "the ledgers agree"
        return f"{self.what}, {self.seconds:.0f} s, seed {self.seed}: {done}; {sums}; {doubt}; {self.peak} MiB; {end}"


def come_to_rest(office: Office, url: str) -> None:
    """Let the claims of the dead end, work off what is left, and send what is in doubt once more."""
    _change(url, "UPDATE journal SET claimed_until = NULL", "DELETE FROM mailbox_lease")
    _change(url, "UPDATE outbox SET claimed_until = '2000-01-01' WHERE claimed_until IS NOT NULL")
    office.run_once(LONGEST_REST)
    _change(url, "UPDATE outbox SET next_attempt_at = '2000-01-01' WHERE next_attempt_at IS NOT NULL")
    office.run_once(LONGEST_REST)


def _change(url: str, *statements: str) -> None:
    with closing(Database(url)) as database, database.begin() as session:
        for statement in statements:
            session.connection().execute(sa.text(statement))


def compare(found: Ledgers, office: Office, url: str, sink: Sink) -> None:
    """Fill in what came of it, and what is wrong."""
    with closing(Database(url)) as database, database.read() as session:
        letters = outbox.listed(session)
    copies = Counter(str(message_from_bytes(copy.content)["Message-ID"]).strip("<>") for copy in sink.copies)
    found.letters, found.surplus = len(letters), sum(copies.values()) - len(copies)
    found.in_doubt = sum(row["ambiguous"] > 0 for row in letters)
    found.wrong += [*_of_mails(found, office), *_of_letters(letters, copies)]
    if found.peak > MEMORY:
        found.wrong.append(f"{found.peak} MiB of memory")


def _of_mails(found: Ledgers, office: Office) -> list[str]:
    """Return what is wrong with journal and tickets: as many as mails, each once."""
    journal = office.rows("journal", "list", *ALL)
    tickets = office.rows("tickets", "list", *ALL)
    found.tickets = len(tickets)
    wrong = []
    if len(journal) != found.mails or len({row["message_id"] for row in journal}) != found.mails:
        wrong.append(f"{len(journal)} journal entries")
    if found.tickets != found.mails or len({row["subject"] for row in tickets}) != found.mails:
        wrong.append("lost or doubled tickets")
    if any(row["not_accounted_for"] for row in office.rows("reconcile")):
        wrong.append("mail that is not accounted for")
    return wrong


def _of_letters(letters: list[dict[str, Any]], copies: Counter[str]) -> list[str]:
    """Return what is wrong with letters: each left, and once more at most where an answer was lost."""
    states, wrong = Counter(row["state"] for row in letters), []
    doubts = {row["message_id"]: row["ambiguous"] for row in letters}
    if unexplained := [one for one, count in copies.items() if count > 1 + min(1, doubts.get(one, 0))]:
        wrong.append(f"{len(unexplained)} mails left twice for no reason")
    if missing := [row for row in letters if row["state"] == "sent" and row["message_id"] not in copies]:
        wrong.append(f"{len(missing)} mails are marked as sent and never left")
    if left := len(letters) - states["sent"] - states["unknown"]:
        wrong.append(f"{left} mails were never sent: {dict(states)}")
    if len({(row["cause"], row["notification"], row["recipient"]) for row in letters}) != len(letters):
        wrong.append("letters were written twice")
    return wrong
