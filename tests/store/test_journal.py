"""The journal: every mail once, claimed with its attempt counted, found again by its id."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlmodel import select

from helpdesk.desk.terms import Disposition, EntryState, Filed
from helpdesk.store import claims, journal, threads
from helpdesk.store.claims import KEEPS_ORDER, ClaimedEntry
from helpdesk.store.journal import index_key
from helpdesk.store.tables import JournalRow, MailIdentityRow
from helpdesk.store.unit_of_work import Database
from tests.store.rows import HOUR, LEASE, MINUTE, NOW, journalled, new_entry, ticket

BIGGEST = 2**32 - 1  # UIDs and UIDVALIDITY are unsigned


def claimed(
    database: Database, owner: str = "one", at: timedelta = timedelta(), limit: int = 10, max_bytes: int = 10**6
) -> list[ClaimedEntry]:
    """Claim what waits, at a time after NOW."""
    with database.begin() as session:
        return claims.claim(session, owner, NOW + at, LEASE, limit=limit, max_bytes=max_bytes)


def row(database: Database, entry: int) -> JournalRow:
    """Return an entry as it stands."""
    with database.read() as session:
        found = journal.entry(session, entry)
        assert found is not None
        return found


def test_a_uid_that_comes_twice_is_journalled_once(database: Database) -> None:
    first = journalled(database, new_entry(1), new_entry(2))
    again = journalled(database, new_entry(1, b"other bytes"), new_entry(3), new_entry(3))

    assert (len(first), len(again)) == (2, 1)
    with database.read() as session:
        assert journal.raw(session, first[0]) == new_entry().raw


def test_the_same_uid_in_another_mailbox_or_numbering_is_another_mail(database: Database) -> None:
    entries = (new_entry(1), new_entry(1, mailbox="prophix"), new_entry(1, uidvalidity=8))

    assert len(journalled(database, *entries)) == 3


def test_mail_that_no_server_numbered_is_never_passed_over(database: Database) -> None:
    assert len(journalled(database, new_entry(None), new_entry(None))) == 2


def test_uids_and_uidvalidity_use_all_their_32_bits(database: Database) -> None:
    journalled(database, new_entry(BIGGEST, uidvalidity=BIGGEST), new_entry(2**31, uidvalidity=BIGGEST))

    with database.read() as session:
        known = journal.known_uids(session, "dynamics", BIGGEST, [1, 2**31, BIGGEST - 1, BIGGEST])
    assert known == {2**31, BIGGEST}


def test_the_exact_bytes_come_back(database: Database) -> None:
    raw = bytes(range(256)) * 3 + b"\r\n\x00"
    [entry] = journalled(database, new_entry(raw=raw))

    with database.read() as session:
        assert journal.raw(session, entry) == raw
    assert row(database, entry).size == len(raw)


def test_no_mail_was_delivered_after_it_was_taken_in(database: Database) -> None:
    [entry] = journalled(database, new_entry(delivered_at=NOW + HOUR))

    assert row(database, entry).delivered_at == NOW


def test_a_claim_counts_the_attempt_and_holds_for_its_lease(database: Database) -> None:
    [entry] = journalled(database, new_entry())

    assert [(one.id, one.attempts) for one in claimed(database)] == [(entry, 1)]
    assert claimed(database, "two", LEASE - MINUTE) == []
    assert [(one.id, one.attempts) for one in claimed(database, "two", LEASE + MINUTE)] == [(entry, 2)]


def test_what_is_given_back_is_not_charged(database: Database) -> None:
    [entry] = journalled(database, new_entry())
    claimed(database)
    with database.begin() as session:
        claims.release(session, [entry], "somebody else", uncharged=True)
    assert claimed(database, "two") == [], "only its owner gives a claim back"
    with database.begin() as session:
        claims.release(session, [entry], "one", uncharged=True)

    assert [one.attempts for one in claimed(database)] == [1]


def test_what_a_dead_daemon_held_is_free_at_once_and_charged(database: Database) -> None:
    journalled(database, new_entry())
    claimed(database)
    with database.begin() as session:
        claims.release_dead(session)

    assert [one.attempts for one in claimed(database, "next")] == [2]


def test_the_oldest_are_claimed_first_within_number_and_bytes(database: Database) -> None:
    ids = journalled(database, *(new_entry(uid, b"x" * 1000) for uid in range(1, 6)))

    assert [one.id for one in claimed(database, limit=2)] == ids[:2]
    assert [one.id for one in claimed(database, max_bytes=2500)] == ids[2:4]
    assert [one.id for one in claimed(database, max_bytes=1)] == ids[4:]  # one at least, however large


def test_an_entry_asked_for_by_number_is_claimed_whoever_has_it(database: Database) -> None:
    first, second = journalled(database, new_entry(1), new_entry(2))
    claimed(database)
    with database.begin() as session:
        found = claims.claim(session, "me", NOW, LEASE, limit=5, max_bytes=10**6, only=[second])

    assert [one.id for one in found] == [second]
    assert row(database, first).claimed_by == "one"


def test_two_workers_never_claim_the_same_entry(postgres_ready: str) -> None:
    database = Database(postgres_ready)
    theirs = new_entry(1, mailbox="prophix")
    ids = journalled(database, *(new_entry(uid) for uid in range(1, 5)), theirs)
    with ThreadPoolExecutor(max_workers=1) as pool, database.begin() as mine:
        first = claims.claim(mine, "one", NOW, LEASE, limit=2, max_bytes=10**6)
        second = pool.submit(claimed, database, "two")  # while the first claim is still open
        waited = not wait([second], timeout=0.2).done
        mine.commit()
    database.close()

    assert waited
    assert [one.id for one in first] == ids[:2]
    assert [one.id for one in second.result()] == ids[4:], "the rest of the first mailbox is the first worker's"


def test_an_answer_never_overtakes_its_question_at_another_worker(database: Database) -> None:
    question, answer, elsewhere = journalled(
        database, new_entry(1), new_entry(2), new_entry(1, mailbox="prophix", delivered_at=NOW)
    )

    assert [one.id for one in claimed(database, "one", limit=1)] == [question]
    assert [one.id for one in claimed(database, "two")] == [elsewhere]
    assert claimed(database, "two", KEEPS_ORDER - MINUTE / 60) == []
    assert [one.id for one in claimed(database, "two", KEEPS_ORDER + MINUTE / 60)] == [answer], "the first may be dead"


def test_mail_that_is_just_noted_as_filed_is_not_passed_by(postgres_ready: str) -> None:
    database = Database(postgres_ready)
    ids = journalled(database, new_entry(1), new_entry(2))
    with ThreadPoolExecutor(max_workers=1) as pool, database.begin() as intake:
        journal.note_filed(intake, "dynamics", 7, [1], Filed.YES)
        claim = pool.submit(claimed, database)
        waited = not wait([claim], timeout=0.2).done
        intake.commit()
    database.close()

    assert waited
    assert [one.id for one in claim.result()] == ids


def test_only_mail_that_waits_is_worked_on(database: Database) -> None:
    waits, done = journalled(database, new_entry(1), new_entry(2))
    claimed(database)
    with database.begin() as session:
        claims.rows_for_work(session, [done], "one")[done].state = EntryState.PROCESSED

    with database.begin() as session:
        assert set(claims.rows_for_work(session, [waits, done], "one")) == {waits}
        assert journal.waiting(session) == 1


def test_an_entry_whose_claim_was_overtaken_is_no_longer_worked_on(database: Database) -> None:
    [entry] = journalled(database, new_entry(1))
    claimed(database)
    claimed(database, "two", at=2 * LEASE)

    with database.begin() as session:
        assert claims.rows_for_work(session, [entry], "one") == {}
        claims.release(session, [entry], "one", uncharged=True)
        claims.acquit(session, [entry], "one")
        assert set(claims.rows_for_work(session, [entry], "two")) == {entry}
    assert row(database, entry).attempts == 2


def test_who_finds_a_mail_gone_after_another_has_filed_it_notes_nothing(database: Database) -> None:
    [entry] = journalled(database, new_entry(1))
    with database.begin() as session:
        journal.note_filed(session, "dynamics", 7, [1], Filed.YES)
        journal.note_filed(session, "dynamics", 7, [1], Filed.GONE)

    assert row(database, entry).filed is Filed.YES


def test_the_servers_copies_wait_to_be_put_away_until_noted(database: Database) -> None:
    journalled(database, new_entry(1), new_entry(2), new_entry(3), new_entry(None), new_entry(1, uidvalidity=8))
    with database.begin() as session:
        journal.note_filed(session, "dynamics", 7, [1], Filed.YES)
        journal.note_filed(session, "dynamics", 7, [3], Filed.GONE)

        assert journal.unfiled(session, "dynamics", 7) == [2]
        assert journal.unfiled(session, "dynamics", 8) == [1]


def test_shunted_mail_is_listed_first_then_the_newest(database: Database) -> None:
    ids = journalled(database, *(new_entry(uid) for uid in range(1, 5)))
    with database.begin() as session:
        shunted = journal.entry(session, ids[1])
        assert shunted is not None
        shunted.state = EntryState.SHUNTED

    with database.read() as session:
        assert [one.id for one in journal.entries(session)] == [ids[1], ids[3], ids[2], ids[0]]
        assert [one.id for one in journal.entries(session, limit=2)] == [ids[1], ids[3]]
        assert [one.id for one in journal.entries(session, state=EntryState.SHUNTED)] == [ids[1]]
        assert journal.entries(session, mailbox="prophix") == []


@pytest.mark.parametrize(
    ("state", "disposition", "again"),
    [
        (EntryState.SHUNTED, Disposition.SHUNTED, True),
        (EntryState.PROCESSED, Disposition.HELD, True),
        (EntryState.PROCESSED, Disposition.OPENED, False),
        (EntryState.RECEIVED, None, False),
    ],
    ids=["shunted", "held", "opened", "waits"],
)
def test_only_shunted_and_held_mail_can_be_taken_up_again(
    database: Database, state: EntryState, disposition: Disposition | None, again: bool
) -> None:
    [entry] = journalled(database, new_entry())
    claimed(database)
    with database.begin() as session:
        found = session.get(JournalRow, entry)
        assert found is not None
        found.state, found.disposition = state, disposition

    with database.begin() as session:
        assert (claims.reopen(session, entry, "replay", NOW + LEASE) is not None) == again
    if again:
        assert (row(database, entry).state, row(database, entry).attempts) == (EntryState.RECEIVED, 0)


def test_a_huge_message_id_stands_in_indexes_by_its_digest(database: Database) -> None:
    huge = "ż" * 3000 + "@acme.test"
    other = huge.replace("@", "ż@")
    with database.begin() as session:
        session.add(ticket())
        session.flush()
        threads.remember_ids(session, 1001, [huge, "plain@acme.test"])

    assert len(index_key(huge).encode()) <= journal.MAX_KEY
    with database.read() as session:
        found = threads.tickets_of_ids(session, [huge, other, "plain@acme.test"])
    assert found == {huge: [1001], "plain@acme.test": [1001]}


def test_an_ordinary_message_id_stands_in_indexes_as_it_is() -> None:
    longest = "x" * journal.MAX_KEY

    assert index_key(longest) == longest
    assert index_key(longest + "x").startswith("sha256:")


def test_a_mail_is_owned_once_by_id_and_content(database: Database) -> None:
    [entry] = journalled(database, new_entry())
    with database.begin() as session:
        session.add(MailIdentityRow(message_id="a@acme.test", content_digest="d1", entry=entry))

    with database.read() as session:
        owners = journal.owners_of(session, ["a@acme.test", "b@acme.test"])
        assert {key: found.id for key, found in owners.items()} == {("a@acme.test", "d1"): entry}
        assert session.exec(select(MailIdentityRow.entry)).all() == [entry]
