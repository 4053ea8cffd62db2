"""Merge, split, move a comment: by hand and by mail, and where answers go afterwards."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import State
from helpdesk.services import actions, regroup
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import ANNA, EWA, JAN, answer, write

FIRST, SECOND = (format_key("DYN", number) for number in (1001, 1002))
ANNA_ADDR = "anna@desk.example.org"


@pytest.fixture
def two(desk: DeskAtWork) -> DeskAtWork:
    """A desk with a ticket of Jan's, 1001, and one of Ewa's, 1002."""
    desk.receive(write(JAN, subject="Drukarka stoi"))
    desk.receive(write(EWA, subject="Nie drukuje"))
    return desk


def test_everything_of_a_merged_ticket_stands_on_the_one_that_goes_on(two: DeskAtWork) -> None:
    before = len(two.outbox())
    done = two.act(regroup.merge, 1001, "", SECOND)

    assert (done.ticket.number, done.refused) == (1002, "")
    assert {row.ticket for row in two.comments} == {1002}
    assert two.participants(1002) == {"jan@acme.test", "ewa@acme.test"}
    assert two.ticket(1001).state is State.CLOSED
    assert two.links() == {(1001, 1002), (1002, 1001)}
    assert two.told(before) == [("comment", "jan@acme.test")]
    mail = two.letter("comment", "jan@acme.test")
    assert FIRST in text_of(mail)
    assert SECOND in text_of(mail)
    assert mail["Subject"].startswith(f"[{SECOND}]")


def test_an_answer_to_the_merged_ticket_goes_to_the_one_that_goes_on(two: DeskAtWork) -> None:
    ack = two.letter("new", "jan@acme.test")
    two.act(regroup.merge, 1001, "", SECOND)
    [outcome] = two.receive(answer(ack, JAN, "Nadal stoi."))
    assert (outcome.ticket, outcome.reason) == (1002, "reply")
    [tagged] = two.receive(write(JAN, subject=f"[{FIRST}] jeszcze jedno"))
    assert tagged.ticket == 1002


@pytest.mark.parametrize("key", ["DYN-99", FIRST, "nothing", ""], ids=["no ticket", "itself", "no key", "empty"])
def test_a_ticket_merges_only_with_another_one(two: DeskAtWork, key: str) -> None:
    assert two.act(regroup.merge, 1001, "", key).refused
    assert {row.ticket for row in two.comments} == {1001, 1002}


def test_nothing_is_merged_into_a_closed_ticket(two: DeskAtWork) -> None:
    two.act(actions.close, 1002)
    assert "reopen it first" in two.act(regroup.merge, 1001, "", SECOND).refused


def test_merge_by_mail_says_the_words_on_the_ticket_that_goes_on(two: DeskAtWork) -> None:
    [outcome] = two.receive(answer(_notice(two, FIRST), ANNA, f"#scal {SECOND}\n\nTo ta sama usterka."))
    assert outcome.reason == "commands_done"
    said = two.comments[-1]
    assert (said.ticket, said.new_text) == (1002, "To ta sama usterka.")
    assert two.ticket(1001).state is State.CLOSED


def test_a_bad_key_refuses_the_merge_by_mail(two: DeskAtWork) -> None:
    [outcome] = two.receive(answer(_notice(two, FIRST), ANNA, "#scal DYN-99"))
    assert outcome.reason == "commands_refused"
    assert "DYN-99" in text_of(two.letter("receipt"))


def _notice(desk: DeskAtWork, key: str) -> Message:
    """Return Anna's notice of a ticket."""
    rows = [row for row in desk.outbox(notification="notice_opened", recipient=ANNA_ADDR) if f"[{key}]" in row.subject]
    return message_from_bytes(rows[-1].content, policy=default)


def test_a_split_comment_is_a_ticket_of_its_own(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, subject="Drukarka stoi"))
    desk.receive(answer(desk.letter("new"), JAN, "I jeszcze: proszę o nową mysz."))
    before = len(desk.outbox())
    [outcome] = desk.receive(answer(desk.letter("notice_comment", ANNA_ADDR), ANNA, "#podziel"))

    assert outcome.reason == "commands_done"
    assert [row.ticket for row in desk.comments] == [1001, 1002]
    assert desk.links() == {(1001, 1002), (1002, 1001)}
    assert desk.ticket(1002).requester_addr == "jan@acme.test"
    assert ("new", "jan@acme.test") in desk.told(before)


def test_an_answer_to_the_split_comment_joins_the_new_ticket(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, subject="Drukarka stoi"))
    desk.receive(answer(desk.letter("new"), JAN, "Proszę o nową mysz.", fields={"Message-ID": "<mouse@acme.test>"}))
    desk.act(regroup.split, 1001, "", str(desk.comments[-1].id))
    mail = write(JAN, subject="Re: [x] mysz", fields={"In-Reply-To": "<mouse@acme.test>"})
    [outcome] = desk.receive(mail)
    assert outcome.ticket == 1002


def test_the_only_comment_is_not_split_off(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    assert desk.act(regroup.split, 1001, "", "1").refused
    [outcome] = desk.receive(answer(desk.letter("notice_opened", ANNA_ADDR), ANNA, "#split"))
    assert outcome.reason == "commands_refused"


def test_a_moved_comment_takes_its_answers_along_and_nobody_is_told(two: DeskAtWork) -> None:
    two.receive(
        answer(two.letter("new", "jan@acme.test"), JAN, "Błędnie tu.", fields={"Message-ID": "<lost@acme.test>"})
    )
    before = len(two.outbox())
    moved = two.comments[-1]
    done = two.act(regroup.move_comment, 1001, "", str(moved.id), SECOND)

    assert done.refused == ""
    assert two.comments[-1].ticket == 1002
    assert two.entry(moved.entry or 0).ticket == 1002
    assert two.told(before) == []
    [outcome] = two.receive(write(JAN, subject="Re: nic", fields={"In-Reply-To": "<lost@acme.test>"}))
    assert outcome.ticket == 1002


def test_a_comment_of_another_ticket_is_not_moved(two: DeskAtWork) -> None:
    other = next(row for row in two.comments if row.ticket == 1002)
    assert two.act(regroup.move_comment, 1001, "", str(other.id), SECOND).refused
