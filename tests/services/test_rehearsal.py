"""A mail that is only tried out: played as it would be, beside the desk's database and never in it."""

from __future__ import annotations

from helpdesk.services.rehearsal import Rehearsal, rehearse
from helpdesk.store.tables import CommentRow, CounterRow, HistoryRow, JournalRow, OutboxRow, ThreadIdRow, TicketRow
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import ANNA, EWA, JAN, STRANGER, answer, write

TABLES = (CommentRow, CounterRow, HistoryRow, JournalRow, OutboxRow, ThreadIdRow, TicketRow)


def everything(desk: DeskAtWork) -> list[list[dict[str, object]]]:
    return [[row.model_dump() for row in desk.rows(table)] for table in TABLES]


def play(desk: DeskAtWork, raw: bytes) -> Rehearsal:
    """Play the mail; the desk's own database must stay as it is."""
    before = everything(desk)
    found = rehearse(desk.desk, "dynamics", raw, desk.now, desk.now, desk.database)
    assert everything(desk) == before
    return found


def test_a_reply_is_played_as_a_reply(desk: DeskAtWork) -> None:
    desk.receive(write(JAN), write(EWA))
    found = play(desk, answer(desk.letter("new", "jan@acme.test"), JAN))
    assert (found.disposition, found.reason) == ("commented", "reply")
    assert {(letter.notification, letter.recipient) for letter in found.letters} == {
        ("notice_comment", "anna@desk.example.org"),
        ("notice_comment", "piotr@desk.example.org"),
    }
    assert found.rules == (), "rules are asked of mail that opens a ticket"


def test_a_strangers_reply_is_played_as_the_line_would_take_it(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    raw = answer(desk.letter("new"), STRANGER)
    found = play(desk, raw)
    [outcome] = desk.receive(raw)
    assert (found.disposition, found.reason) == (outcome.disposition, outcome.reason)


def test_a_consultants_answer_is_played_with_what_the_customer_would_get(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    raw = answer(desk.letter("notice_opened", "anna@desk.example.org"), ANNA, "Już działa.")
    found = play(desk, raw)
    assert ("comment", "jan@acme.test") in {(letter.notification, letter.recipient) for letter in found.letters}


def test_a_stored_mail_that_opened_a_ticket_is_played_as_a_new_one_again(desk: DeskAtWork) -> None:
    raw = write(JAN)
    desk.receive(raw)
    found = play(desk, raw)
    assert (found.disposition, found.reason) == ("opened", "new_ticket")
    assert "DYN-1002" in found.letters[0].content.decode("utf-8", "replace"), "with the number that it would get"


def test_without_a_database_every_mail_is_the_first_of_its_matter(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    raw = answer(desk.letter("new"), JAN)
    assert rehearse(desk.desk, "dynamics", raw, desk.now, desk.now).disposition == "opened"
