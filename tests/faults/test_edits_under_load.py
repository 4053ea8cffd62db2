"""The admin saves the rules again and again, a third of the time broken, while a thousand mails come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from helpdesk.desk.terms import Disposition, EntryState
from helpdesk.premises import utc_now
from helpdesk.services import process
from helpdesk.services.process import process_batch
from helpdesk.store import journal
from helpdesk.store.journal import NewEntry
from helpdesk.store.tables import JournalRow, TicketRow
from tests.reloadable import BROKEN, Site, running
from tests.services.desk_at_work import RULES as GOOD
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import write

MAILS, RELOADS = 1_000, 200


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path) as site:
        yield site


def take_in(site: Site) -> None:
    """Journal the mails, fifty at a time, as polls bring them."""
    for _ in range(0, MAILS, 50):
        now = utc_now()
        entries = [NewEntry("dynamics", None, None, now, write(f"k{n}@firma{n}.test")) for n in range(50)]
        with site.premises.database.begin() as session:
            journal.add_entries(session, entries, now)


def work_off(site: Site, over: Event) -> None:
    """Do what the daemon's line does: each batch under the desk that is in force when it begins."""
    while process_batch(site.premises.database, site.premises.desk, utc_now, "worker") or not over.is_set():
        pass


def save_and_reload(site: Site) -> None:
    """Save the rules two hundred times, every third time broken; each version sets a tag of its own."""
    for number in range(RELOADS):
        rule = f"\nrules:\n  - {{ name: r{number}, then: {{ tags: [v{number}] }} }}\n"
        site.edit((BROKEN if number % 3 == 2 else GOOD) + rule)
        site.keeper.reload()


def test_G_04_a_reload_in_the_middle_of_a_batch_waits_for_the_next(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    database, now = site.premises.database, utc_now()
    entries = [NewEntry("dynamics", None, None, now, write(f"k{n}@firma{n}.test")) for n in range(6)]
    with database.begin() as session:
        journal.add_entries(session, entries, now)
    ours: Any = process
    attempt, seen, pool = ours._attempt, list[object](), ThreadPoolExecutor(1)

    def in_the_middle(*given: Any) -> Any:
        seen.append(given)
        if len(seen) == 3:
            site.edit(GOOD + "\nrules:\n  - { name: new, then: { tags: [new] } }\n")
            pool.submit(site.keeper.reload)
        return attempt(*given)

    monkeypatch.setattr(process, "_attempt", in_the_middle)
    before = site.premises.desk.rules.version_hash
    assert len(process_batch(database, site.premises.desk, utc_now, "worker")) == 6
    pool.shutdown(wait=True)
    after = site.premises.desk.rules.version_hash
    with database.begin() as session:
        journal.add_entries(session, [NewEntry("dynamics", None, None, now, write("k9@firma9.test"))], now)
    process_batch(database, site.premises.desk, utc_now, "worker")
    desk = DeskAtWork(database)
    assert [row.rules_version for row in desk.rows(JournalRow)] == [before] * 6 + [after]
    assert [row.tags for row in desk.rows(TicketRow)] == [[]] * 6 + [["new"]]


def test_G_04_each_of_a_thousand_mails_is_decided_under_one_accepted_version_and_none_is_lost(site: Site) -> None:
    over = Event()
    with ThreadPoolExecutor(3) as pool:
        working = pool.submit(work_off, site, over)
        try:
            for other in [pool.submit(take_in, site), pool.submit(save_and_reload, site)]:
                other.result(timeout=120)
        finally:
            over.set()
        working.result(timeout=120)

    desk = DeskAtWork(site.premises.database)
    entries: list[JournalRow] = desk.rows(JournalRow)
    assert Counter((row.state, row.disposition) for row in entries) == {
        (EntryState.PROCESSED, Disposition.OPENED): MAILS
    }
    accepted = site.accepted()
    assert {row.rules_version for row in entries} <= accepted
    assert len({row.rules_version for row in entries}) > 1, "the rules did change while mail came in"
    assert len(accepted) == 1 + RELOADS - RELOADS // 3
    tickets: dict[int, TicketRow] = {row.number: row for row in desk.rows(TicketRow)}
    assert len(tickets) == MAILS
    tags_of: dict[str, set[str]] = {}
    for row in entries:
        tags_of.setdefault(row.rules_version, set()).update(tickets[row.ticket or 0].tags or ["none"])
    assert all(len(tags) == 1 for tags in tags_of.values()), "a version's decisions are that version's alone"
    assert len(site.told()) == RELOADS // 3
