"""The outbox: in which order mail leaves, and that nobody's claim is written over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.store import outbox, sending
from helpdesk.store.sending import ClaimedMail
from helpdesk.store.tables import OutboxRow, SendAttemptRow
from helpdesk.store.unit_of_work import Database
from tests.store.rows import HOUR, LEASE, MINUTE, NOW, outgoing, posted, ticket

SENT: dict[str, Any] = {"state": OutboxState.SENT, "sent_at": NOW, "code": 250, "reply": "ok", "reason": ""}
LATER = NOW + 30 * MINUTE
AGES = NOW - 2 * HOUR


def claim(database: Database, owner: str = "one", at: timedelta = timedelta(), **limits: int) -> list[ClaimedMail]:
    """Claim what is due on the default account."""
    bounds = {"limit": 50, "max_bytes": 10**6} | limits
    with database.begin() as session:
        return sending.claim_due(session, "default", owner, NOW + at, NOW + at + LEASE, **bounds)


def ids(mails: list[ClaimedMail]) -> list[int]:
    return [mail.id for mail in mails]


def row(database: Database, identifier: int) -> OutboxRow:
    """Return a row as it stands."""
    with database.read() as session:
        return session.exec(select(OutboxRow).where(OutboxRow.id == identifier)).one()


def test_what_caused_a_mail_causes_it_once(database: Database) -> None:
    posted(database, outgoing("entry:1"))

    with pytest.raises(sa.exc.IntegrityError):
        posted(database, outgoing("entry:1"))
    posted(
        database,
        outgoing("entry:1", recipient="ewa@acme.test"),
        outgoing("entry:1", notification=NotificationKind.NEW),
        outgoing("entry:2"),
    )


def test_the_oldest_are_claimed_first_within_number_and_bytes(database: Database) -> None:
    numbers = posted(database, *(outgoing(f"entry:{n}", recipient=f"{n}@acme.test") for n in range(5)))

    assert ids(claim(database, limit=2)) == numbers[:2]
    assert ids(claim(database, max_bytes=250)) == numbers[2:4]
    assert ids(claim(database, max_bytes=1)) == numbers[4:]
    assert claim(database) == []


@pytest.mark.parametrize("state", [s for s in OutboxState if s not in (OutboxState.QUEUED,)])
@pytest.mark.parametrize("due", [None, NOW - MINUTE, NOW + MINUTE], ids=["no time", "due", "not yet due"])
def test_only_what_is_queued_or_due_again_is_claimed(sqlite_database: Database, state: OutboxState, due: Any) -> None:
    posted(sqlite_database, outgoing("entry:1", state=state, next_attempt_at=due))
    again = state in (OutboxState.DEFERRED, OutboxState.UNKNOWN) and due is not None and due <= NOW

    assert bool(claim(sqlite_database)) == again


def test_another_accounts_mail_is_left_to_it(database: Database) -> None:
    posted(database, outgoing("entry:1", account="prophix"))

    assert claim(database) == []
    with database.read() as session:
        assert sending.accounts_with_due(session, NOW) == ["prophix"]


EARLIER: dict[str, tuple[dict[str, Any], bool]] = {
    "is being sent": ({"state": OutboxState.SENDING, "claimed_by": "two", "claimed_until": LATER}, False),
    "was put off just now": ({"state": OutboxState.DEFERRED, "next_attempt_at": LATER}, False),
    "was put off long ago": ({"state": OutboxState.DEFERRED, "next_attempt_at": LATER, "created_at": AGES}, True),
    "failed": ({"state": OutboxState.FAILED}, True),
    "is gone": ({"state": OutboxState.SENT}, True),
    "is in doubt": ({"state": OutboxState.UNKNOWN, "next_attempt_at": LATER}, True),
}


@pytest.mark.parametrize(("earlier", "goes"), EARLIER.values(), ids=EARLIER)
def test_a_later_mail_of_a_ticket_to_a_person_waits_while_the_earlier_one(
    database: Database, earlier: dict[str, Any], goes: bool
) -> None:
    rows = (outgoing("entry:1", ticket=1001, **earlier), outgoing("entry:2", ticket=1001))
    _, second = posted(database, *rows, tickets=(ticket(),))

    assert (second in ids(claim(database))) == goes


def test_a_mail_to_somebody_else_or_about_another_ticket_does_not_wait(database: Database) -> None:
    held = outgoing("entry:1", ticket=1001, state=OutboxState.DEFERRED, next_attempt_at=LATER)
    free = (outgoing("entry:2", ticket=1001, recipient="ewa@acme.test"), outgoing("entry:3", ticket=1002))
    _, *expected = posted(database, held, *free, tickets=(ticket(), ticket(1002)))

    assert ids(claim(database)) == expected


def test_of_one_ticket_to_one_person_only_the_first_mail_is_claimed_at_a_time(database: Database) -> None:
    # else the second would leave in the same session in which the first is put off
    first, second, other = posted(
        database,
        outgoing("entry:1", ticket=1001),
        outgoing("entry:2", ticket=1001),
        outgoing("entry:3", ticket=1001, recipient="ewa@acme.test"),
        tickets=(ticket(),),
    )
    batch = claim(database)

    assert ids(batch) == [first, other]
    with database.begin() as session:
        sending.record(session, batch[0], "one", NOW, SENT)
    assert ids(claim(database)) == [second]


def test_an_outcome_is_recorded_with_its_attempt(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [mail] = claim(database)
    with database.begin() as session:
        assert sending.record(session, mail, "one", NOW, SENT) is True

    sent = row(database, mail.id)
    assert (sent.state, sent.attempts, sent.code, sent.claimed_by) == (OutboxState.SENT, 1, 250, None)
    with database.read() as session:
        [attempt] = session.exec(select(SendAttemptRow)).all()
    assert (attempt.outbox, attempt.attempt, attempt.outcome, attempt.code) == (mail.id, 1, "sent", 250)


def test_who_lost_the_claim_changes_nothing(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [mail] = claim(database)
    with database.begin() as session:
        sending.recover_dead(session, NOW + HOUR, NOW + HOUR)  # somebody took the first owner for dead
    claim(database, "two")

    with database.begin() as session:
        assert sending.mark_in_data(session, mail, "one", NOW + LEASE) is False
        assert sending.record(session, mail, "one", NOW, SENT) is False
        assert session.exec(select(SendAttemptRow)).all() == []
        assert sending.mark_in_data(session, mail, "two", NOW + LEASE) is True


def test_who_slept_and_claimed_the_mail_anew_records_nothing_for_the_first_try(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [first] = claim(database)
    with database.begin() as session:
        assert sending.mark_in_data(session, first, "one", NOW + LEASE)
        sending.recover_dead(session, NOW + HOUR, NOW + HOUR)
    [second] = claim(database, at=2 * HOUR)

    with database.begin() as session:
        assert sending.record(session, first, "one", NOW, SENT) is False
        sending.release(session, [first], "one")
        assert sending.mark_in_data(session, first, "one", NOW + LEASE) is False
        assert sending.mark_in_data(session, second, "one", NOW + LEASE) is True
        assert sending.mark_in_data(session, second, "one", NOW + LEASE) is False, "once is enough"
        assert sending.record(session, second, "one", NOW, SENT) is True


def test_a_dead_owners_claim_is_queued_again_where_nothing_can_have_left(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [mail] = claim(database)
    with database.begin() as session:
        assert sending.recover_dead(session, NOW + LEASE, NOW + HOUR) == 0

    found = row(database, mail.id)
    assert (found.state, found.attempts, found.ambiguous, found.claimed_by) == (OutboxState.QUEUED, 0, 0, None)


def test_a_dead_owners_mail_in_mid_sending_is_in_doubt(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [mail] = claim(database)
    with database.begin() as session:
        sending.mark_in_data(session, mail, "one", NOW + LEASE)
    with database.begin() as session:
        assert sending.recover_dead(session, NOW + LEASE, NOW + HOUR) == 1

    found = row(database, mail.id)
    assert (found.state, found.attempts, found.ambiguous) == (OutboxState.UNKNOWN, 1, 1)
    assert found.next_attempt_at == NOW + HOUR
    assert found.reason


def test_a_living_owners_claim_is_left_alone(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [mail] = claim(database)
    with database.begin() as session:
        sending.recover_dead(session, NOW + LEASE - MINUTE, NOW + HOUR)

    assert row(database, mail.id).state is OutboxState.SENDING


def test_what_is_given_back_is_due_again_and_not_charged(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [mail] = claim(database)
    with database.begin() as session:
        sending.release(session, [mail], "one")

    assert [again.attempt for again in claim(database)] == [1]


def test_only_the_owner_gives_a_claim_back(database: Database) -> None:
    posted(database, outgoing("entry:1"))
    [mail] = claim(database)
    with database.begin() as session:
        sending.release(session, [mail], "two")

    assert row(database, mail.id).state is OutboxState.SENDING


def test_the_next_mail_that_wants_to_be_tried_again_is_known(database: Database) -> None:
    with database.read() as session:
        assert sending.next_due(session) is None
    posted(
        database,
        outgoing("entry:1", state=OutboxState.DEFERRED, next_attempt_at=NOW + HOUR),
        outgoing("entry:2", state=OutboxState.UNKNOWN, next_attempt_at=NOW + MINUTE),
        outgoing("entry:3", state=OutboxState.FAILED),
    )

    with database.read() as session:
        assert sending.next_due(session) == NOW + MINUTE


def test_lists_carry_no_bytes_and_the_newest_first(database: Database) -> None:
    rows = (outgoing("entry:1", ticket=1001), outgoing("entry:2", state=OutboxState.FAILED))
    first, second = posted(database, *rows, tickets=(ticket(),))

    with database.read() as session:
        assert [one["id"] for one in outbox.listed(session)] == [second, first]
        assert "content" not in outbox.listed(session)[0]
        assert [one["id"] for one in outbox.listed(session, ticket=1001)] == [first]
        assert [one["id"] for one in outbox.listed(session, states=[OutboxState.FAILED])] == [second]
        assert [one["id"] for one in outbox.listed(session, identifier=first)] == [first]
        assert len(outbox.listed(session, limit=1)) == 1
        assert outbox.counts(session) == {OutboxState.QUEUED: 1, OutboxState.FAILED: 1}


def test_a_state_is_changed_by_hand_only_from_where_that_is_allowed(database: Database) -> None:
    [one] = posted(database, outgoing("entry:1", state=OutboxState.SENT))
    with database.begin() as session:
        assert outbox.set_state(session, one, [OutboxState.FAILED], OutboxState.QUEUED, "by hand") is False
        assert outbox.set_state(session, one, [OutboxState.SENT], OutboxState.HELD, "by hand") is True

    assert (row(database, one).state, row(database, one).reason) == (OutboxState.HELD, "by hand")


def test_a_report_does_not_wake_what_a_person_cancelled(database: Database) -> None:
    gone, cancelled = posted(
        database, outgoing("entry:1", state=OutboxState.SENT), outgoing("entry:2", state=OutboxState.CANCELLED)
    )
    with database.begin() as session:
        outbox.set_failed(session, gone, "5.1.1")
        outbox.set_failed(session, cancelled, "5.1.1")

    assert row(database, gone).state is OutboxState.FAILED
    assert row(database, cancelled).state is OutboxState.CANCELLED
