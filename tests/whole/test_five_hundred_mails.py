"""A desk's whole day on real servers: five hundred mails in, every one of them accounted for."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.office import QUEUES, Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.whole.customers import Customers, is_acknowledgement

pytestmark = pytest.mark.xdist_group("whole")


def test_every_one_of_five_hundred_mails_becomes_what_it_must(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, database_url: str
) -> None:
    office, customers = Office(tmp_path, dovecot, sink, database_url), Customers(seed=20261120)
    first = [customers.new_question(attachment=number % 8 == 0) for number in range(200)]
    first += [customers.alarm() for _ in range(30)]
    first += [customers.follow_up() for _ in range(70)]
    _deliver(office, first)
    office.run_once()
    acks = [copy.content for copy in sink.copies if is_acknowledgement(copy.content)]
    second = [customers.answer_to(ack) for ack in acks[:80]]
    second += [customers.answer_to(ack, keep_ids=False) for ack in acks[80:120]]
    second += [customers.out_of_office(ack) for ack in acks[120:150]]
    second += [customers.bounce(ack) for ack in acks[150:170]]
    second += [customers.again(mail) for mail in first[:10]]
    second += [customers.new_question() for _ in range(20)]
    _deliver(office, second)
    office.run_once()

    expected = customers.expected
    assert len(first) + len(second) == 500
    journal = office.rows("journal", "list", "--limit", "1000")
    assert Counter(row["disposition"] for row in journal) == expected.dispositions
    tickets = office.rows("tickets", "list", "--limit", "1000")
    assert len(tickets) == expected.tickets
    assert len({row["key"] for row in tickets}) == expected.tickets
    assert sum(row["ticket"] is not None and row["disposition"] in ("opened", "commented") for row in journal) == (
        expected.dispositions["opened"] + expected.dispositions["commented"]
    )
    assert sum(is_acknowledgement(copy.content) for copy in sink.copies) == expected.acknowledgements
    assert _answered_machines(sink) == []
    assert all(row["not_accounted_for"] == 0 for row in office.rows("reconcile"))
    assert sum(row["messages"] for row in office.rows("reconcile")) == 500
    assert [len(office.mails(queue)) for queue in QUEUES] == [0, 0, 0, 0]
    undelivered = [row for row in office.rows("outbox", "list", "--limit", "5000") if row["state"] == "failed"]
    assert len(undelivered) == 20, "each bounce marks the mail that it speaks of"

    before = _everything(office, sink)
    office.run_once()
    assert _everything(office, sink) == before, "a second run changes nothing"


def _deliver(office: Office, mails: list[tuple[str, bytes]]) -> None:
    for queue in QUEUES:
        office.deliver(queue, [raw for name, raw in mails if name == queue])


def _answered_machines(sink: Sink) -> list[str]:
    """Return who got an automatic answer to a mail that no person wrote."""
    parents = {str(message_from_bytes(copy.content)["In-Reply-To"]) for copy in sink.copies}
    return [parent for parent in parents if "poczta.test" in parent]


def _everything(office: Office, sink: Sink) -> tuple[object, ...]:
    return (
        office.rows("journal", "list", "--limit", "1000"),
        office.rows("tickets", "list", "--limit", "1000"),
        office.rows("outbox", "list", "--limit", "5000"),
        len(sink.copies),
    )
