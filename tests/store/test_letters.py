"""Our letters to somebody on a ticket: the newest and the named ones, their beginnings only, on both databases."""

from __future__ import annotations

from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.store.letters import MOST_BYTES, NEWEST, sent_letters
from helpdesk.store.unit_of_work import Database
from tests.store.rows import outgoing, posted, ticket

JAN, EWA = "jan@acme.test", "ewa@acme.test"


def test_the_newest_letters_to_each_person_on_each_ticket_are_found_oldest_first(database: Database) -> None:
    jans = posted(
        database, *(outgoing(f"entry:{n}", ticket=1001) for n in range(NEWEST + 2)), tickets=(ticket(), ticket(1002))
    )
    ewas = posted(database, outgoing("entry:70", ticket=1001, recipient=EWA), outgoing("entry:71", ticket=1002))
    posted(database, outgoing("entry:72", ticket=1001, recipient="piotr@desk.example.org"))

    with database.read() as session:
        found = sent_letters(session, [1001, 1002], [JAN, EWA], [jans[0]])
    assert [each.id for each in found] == [jans[0], *jans[2:], *ewas]
    assert [(each.ticket, each.recipient) for each in found[-2:]] == [(1001, EWA), (1002, JAN)]


def test_notices_and_what_never_left_or_was_erased_are_no_letters(database: Database) -> None:
    posted(
        database,
        outgoing("entry:1", ticket=1001, notification=NotificationKind.NOTICE_COMMENT),
        outgoing("entry:2", ticket=1001, state=OutboxState.MUTED),
        outgoing("entry:3", ticket=1001, state=OutboxState.CANCELLED),
        outgoing("entry:4", ticket=1001, content=b""),
        tickets=(ticket(),),
    )
    with database.read() as session:
        assert sent_letters(session, [1001], [JAN], [1, 2, 3, 4]) == []


def test_only_the_beginning_of_a_large_letter_is_read(database: Database) -> None:
    posted(database, outgoing("entry:1", ticket=1001, content=b"abc" * MOST_BYTES), tickets=(ticket(),))
    with database.read() as session:
        [letter] = sent_letters(session, [1001], [JAN], [])
    assert letter.content == b"abc" * (MOST_BYTES // 3)
