"""A mail that belongs to a ticket: which one it joins, whose word it is, what it moves, who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import Disposition, Person, Standing, State, Visibility
from helpdesk.services import actions
from helpdesk.services.line import Outcome
from tests.services.desk_at_work import TUESDAY, DeskAtWork, files_of, text_of
from tests.services.mails import ANNA, DYNAMICS, EWA, JAN, PIOTR, STRANGER, answer, write

KEY = format_key("DYN", 1001)
PIOTR_LIS = Person("Piotr Lis", "piotr@desk.example.org")
ALIAS = "Anna <a.nowak@private.example.org>"


def opened(desk: DeskAtWork, raw: bytes | None = None) -> None:
    """Let Jan's question open ticket 1001."""
    desk.receive(raw or write(JAN, fields={"Message-ID": "<first@acme.test>"}))
    assert [row.number for row in desk.tickets] == [1001]


def state(desk: DeskAtWork) -> State:
    return desk.ticket(1001).state


def test_a_customers_answer_to_our_mail_is_a_comment_on_the_same_ticket(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    [outcome] = desk.receive(answer(desk.letter("new"), JAN, "To nadal nie działa.", files=[("log.txt", b"x")]))

    assert (outcome.disposition, outcome.reason, outcome.ticket) == (Disposition.COMMENTED, "reply", 1001)
    assert desk.comments[-1].new_text.strip() == "To nadal nie działa."
    assert desk.told(before) == [
        ("notice_comment", "anna@desk.example.org"),
        ("notice_comment", "piotr@desk.example.org"),
    ]
    notice = desk.letter("notice_comment")
    assert "nadal nie działa" in text_of(notice)
    assert "proszę o pomoc" in text_of(notice)  # what was said before
    assert files_of(notice) == {"log.txt": b"x"}


def test_an_answer_to_the_customers_own_mail_or_to_our_answer_lands_there_too(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.comment, 1001, "Proszę spróbować teraz.")
    to_own = write(fields={"In-Reply-To": "<first@acme.test>", "Message-ID": "<second@acme.test>"})
    to_second = write(fields={"References": "<unknown@acme.test> <second@acme.test>"})
    outcomes = desk.receive(answer(desk.letter("comment"), JAN), to_own, to_second)

    assert [(one.disposition, one.ticket) for one in outcomes] == [(Disposition.COMMENTED, 1001)] * 3


def test_our_next_mail_answers_the_customers_newest(desk: DeskAtWork) -> None:
    opened(desk)
    desk.receive(answer(desk.letter("new"), fields={"Message-ID": "<newest@acme.test>"}))
    desk.act(actions.comment, 1001, "Już sprawdzamy.")
    letter = desk.letter("comment")

    assert letter["In-Reply-To"] == "<newest@acme.test>"
    assert {"<first@acme.test>", "<newest@acme.test>"} <= set(letter["References"].split())
    assert letter["Auto-Submitted"] is None  # a person wrote it
    assert str(letter["From"].addresses[0]) == f'"Anna Nowak (Pomoc DYNAMICS)" <{DYNAMICS}>'


def test_the_tag_alone_suffices_for_somebody_who_takes_part(desk: DeskAtWork) -> None:
    opened(desk)
    [outcome] = desk.receive(write(JAN, subject=f"Odp: [{KEY}] Faktura", text="Jeszcze jedno."))

    assert (outcome.disposition, outcome.ticket) == (Disposition.COMMENTED, 1001)


def test_the_tag_alone_is_worth_nothing_from_a_stranger(desk: DeskAtWork) -> None:
    opened(desk)
    [outcome] = desk.receive(write(STRANGER, subject=f"Odp: [{KEY}] Faktura"))

    assert (outcome.disposition, outcome.ticket) == (Disposition.OPENED, 1002)
    assert len([row for row in desk.comments if row.ticket == 1001]) == 1


def test_an_answer_in_the_same_batch_as_its_question_finds_it(desk: DeskAtWork) -> None:
    question = write(JAN, fields={"Message-ID": "<q@acme.test>"})
    outcomes = desk.receive(
        question,
        write(JAN, text="I jeszcze to.", fields={"In-Reply-To": "<q@acme.test>", "Message-ID": "<r@acme.test>"}),
        write(JAN, text="I to.", fields={"In-Reply-To": "<r@acme.test>"}),
    )

    assert [one.disposition for one in outcomes] == [Disposition.OPENED, Disposition.COMMENTED, Disposition.COMMENTED]
    assert {one.ticket for one in outcomes} == {1001}
    assert "I jeszcze to." in text_of(desk.letter("notice_comment"))


def test_other_participants_are_told_and_the_author_is_not(desk: DeskAtWork) -> None:
    opened(desk, write(JAN, fields={"Cc": EWA}))
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("new"), JAN, "Już wiem więcej."))

    assert ("comment", "ewa@acme.test") in desk.told(before)
    assert ("comment", "jan@acme.test") not in desk.told(before)
    letter = desk.letter("comment", "ewa@acme.test")
    assert "Już wiem więcej." in text_of(letter)
    assert letter["Auto-Submitted"] == "auto-generated"


def test_a_colleague_at_the_customers_joins_by_answering(desk: DeskAtWork) -> None:
    opened(desk)
    [outcome] = desk.receive(answer(desk.letter("new"), EWA))

    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "reply")
    assert desk.participants(1001) == {"jan@acme.test", "ewa@acme.test"}


def test_a_colleague_is_not_let_in_where_the_customer_refuses_others(desk: DeskAtWork) -> None:
    opened(desk, write("Boss <boss@strict.test>"))
    [outcome] = desk.receive(answer(desk.letter("new"), "Intern <intern@strict.test>"))

    assert outcome.reason == "unconfirmed_author"
    assert desk.participants(1001) == {"boss@strict.test"}


def test_an_outsiders_answer_moves_nothing_and_reaches_consultants_alone(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.resolve, 1001, "Zrobione.")
    before, told, last = desk.ticket(1001), len(desk.outbox()), desk.ticket(1001).last_message_id
    [outcome] = desk.receive(answer(desk.letter("new"), STRANGER, "Send me the invoice."))

    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "unconfirmed_author")
    after = desk.ticket(1001)
    assert (after.state, after.react_by, after.waiting_since) == (State.RESOLVED, before.react_by, before.waiting_since)
    assert desk.comments[-1].standing is Standing.UNCONFIRMED
    assert desk.participants(1001) == {"jan@acme.test"}
    assert {kind for kind, _ in desk.told(told)} == {"notice_comment"}
    assert desk.ticket(1001).last_message_id == last
    desk.act(actions.comment, 1001, "Panie Janie, …")
    letter = desk.letter("comment", "jan@acme.test")
    assert "invoice" not in text_of(letter)
    assert "zed@" not in letter.as_string()


# --- what a word moves


def test_a_customers_word_wakes_a_pending_ticket(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.pend, 1001, "Czekamy na numer faktury.")
    assert (state(desk), desk.ticket(1001).waiting_since) == (State.PENDING, None)
    react_by = desk.ticket(1001).react_by
    desk.wait(hours=1)
    desk.receive(answer(desk.letter("comment"), JAN, "FV/7"))

    assert state(desk) is State.OPEN
    assert desk.ticket(1001).waiting_since == TUESDAY + timedelta(hours=1)
    assert desk.ticket(1001).react_by == react_by  # a reply on a live ticket starts no new clock


def test_waiting_is_counted_from_the_oldest_unanswered_word(desk: DeskAtWork) -> None:
    opened(desk)
    desk.wait(hours=1)
    desk.receive(answer(desk.letter("new"), JAN))

    assert desk.ticket(1001).waiting_since == TUESDAY


def test_an_answer_to_resolved_reopens_with_a_new_time_to_react(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.resolve, 1001, "Zrobione.")
    assert desk.ticket(1001).reacted_at is not None
    desk.wait(days=2)
    desk.receive(answer(desk.letter("resolved"), JAN, "Jednak nie."))

    ticket = desk.ticket(1001)
    assert (ticket.state, ticket.resolved_at, ticket.reacted_at) == (State.OPEN, None, None)
    assert ticket.react_by == TUESDAY + timedelta(days=2, hours=4)
    assert "customer_comment" in desk.history(1001)


@pytest.mark.parametrize(
    ("days", "ticket"), [(14, 1001), (15, 1002)], ids=["within the days the rules give", "after them"]
)
def test_an_answer_to_a_closed_ticket(desk: DeskAtWork, days: int, ticket: int) -> None:
    opened(desk)
    desk.act(actions.close, 1001)
    desk.wait(days=days)
    [outcome] = desk.receive(answer(desk.letter("closed"), JAN, "Wróciło."))

    assert outcome.ticket == ticket
    if ticket == 1001:
        assert (state(desk), desk.ticket(1001).closed_at) == (State.OPEN, None)
    else:
        assert state(desk) is State.CLOSED
        assert desk.links() == {(1001, 1002), (1002, 1001)}


# --- consultants


def of_consultant(
    desk: DeskAtWork, author: str = ANNA, to: str = "anna@desk.example.org", text: str = "OK."
) -> Outcome:
    """Let a consultant answer the newest notice that was sent to an address."""
    rows = [row for row in desk.outbox(recipient=to) if row.notification.value.startswith("notice")]
    [outcome] = desk.receive(answer(desk.letter(rows[-1].notification.value, to), author, text))
    return outcome


def test_a_consultants_answer_to_the_notice_goes_to_the_customer(desk: DeskAtWork) -> None:
    opened(desk)
    desk.wait(minutes=5)
    before = len(desk.outbox())
    outcome = of_consultant(desk, text="Proszę zrestartować drukarkę.")

    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "consultant_reply")
    assert desk.told(before) == [("comment", "jan@acme.test")]
    letter = desk.letter("comment")
    assert "zrestartować drukarkę" in text_of(letter)
    assert "anna@desk" not in letter.as_string()
    ticket = desk.ticket(1001)
    assert (ticket.state, ticket.waiting_since) == (State.OPEN, None)
    assert ticket.reacted_at == TUESDAY + timedelta(minutes=5)
    assert desk.comments[-1].author_addr == "anna@desk.example.org"


def test_a_consultant_may_answer_from_an_alias(desk: DeskAtWork) -> None:
    opened(desk)
    outcome = of_consultant(desk, ALIAS)

    assert outcome.reason == "consultant_reply"
    assert desk.comments[-1].author_addr == "anna@desk.example.org"


def test_a_consultants_answer_from_a_forwarded_notice_proves_nothing(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    outcome = of_consultant(desk, PIOTR, "anna@desk.example.org", "Zamykamy?")  # the notice was Anna's

    assert outcome.reason == "consultant_unproven"
    assert (desk.comments[-1].visibility, desk.comments[-1].standing) == (Visibility.INTERNAL, Standing.UNCONFIRMED)
    assert state(desk) is State.NEW
    assert all(kind.startswith("notice") for kind, _ in desk.told(before))


def test_whoever_writes_a_consultants_address_into_from_reaches_no_customer(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    [outcome] = desk.receive(write(ANNA, subject=f"Re: [{KEY}]", text="Please pay to this account."))

    assert outcome.reason == "consultant_unproven"
    assert all(recipient.endswith("@desk.example.org") for _, recipient in desk.told(before))


def test_an_answer_to_a_notice_about_a_note_stays_among_consultants(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.note, 1001, "Klient zalega z płatnością.", by=PIOTR_LIS)
    before = len(desk.outbox())
    outcome = of_consultant(desk, text="Wiem, ale pomóżmy.")

    assert outcome.reason == "consultant_note"
    assert desk.comments[-1].visibility is Visibility.INTERNAL
    assert all(kind.startswith("notice") for kind, _ in desk.told(before))


def test_an_answer_to_ones_own_note_stays_among_consultants(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.note, 1001, "Klient zalega z płatnością.", by=PIOTR_LIS)
    notice = desk.letter("notice_comment", "anna@desk.example.org")
    desk.receive(answer(notice, ANNA, "Wiem.", fields={"Message-ID": "<note@desk.example.org>"}))
    before = len(desk.outbox())
    known = f"{notice['Message-ID']} <note@desk.example.org>"
    again = write(ANNA, text="I jeszcze.", fields={"References": known, "In-Reply-To": "<note@desk.example.org>"})
    [outcome] = desk.receive(again)

    assert outcome.reason == "consultant_note"
    assert all(kind.startswith("notice") for kind, _ in desk.told(before))


def test_an_answer_to_a_notice_about_a_colleagues_answer_stays_internal(desk: DeskAtWork) -> None:
    opened(desk)
    with desk.database.begin() as session:
        row = session.get(type(desk.ticket(1001)), 1001)
        assert row is not None
        row.watchers = ["piotr@desk.example.org"]
    desk.act(actions.comment, 1001, "Proszę spróbować teraz.")
    outcome = of_consultant(desk, PIOTR, "piotr@desk.example.org", "To zły pomysł.")

    assert outcome.reason == "consultant_note"


def test_a_consultants_out_of_office_never_reaches_the_customer(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    notice = desk.letter("notice_opened", "anna@desk.example.org")
    [outcome] = desk.receive(answer(notice, ANNA, "Urlop.", fields={"Auto-Submitted": "auto-replied"}))

    assert outcome.disposition is Disposition.RECORDED
    assert desk.told(before) == []
    assert state(desk) is State.NEW
