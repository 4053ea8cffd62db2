"""The daemon killed at random moments while mail keeps coming: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.office import QUEUES, Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.whole.customers import Customers, is_acknowledgement

pytestmark = pytest.mark.xdist_group("killed")

KILLS, MAILS = 20, 300


def test_twenty_kills_among_three_hundred_mails_lose_nothing_and_double_nothing(
    tmp_path: Path, dovecot: Dovecot, sink: Sink
) -> None:
    seed = int(os.environ.get("HELPDESK_SEED", "") or random.SystemRandom().randrange(10**6))
    print(f"HELPDESK_SEED={seed}")
    moments = random.Random(seed)
    office = Office(tmp_path, dovecot, sink, f"sqlite:///{tmp_path / 'helpdesk.db'}")
    customers = Customers(seed)
    for kill in range(KILLS):
        for queue, raw in (customers.new_question() for _ in range(MAILS // KILLS)):
            office.deliver(queue, [raw])
        daemon = office.fork()
        office.wait_for("daemon.started", kill + 1)
        time.sleep(moments.uniform(0.0, 1.0))
        daemon.kill()
        daemon.wait()
    office.run_once()

    journal = office.rows("journal", "list", "--limit", "1000")
    ended = Counter(row["disposition"] for row in journal)
    assert ended["opened"] + ended["shunted"] == MAILS, "a mail over which the daemon was killed thrice is set aside"
    assert ended["shunted"] <= 1
    assert len({row["message_id"] for row in journal}) == MAILS, "none lost"
    tickets = office.rows("tickets", "list", "--limit", "1000")
    assert len(tickets) == len({row["subject"] for row in tickets}) == MAILS, "none doubled"
    assert all(row["not_accounted_for"] == 0 for row in office.rows("reconcile"))
    assert [len(office.mails(queue)) for queue in QUEUES] == [0, 0, 0, 0], "all filed away"
    mails = office.rows("outbox", "list", "--limit", "1000")
    outbox = [row for row in mails if row["ticket"]]  # on a working day a digest may be among them
    states = Counter(row["state"] for row in outbox)
    assert states["sent"] + states["unknown"] == len(outbox) == 2 * MAILS
    assert states["unknown"] <= KILLS, "at most one mail is in doubt after each kill"
    _assert_no_mail_left_twice(sink, {row["message_id"] for row in outbox if row["state"] == "unknown"})


def _assert_no_mail_left_twice(sink: Sink, in_doubt: set[str]) -> None:
    copies = Counter(str(message_from_bytes(copy.content)["Message-ID"]).strip("<>") for copy in sink.copies)
    assert set(copies.values()) == {1}
    acks = sum(is_acknowledgement(copy.content) for copy in sink.copies)
    assert MAILS - len(in_doubt) <= acks <= MAILS
