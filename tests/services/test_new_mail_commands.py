"""A consultant's new mail: for a customer, about an absence, with a question; and why it may be refused."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage

import pytest

from helpdesk.desk.gate import GateReason, Limits
from helpdesk.desk.terms import Disposition, Origin, OutboxState, Side, State, Visibility
from helpdesk.services.desk import Witness
from helpdesk.services.line import Outcome
from helpdesk.store.tables import AbsenceRow, CallRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import RULES as DESK_RULES
from tests.services.desk_at_work import DeskAtWork, files_of, rules_of, text_of
from tests.services.mails import ANNA, JAN, PROPHIX, answer, write

ANNA_ADDR, PIOTR_ADDR, JAN_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "jan@acme.test"
VOUCHED = b"Authentication-Results: mx.desk.example.org; dmarc=pass header.from=desk.example.org\r\n"
MORE_RULES = """\
rules:
  - { name: printers, when: { subject: [drukark] }, then: { priority: 2, tags: [druk] } }
  - { name: nothing from us, when: { from: ["*@acme.test"], subject: [Oferta] }, then: { discard: true } }
"""
FORWARDED = """\
#za jan@acme.test

Klient napisał do mnie prywatnie.

---------- Forwarded message ---------
From: Jan Kowal <jan@acme.test>
Date: Mon, 23 Nov 2026 10:00
Subject: Drukarka
To: Anna Nowak <anna@private.example.org>

Drukarka na parterze stoi.
"""


@pytest.fixture
def desk(database: Database) -> DeskAtWork:
    """A desk whose mail server vouches for its consultants."""
    witness = Witness("rfc8601", "mx.desk.example.org")
    return DeskAtWork(database, MORE_RULES, witnesses={"dynamics": witness, "prophix": witness})


def sent(desk: DeskAtWork, text: str, subject: str = "Drukarka", author: str = ANNA, **mail: object) -> Outcome:
    """Let Anna write a new mail that our server vouches for."""
    [outcome] = desk.receive(VOUCHED + write(author, subject=subject, text=text, **mail))  # type: ignore[arg-type]
    return outcome


def receipt(desk: DeskAtWork) -> str:
    return text_of(desk.letter("receipt", ANNA_ADDR))


def answered(desk: DeskAtWork) -> str:
    return text_of(desk.letter("answer", ANNA_ADDR))


def test_phone_opens_a_ticket_for_the_caller_and_asks_them_to_confirm(desk: DeskAtWork) -> None:
    outcome = sent(desk, "#telefon jan@acme.test\n\nDrukarka na parterze stoi.")

    assert (outcome.disposition, outcome.reason) == (Disposition.OPENED, "commands_done")
    ticket = desk.ticket()
    assert (ticket.origin, ticket.requester_addr, ticket.organisation) == (Origin.PHONE, JAN_ADDR, "ACME")
    assert desk.participants(1001) == {JAN_ADDR}
    [comment] = desk.comments
    assert (comment.side, comment.new_text) == (Side.CONSULTANT, "Drukarka na parterze stoi.")
    assert {("confirm_call", JAN_ADDR), ("receipt", ANNA_ADDR), ("notice_opened", PIOTR_ADDR)} <= set(desk.told())
    assert "> Drukarka na parterze stoi." in text_of(desk.letter("confirm_call"))
    assert "potwierdzić rozmowę do: środa, 25 listopada 2026, 17:00" in receipt(desk)
    assert JAN_ADDR in receipt(desk)


def test_whom_a_consultant_writes_for_is_taken_in_though_their_customers_rule_lets_only_contacts_in(
    desk: DeskAtWork,
) -> None:
    sent(desk, "#za intern@strict.test\n\nDrukarka na parterze stoi.")
    assert (desk.ticket().state, desk.participants(1001)) == (State.NEW, {"intern@strict.test"})
    assert ("new", "intern@strict.test") in desk.told()
    assert "turned_away" not in [kind for kind, _ in desk.told()]


def test_the_callers_answer_confirms_it(desk: DeskAtWork) -> None:
    sent(desk, "#phone jan@acme.test\n\nDrukarka stoi.")
    vouched = b"Authentication-Results: mx.desk.example.org; dmarc=pass header.from=acme.test\r\n"
    desk.receive(vouched + answer(desk.letter("confirm_call"), JAN, "tak"))
    assert desk.rows(CallRow)[0].confirmed


def test_priority_kind_and_tags_go_with_a_call(desk: DeskAtWork) -> None:
    sent(desk, "#telefon jan@acme.test\n#priorytet 1\n#rodzaj inne\n#etykieta serwer, pilne\n\nSerwer.", "Serwer")
    ticket = desk.ticket()
    assert (ticket.priority, ticket.kind, ticket.tags) == (1, "other", ["serwer", "pilne"])


def test_a_call_goes_to_the_queue_that_was_written_to(desk: DeskAtWork) -> None:
    sent(desk, "#telefon jan@acme.test\n\nPlan.", "Plan", to=PROPHIX)
    assert desk.ticket().queue == "PROPHIX"


def test_for_makes_the_customer_the_author_of_a_forwarded_mail(desk: DeskAtWork) -> None:
    outcome = sent(desk, FORWARDED, "Fwd: Drukarka", files=[("ekran.png", b"png")])

    assert outcome.reason == "commands_done"
    ticket = desk.ticket()
    assert (ticket.requester_addr, ticket.requester_name, ticket.subject) == (JAN_ADDR, "Jan Kowal", "Drukarka")
    assert (ticket.organisation, ticket.origin, ticket.priority, ticket.tags) == ("ACME", Origin.MAIL, 2, ["druk"])
    [comment] = desk.comments
    assert (comment.side, comment.author_addr, comment.visibility) == (Side.CUSTOMER, JAN_ADDR, Visibility.PUBLIC)
    assert "Drukarka na parterze stoi." in comment.new_text
    assert "#za" not in comment.new_text
    assert ("new", JAN_ADDR) in desk.told()
    assert ("notice_opened", ANNA_ADDR) in desk.told()
    assert files_of(desk.letter("notice_opened", ANNA_ADDR)) == {"ekran.png": b"png"}
    assert JAN_ADDR in receipt(desk)
    assert "for" in desk.history(1001)


def test_the_acknowledgement_gives_the_consultants_mail_away_in_nothing(desk: DeskAtWork) -> None:
    sent(desk, FORWARDED, "Fwd: Drukarka")
    mail = desk.letter("new", JAN_ADDR)
    assert "anna@" not in mail.as_string() + text_of(mail)
    assert mail["In-Reply-To"] is None


def test_the_notice_of_such_a_ticket_is_answered_to_the_customer(desk: DeskAtWork) -> None:
    sent(desk, FORWARDED, "Fwd: Drukarka")
    desk.receive(VOUCHED + answer(desk.letter("notice_opened", ANNA_ADDR), ANNA, "Już patrzę."))
    assert "Już patrzę." in text_of(desk.letter("comment", JAN_ADDR))


def test_commands_beside_for_win_over_the_rules(desk: DeskAtWork) -> None:
    sent(desk, "#za jan@acme.test\n#priority 4\n#tag nowe\n\nDrukarka.")
    assert (desk.ticket().priority, desk.ticket().tags) == (4, ["druk", "nowe"])


def test_no_rule_turns_away_what_a_consultant_sends_in(desk: DeskAtWork) -> None:
    assert sent(desk, "#za jan@acme.test\n\nCzy mogą Państwo to wycenić?", "Oferta").disposition is Disposition.OPENED


def test_a_stranger_can_be_the_author_too(desk: DeskAtWork) -> None:
    sent(desk, "#za zed@elsewhere.test\n\nPytanie o program.", "Pytanie")
    assert (desk.ticket().requester_addr, desk.ticket().organisation) == ("zed@elsewhere.test", None)
    assert ("new", "zed@elsewhere.test") in desk.told()


REFUSED = {
    "one of ours": ("#telefon piotr@desk.example.org\n\nSerwer.", "#telefon piotr@desk.example.org"),
    "a queue": ("#za pomocprophix@desk.example.org\n\nSerwer.", "#za pomocprophix@desk.example.org"),
    "a machine": ("#za noreply@acme.test\n\nSerwer.", "#za noreply@acme.test"),
    "two customers": ("#za jan@acme.test\n#telefon ewa@acme.test\n\nSerwer.", "#telefon ewa@acme.test"),
    "days gone by": ("#nieobecność 2026-11-01..2026-11-05\n\nSerwer.", "#nieobecność 2026-11-01..2026-11-05"),
    "a reply's verb": ("#za jan@acme.test\n#rozwiąż\n\nSerwer.", "#rozwiąż"),
    "no address": ("#telefon jan\n\nSerwer.", "#telefon jan"),
}


@pytest.mark.parametrize(("text", "line"), REFUSED.values(), ids=REFUSED)
def test_one_bad_line_refuses_all_and_the_words_are_kept_inside(desk: DeskAtWork, text: str, line: str) -> None:
    outcome = sent(desk, text, "Serwer")

    assert (outcome.disposition, outcome.reason) == (Disposition.OPENED, "commands_refused")
    assert {row.notification.for_customers for row in desk.outbox()} == {False}
    ticket = desk.ticket()
    assert ticket.requester_addr == ANNA_ADDR
    assert [comment.visibility for comment in desk.comments] == [Visibility.INTERNAL]
    assert desk.rows(AbsenceRow) == desk.rows(CallRow) == []
    assert line in receipt(desk)
    assert "> Serwer." in receipt(desk)


def test_a_mail_that_nothing_vouches_for_orders_nothing_and_the_receipt_says_what_is_missing(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write(ANNA, subject="Drukarka", text="#telefon jan@acme.test\n\nStoi."))
    assert outcome.reason == "commands_refused"
    assert desk.rows(CallRow) == []
    assert JAN_ADDR not in [recipient for _, recipient in desk.told()]
    assert "serwer poczty nie potwierdził nadawcy" in receipt(desk)


def test_a_forged_consultant_is_nobody(desk: DeskAtWork) -> None:
    failed = VOUCHED.replace(b"dmarc=pass", b"dmarc=fail")
    desk.receive(failed + write(ANNA, text="#nieobecność 2026-12-23..2026-12-31"))
    assert desk.rows(AbsenceRow) == []


@pytest.mark.parametrize(("text", "kind"), [("#pomoc", "answer"), ("#telefon jan@acme.test\n\nStoi.", "receipt")])
def test_whoever_forges_a_consultants_mails_cannot_fill_their_mailbox_with_refusals(
    desk: DeskAtWork, text: str, kind: str
) -> None:
    desk.under(limits=Limits(contact_per_hour=2))
    for _ in range(4):
        desk.receive(write(ANNA, subject="Pilne", text=text))
    assert [(row.state, row.reason) for row in desk.outbox(notification=kind)] == [
        (OutboxState.QUEUED, ""),
        (OutboxState.QUEUED, ""),
        (OutboxState.HELD, GateReason.CONTACT_BUDGET),
        (OutboxState.HELD, GateReason.CONTACT_BUDGET),
    ]
    sent(desk, "#pomoc", "Jak to było?")
    assert desk.outbox(notification="answer")[-1].state is OutboxState.QUEUED


def test_commands_inside_a_forwarded_mail_are_words(desk: DeskAtWork) -> None:
    text = "---------- Forwarded message ---------\nFrom: Zed <zed@elsewhere.test>\n\n#telefon jan@acme.test\n\nCzołem."
    assert sent(desk, text, "Fwd: Czołem").reason == "new_ticket"
    assert desk.rows(CallRow) == []


def test_an_absence_is_noted_answered_and_opens_no_ticket(desk: DeskAtWork) -> None:
    outcome = sent(desk, "#nieobecność 2026-12-23..2026-12-31", "Urlop")

    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "commands_done")
    assert desk.tickets == []
    [row] = desk.rows(AbsenceRow)
    assert (row.consultant, row.first, row.last) == (ANNA_ADDR, date(2026, 12, 23), date(2026, 12, 31))
    assert desk.told() == [("answer", ANNA_ADDR)]
    assert "Nieobecność zapisana: 23 grudnia 2026 – 31 grudnia 2026." in answered(desk)


def test_an_absence_of_one_day_in_english(desk: DeskAtWork) -> None:
    sent(desk, "#away 2026-12-23", "Away", author="Piotr Lis <piotr@desk.example.org>")
    assert "Absence noted: 23 December 2026." in text_of(desk.letter("answer", PIOTR_ADDR))


@pytest.mark.parametrize("word", ["off", "koniec"])
def test_who_is_back_says_so(desk: DeskAtWork, word: str) -> None:
    sent(desk, "#away 2026-11-24..2026-12-31", "Urlop")
    sent(desk, f"#away {word}", "Jestem")
    assert desk.rows(AbsenceRow) == []
    assert "odwołane" in answered(desk)


def test_the_same_absence_twice_is_one(desk: DeskAtWork) -> None:
    sent(desk, "#away 2026-12-23", "Urlop")
    sent(desk, "#away 2026-12-23", "Urlop")
    assert len(desk.rows(AbsenceRow)) == 1


def test_a_refused_absence_without_words_opens_no_ticket(desk: DeskAtWork) -> None:
    outcome = sent(desk, "#away wkrótce", "Urlop")
    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "commands_refused")
    assert desk.tickets == []
    assert "nie rozumiem: wkrótce" in answered(desk)


def test_help_and_find_are_answered_without_a_ticket(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, subject="Faktura"))
    sent(desk, "#szukaj faktura\n#pomoc", "?")
    assert len(desk.tickets) == 1
    for word in ("Faktura", "#telefon", "#za ", "#nieobecność"):
        assert word in answered(desk)


def test_a_question_with_words_keeps_the_words(desk: DeskAtWork) -> None:
    sent(desk, "#szukaj faktura\n\nDo zapamiętania: zadzwonić do banku.", "Notatka")
    [comment] = desk.comments
    assert (comment.visibility, "zadzwonić" in comment.new_text) == (Visibility.INTERNAL, True)
    assert "#szukaj faktura" in receipt(desk)


def test_a_mail_on_behalf_in_a_desk_without_a_witness_is_refused(database: Database) -> None:
    desk = DeskAtWork(database).under(rules=rules_of(DESK_RULES))
    desk.receive(write(ANNA, text="#za jan@acme.test\n\nDrukarka."))
    assert desk.ticket().requester_addr == ANNA_ADDR
    letter: EmailMessage = desk.letter("receipt", ANNA_ADDR)
    assert "helpdesk tickets phone" in text_of(letter)
