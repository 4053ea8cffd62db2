"""Mail that the line can't take: set aside, still a ticket, and nobody else's mail is harmed."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from helpdesk.desk.terms import Disposition, EntryState
from helpdesk.errors import DatabaseUnavailable
from helpdesk.mail.parse import parse_message
from helpdesk.services import course, process
from helpdesk.services.process import MAX_ATTEMPTS
from helpdesk.services.shunt import NOTICE, little_message
from helpdesk.store import claims
from helpdesk.store.tables import CommentRow
from tests.services.desk_at_work import DeskAtWork, files_of, text_of
from tests.services.mails import EWA, JAN, write

POISON = write(JAN, subject="Trucizna", text="klauzula trucizny", files=[("plik.txt", b"x")])
HARMLESS = [write(EWA, subject=f"Pytanie {number}") for number in range(2)]


class Trouble(Exception):
    """What nobody foresaw."""


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let the parser stumble over POISON."""

    def stumble(raw: bytes) -> Any:
        if b"trucizny" in raw:
            raise Trouble("a part of no known shape")
        return parse_message(raw)

    monkeypatch.setattr(process, "parse_message", stumble)
    return monkeypatch


@pytest.fixture
def jammed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let the line break after it has written half of what POISON means."""
    add = course.add_comment

    def jam(unit: Any, ticket: Any, remark: Any) -> CommentRow:
        row = add(unit, ticket, remark)
        if "trucizny" in remark.text:
            unit.session.flush()
            raise Trouble("half way")
        return row

    monkeypatch.setattr(course, "add_comment", jam)
    return monkeypatch


@pytest.mark.parametrize("trouble", ["poisoned", "jammed"])
def test_a_mail_that_breaks_the_line_is_shunted_with_a_ticket_and_the_rest_is_unharmed(
    desk: DeskAtWork, trouble: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(trouble)
    outcomes = desk.receive(HARMLESS[0], POISON, HARMLESS[1])

    assert [desk.entry(one.entry).disposition for one in outcomes] == [
        Disposition.OPENED,
        Disposition.SHUNTED,
        Disposition.OPENED,
    ]
    entry = desk.entry(outcomes[1].entry)
    assert (entry.state, entry.ticket) == (EntryState.SHUNTED, outcomes[1].ticket)
    assert "Trouble" in entry.failure
    assert len(desk.tickets) == 3
    assert len(desk.comments) == 3  # what the line had half written is gone
    ticket = desk.ticket(outcomes[1].ticket)
    assert (ticket.subject, ticket.requester_addr, ticket.queue) == ("Trucizna", "jan@acme.test", "DYNAMICS")
    [comment] = [row for row in desk.comments if row.ticket == ticket.number]
    assert comment.text == NOTICE
    [eml] = desk.attachments(comment.id)
    assert (eml.name, eml.type, eml.size) == ("message.eml", "message/rfc822", len(POISON))


def test_the_consultants_get_the_shunted_mail_itself(desk: DeskAtWork, poisoned: pytest.MonkeyPatch) -> None:
    desk.receive(POISON)
    notice = desk.letter("notice_opened", "anna@desk.example.org")

    assert files_of(notice) == {"message.eml": POISON}
    assert NOTICE in text_of(notice)
    assert ("new", "jan@acme.test") in desk.told()


def test_numbers_have_no_gap_where_a_mail_was_shunted(desk: DeskAtWork, jammed: pytest.MonkeyPatch) -> None:
    desk.receive(HARMLESS[0], POISON, HARMLESS[1])

    assert [row.number for row in desk.tickets] == [1001, 1002, 1003]


@pytest.mark.parametrize("trouble", ["poisoned", "jammed"])
def test_replay_fills_the_same_ticket_and_writes_to_nobody_again(
    desk: DeskAtWork, trouble: str, request: pytest.FixtureRequest
) -> None:
    patch: pytest.MonkeyPatch = request.getfixturevalue(trouble)
    [outcome] = desk.receive(POISON)
    before = len(desk.outbox())
    patch.undo()

    assert desk.replay(outcome.entry) == ""

    entry = desk.entry(outcome.entry)
    assert (entry.state, entry.disposition, entry.failure) == (EntryState.PROCESSED, Disposition.OPENED, "")
    [comment] = desk.comments
    assert comment.new_text.strip() == "klauzula trucizny"
    assert [(row.name, row.size) for row in desk.attachments(comment.id)] == [("plik.txt", 1)]
    assert len(desk.tickets) == 1
    assert len(desk.outbox()) == before
    assert "replayed" in desk.history(desk.ticket().number)


def test_a_mail_that_still_cannot_be_read_stays_shunted(desk: DeskAtWork, poisoned: pytest.MonkeyPatch) -> None:
    [outcome] = desk.receive(POISON)
    desk.replay(outcome.entry)

    assert desk.entry(outcome.entry).state is EntryState.SHUNTED
    assert len(desk.tickets) == 1


def test_a_second_copy_of_a_replayed_mail_is_known(desk: DeskAtWork, poisoned: pytest.MonkeyPatch) -> None:
    [outcome] = desk.receive(POISON)
    poisoned.undo()
    desk.replay(outcome.entry)

    assert desk.receive(POISON)[0].disposition is Disposition.DUPLICATE


def test_a_shunted_word_on_a_ticket_is_replayed_there_and_leaves_the_ticket_its_name(
    desk: DeskAtWork, poisoned: pytest.MonkeyPatch
) -> None:
    desk.receive(HARMLESS[0])
    key = desk.desk.key_of(desk.ticket())
    [outcome] = desk.receive(write(EWA, subject=f"Re: [{key}] Inny temat", text="trucizny"))
    assert outcome.ticket == desk.ticket().number
    poisoned.undo()
    desk.replay(outcome.entry)

    assert desk.entry(outcome.entry).disposition is Disposition.COMMENTED
    assert desk.ticket().subject == "Pytanie 0"
    assert desk.comments[-1].new_text.strip() == "trucizny"


def test_what_has_a_ticket_already_is_not_replayed(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write())

    assert "only shunted and held mail can be replayed" in desk.replay(outcome.entry)
    assert desk.replay(4711) == "there is no journal entry 4711"


def test_where_even_the_minimal_path_fails_the_entry_waits_alone(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise Trouble("no ticket today")

    monkeypatch.setattr(course, "open_ticket", fail)
    [outcome] = desk.receive(write())

    entry = desk.entry(outcome.entry)
    assert (entry.state, entry.reason, entry.ticket) == (EntryState.SHUNTED, "unreadable", None)
    assert desk.process() == []  # the loop goes on

    monkeypatch.undo()
    assert desk.replay(outcome.entry) == ""
    assert desk.entry(outcome.entry).disposition is Disposition.OPENED


def test_a_mail_over_which_the_program_died_three_times_is_not_parsed_again(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        """The watchdog ends the process."""

    def die(_: bytes) -> None:
        raise Death

    desk.journal(write(JAN, subject="Ostatni"))
    monkeypatch.setattr(process, "parse_message", die)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Death):
            desk.process()
        desk.wait(minutes=11)  # until the dead one's lease is over

    [outcome] = desk.process()

    assert desk.entry(outcome.entry).state is EntryState.SHUNTED
    assert "3 times" in desk.entry(outcome.entry).failure
    assert desk.ticket().subject == "Ostatni"


def test_a_spoilt_transaction_gives_the_entries_back_uncharged(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any, **__: Any) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("the server is gone"))

    [entry] = desk.journal(write())
    monkeypatch.setattr(course, "open_ticket", lost)
    with pytest.raises(DatabaseUnavailable, match="the server is gone"):
        desk.process()
    monkeypatch.undo()

    assert (desk.entry(entry).attempts, desk.entry(entry).state) == (0, EntryState.RECEIVED)
    assert [one.disposition for one in desk.process()] == [Disposition.OPENED]


def test_two_workers_on_one_entry_make_one_ticket(desk: DeskAtWork) -> None:
    [entry] = desk.journal(write())
    with desk.database.begin() as session:
        claims.claim(session, "slow worker", desk.now, process.LEASE, limit=1, max_bytes=1)
    desk.wait(minutes=11)
    desk.process()  # the slow worker's lease is over
    desk.release(entry)  # and now it comes back

    assert len(desk.tickets) == 1


LITTLE: dict[str, tuple[bytes, tuple[str, str, str]]] = {
    "an ordinary head": (
        b"From: Jan <Jan@Acme.test>\r\nSubject: A\r\nMessage-ID: <x@y>\r\n\r\n",
        ("jan@acme.test", "A", "x@y"),
    ),
    "nothing at all": (b"", ("", "", "")),
    "no head, only noise": (b"\x00\xff" * 100, ("", "", "")),
    "letters of no charset": (b"From: a@b.test\nSubject: \xff\xfe\x00x\n\n", ("a@b.test", "�� x", "")),
    "fields after the empty line don't count": (b"From: a@b.test\r\n\r\nSubject: no\r\n", ("a@b.test", "", "")),
    "the first of two": (b"From: a@b.test\nFrom: c@d.test\n\n", ("a@b.test", "", "")),
    "a head without end": (b"Subject: A\n" + b"X: y\n" * 100_000 + b"From: a@b.test\n", ("", "A", "")),
}


@pytest.mark.parametrize(("raw", "found"), LITTLE.values(), ids=LITTLE)
def test_the_minimal_path_finds_what_stands_plainly_in_the_head(raw: bytes, found: tuple[str, str, str]) -> None:
    message = little_message(raw)

    assert ((message.author.addr if message.author else ""), message.subject, message.message_id) == found
    assert message.attachments[0].content == raw
