"""The same mail twice, and mails that only look like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.desk.terms import Disposition
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import DYNAMICS, EWA, JAN, PROPHIX, STRANGER, write

BOTH_NAMED = f"{DYNAMICS}, {PROPHIX}"
SENT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
TRACE = b"Received: from mx by mx2; Tue, 24 Nov 2026 11:00:01 +0000\r\nDelivered-To: x@desk.example.org\r\n"


def dispositions(desk: DeskAtWork, *raws: bytes) -> list[Disposition]:
    return [outcome.disposition for outcome in desk.receive(*raws)]


@pytest.mark.parametrize("batches", [1, 2], ids=["in one batch", "later"])
def test_a_second_copy_of_a_mail_becomes_nothing(desk: DeskAtWork, batches: int) -> None:
    mail = write(JAN)
    copies = [mail, TRACE + mail]  # what servers stamp on it makes no difference
    found = (
        dispositions(desk, *copies) if batches == 1 else dispositions(desk, copies[0]) + dispositions(desk, copies[1])
    )

    assert found == [Disposition.OPENED, Disposition.DUPLICATE]
    assert (len(desk.tickets), len(desk.comments)) == (1, 1)
    assert sum(kind == "new" for kind, _ in desk.told()) == 1
    assert desk.entry(2).reason == "duplicate_of 1"
    assert desk.entry(2).ticket == 1001


def test_a_copy_of_an_answer_becomes_nothing_too(desk: DeskAtWork) -> None:
    desk.receive(write(fields={"Message-ID": "<q@acme.test>"}))
    reply = write(fields={"In-Reply-To": "<q@acme.test>"})

    assert dispositions(desk, reply, reply) == [Disposition.COMMENTED, Disposition.DUPLICATE]


def test_the_same_id_with_other_words_is_another_mail(desk: DeskAtWork) -> None:
    # scanners reuse one id for ever, and anybody can use an id before its owner does
    fields: dict[str, str | None] = {"Message-ID": "<scan@acme.test>"}
    found = dispositions(
        desk,
        write(JAN, subject="Skan 1", text="pierwszy", fields=fields),
        write(JAN, subject="Skan 2", text="drugi", fields=fields),
        write(STRANGER, subject="Skan 1", text="trzeci", fields=fields),
    )

    assert found == [Disposition.OPENED] * 3
    assert len(desk.tickets) == 3


def test_the_same_id_and_subject_by_the_same_person_within_the_hour_is_a_lists_copy(desk: DeskAtWork) -> None:
    fields: dict[str, str | None] = {"Message-ID": "<one@acme.test>"}
    mail = write(JAN, text="pytanie", fields=fields)
    [first] = desk.receive(mail)
    desk.wait(minutes=59)
    [footer] = desk.receive(write(JAN, text="pytanie\n-- \nlist footer", fields=fields))
    desk.wait(minutes=2)
    [late] = desk.receive(write(JAN, text="pytanie znowu", fields=fields))

    assert (footer.disposition, footer.ticket) == (Disposition.COMMENTED, first.ticket)
    assert late.disposition is Disposition.OPENED


def test_equal_mails_without_an_id_are_one_within_a_day(desk: DeskAtWork) -> None:
    mail = write(fields={"Message-ID": None}, date=SENT)

    assert dispositions(desk, mail, mail) == [Disposition.OPENED, Disposition.DUPLICATE]
    desk.wait(hours=25)
    assert dispositions(desk, mail) == [Disposition.OPENED]


def test_mails_without_an_id_and_without_a_date_are_never_one(desk: DeskAtWork) -> None:
    mail = write(fields={"Message-ID": None})

    assert dispositions(desk, mail, mail) == [Disposition.OPENED, Disposition.OPENED]


# --- one mail to two of our addresses

POLLED = {"the first-named queue's mailbox first": ("dynamics", "prophix"), "the other first": ("prophix", "dynamics")}


@pytest.mark.parametrize("polled", POLLED.values(), ids=POLLED)
def test_a_cross_posted_mail_is_the_first_named_queues_whichever_was_polled_first(
    desk: DeskAtWork, polled: tuple[str, str]
) -> None:
    mail = write(to=BOTH_NAMED)
    outcomes = [desk.receive(mail, mailbox=mailbox)[0] for mailbox in polled]

    assert [one.disposition for one in outcomes] == [Disposition.OPENED, Disposition.DUPLICATE]
    assert desk.ticket().queue == "DYNAMICS"
    assert {recipient for kind, recipient in desk.told() if kind != "new"} == {
        "anna@desk.example.org",
        "piotr@desk.example.org",
    }


@pytest.mark.parametrize("polled", POLLED.values(), ids=POLLED)
def test_a_copy_tells_the_consultants_of_the_other_queue(database: Database, polled: tuple[str, str]) -> None:
    desk = DeskAtWork(database, "cross_posted: copy\n")
    mail = write(to=BOTH_NAMED)
    outcomes = [desk.receive(mail, mailbox=mailbox)[0] for mailbox in polled]

    assert [one.disposition for one in outcomes] == [Disposition.OPENED, Disposition.DUPLICATE]
    assert desk.ticket().queue == "DYNAMICS"
    assert ("notice_opened", "ola@desk.example.org") in desk.told()


@pytest.mark.parametrize("polled", POLLED.values(), ids=POLLED)
def test_both_opens_a_ticket_in_each_queue_and_links_them(database: Database, polled: tuple[str, str]) -> None:
    desk = DeskAtWork(database, "cross_posted: both\n")
    mail = write(to=BOTH_NAMED)
    outcomes = [desk.receive(mail, mailbox=mailbox)[0] for mailbox in polled]

    assert [one.disposition for one in outcomes] == [Disposition.OPENED, Disposition.OPENED]
    assert {row.queue for row in desk.tickets} == {"DYNAMICS", "PROPHIX"}
    assert desk.links() == {(1001, 1002), (1002, 1001)}


def test_both_still_knows_a_second_copy_in_the_same_mailbox(database: Database) -> None:
    desk = DeskAtWork(database, "cross_posted: both\n")
    mail = write(to=BOTH_NAMED)
    outcomes = [desk.receive(mail, mailbox=mailbox)[0] for mailbox in ("dynamics", "dynamics", "prophix", "prophix")]

    assert [one.disposition for one in outcomes] == [
        Disposition.OPENED,
        Disposition.DUPLICATE,
        Disposition.OPENED,
        Disposition.DUPLICATE,
    ]


def test_a_copy_that_lay_at_the_server_for_weeks_is_still_a_copy(desk: DeskAtWork) -> None:
    mail = write(EWA, date=SENT)
    desk.receive(mail)
    desk.wait(days=60)

    assert desk.receive(mail, delivered_at=desk.now - timedelta(days=1))[0].disposition is Disposition.DUPLICATE


def test_an_answer_to_both_addresses_is_one_word_even_where_each_queue_has_its_ticket(database: Database) -> None:
    desk = DeskAtWork(database, "cross_posted: both\n")
    question = write(to=BOTH_NAMED, fields={"Message-ID": "<q@acme.test>"})
    reply = write(to=BOTH_NAMED, fields={"In-Reply-To": "<q@acme.test>"})
    mailboxes = ("dynamics", "prophix")
    outcomes = [desk.receive(mail, mailbox=mailbox)[0] for mail in (question, reply) for mailbox in mailboxes]

    assert [one.disposition for one in outcomes[2:]] == [Disposition.COMMENTED, Disposition.DUPLICATE]
    assert len(desk.comments) == 3
