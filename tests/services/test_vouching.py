"""A colleague of the customer, by its rule: let in, asked about, or sent to the contact (RELIABILITY 3.5)."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import Disposition, Standing, State, Visibility
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.desk.vouching import QuestionState
from helpdesk.services import actions, verdicts
from helpdesk.services.agenda import agenda
from helpdesk.services.line import Outcome
from helpdesk.services.timers import all_due
from helpdesk.store.tables import QuestionRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import ANNA, JAN, answer, out_of_office, write

RING = Keyring("desk.example.org", (SigningKey("1", b"master"),))
MORE = """
  ASKING: { domains: [asking.test], plan: GOLD, contacts: [boss@asking.test, deputy@asking.test], others: ask_contact }
  ALONE: { domains: [alone.test], plan: GOLD, others: ask_contact }
"""
BOSS, CLERK, DEPUTY = "Boss <boss@asking.test>", "Clerk <clerk@asking.test>", "Deputy <deputy@asking.test>"


@pytest.fixture
def asking(database: Database) -> DeskAtWork:
    """A desk with a customer that wants its contact asked; ticket 1001 is the contact's."""
    desk = DeskAtWork(database, MORE, keyring=RING, subaddressed=frozenset({"DYNAMICS"}))
    desk.receive(write(BOSS, subject="Raport sprzedaży jest pusty"))
    return desk


def clerk_writes(desk: DeskAtWork, text: str = "U mnie też jest pusty.", author: str = CLERK) -> Outcome:
    """Let a colleague answer the acknowledgement, which the contact has passed on to them."""
    [outcome] = desk.receive(answer(desk.letter("new"), author, text))
    return outcome


def asked(desk: DeskAtWork) -> EmailMessage:
    return desk.letter("ask_contact", "boss@asking.test")


def test_a_colleagues_words_are_held_and_the_contact_is_asked(asking: DeskAtWork) -> None:
    asking.act(actions.resolve, 1001, "Gotowe.")
    before = len(asking.outbox())
    outcome = clerk_writes(asking)

    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "held_for_contact")
    assert asking.told(before) == [
        ("ask_contact", "boss@asking.test"),
        ("notice_comment", "anna@desk.example.org"),
        ("notice_comment", "piotr@desk.example.org"),
    ]
    held = asking.comments[-1]
    assert (held.standing, held.standing_reason) == (Standing.HELD, Ground.CONTACT_ASKED)
    assert asking.ticket().state is State.RESOLVED
    assert asking.participants(1001) == {"boss@asking.test"}


def test_the_question_names_the_address_and_shows_none_of_the_words(asking: DeskAtWork) -> None:
    clerk_writes(asking, "Proszę zapłacić na to konto.")
    letter = asked(asking)

    assert "clerk@asking.test" in text_of(letter)
    assert "na to konto" not in letter.as_string()
    assert "Clerk" not in text_of(letter)
    assert "+s1-1001-" in str(letter["Reply-To"])
    assert letter["Message-ID"].startswith("<s1.1001.")
    assert letter["Auto-Submitted"] == "auto-generated"


def test_consultants_see_the_held_words_and_why_they_are_held(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    notice = asking.letter("notice_comment", "anna@desk.example.org")

    assert "U mnie też jest pusty." in text_of(notice)
    assert "Zapytaliśmy kontakt" in text_of(notice)
    assert "pozostanie wewnętrzna" in text_of(notice)  # an answer would reach the others, not the colleague


@pytest.mark.parametrize("word", ["tak", "Tak, zgadzam się.", "Dzień dobry,\ntak", "Yes please"])
def test_a_yes_takes_the_words_in_as_if_they_came_now(asking: DeskAtWork, word: str) -> None:
    clerk_writes(asking)
    asking.act(actions.resolve, 1001, "Gotowe.")
    asking.wait(hours=2)
    before = len(asking.outbox())
    [outcome] = asking.receive(answer(asked(asking), BOSS, word))

    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "contact_said_yes")
    clerk, boss = asking.comments[1], asking.comments[-1]
    assert (clerk.standing, clerk.standing_reason) == (Standing.CONFIRMED, Ground.CONTACT_SAID_YES)
    assert (boss.visibility, boss.author_addr) == (Visibility.INTERNAL, "boss@asking.test")
    ticket = asking.ticket()
    assert (ticket.state, ticket.waiting_since, ticket.clock_from) == (State.OPEN, asking.now, asking.now)
    assert asking.participants(1001) == {"boss@asking.test", "clerk@asking.test"}
    assert asking.told(before) == [
        ("comment", "boss@asking.test"),
        ("notice_comment", "anna@desk.example.org"),
        ("notice_comment", "piotr@desk.example.org"),
    ]
    assert "U mnie też jest pusty." in text_of(asking.letter("comment"))


def test_who_was_let_in_writes_like_anybody_else(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    asking.receive(answer(asked(asking), BOSS, "tak"))
    assert clerk_writes(asking, "Dziękuję, czekam.").reason == "reply"


@pytest.mark.parametrize("word", ["nie", "No, thanks."])
def test_a_no_leaves_the_words_among_consultants_and_sends_the_colleague_to_the_contact(
    asking: DeskAtWork, word: str
) -> None:
    clerk_writes(asking)
    before = len(asking.outbox())
    [outcome] = asking.receive(answer(asked(asking), BOSS, word))

    assert outcome.reason == "contact_said_no"
    held = asking.comments[1]
    assert (held.standing, held.standing_reason) == (Standing.UNCONFIRMED, Ground.CONTACT_SAID_NO)
    assert asking.told(before) == [
        ("notice_changed", "anna@desk.example.org"),
        ("notice_changed", "piotr@desk.example.org"),
        ("turned_away", "clerk@asking.test"),
    ]
    assert "boss@asking.test" in text_of(asking.letter("turned_away"))
    assert "kontakt klienta odmówił" in text_of(asking.letter("notice_changed", "anna@desk.example.org"))
    assert asking.participants(1001) == {"boss@asking.test"}


def test_silence_lapses_after_one_business_day_with_notice(asking: DeskAtWork) -> None:
    clerk_writes(asking)  # Tuesday at noon
    lapses_at = asking.now + timedelta(days=1, hours=5)  # Wednesday 17:00
    with asking.database.read() as session:
        planned = [row for row in agenda(session, asking.desk, asking.now, lapses_at) if row.event == "lapse"]
    assert [(row.at, row.ticket) for row in planned] == [(lapses_at, asking.desk.key_of(asking.ticket()))]
    asking.now = lapses_at - timedelta(minutes=1)
    all_due(asking.database, asking.desk, asking.clock)
    assert asking.comments[-1].standing is Standing.HELD
    asking.now = lapses_at
    before = len(asking.outbox())
    all_due(asking.database, asking.desk, asking.clock)
    all_due(asking.database, asking.desk, asking.clock)

    assert asking.comments[-1].standing_reason == Ground.CONTACT_SILENT
    told = [one for one in asking.told(before) if not one[0].startswith(("notice_deadline", "notice_digest"))]
    assert told == [
        ("notice_changed", "anna@desk.example.org"),
        ("notice_changed", "piotr@desk.example.org"),
        ("turned_away", "clerk@asking.test"),
    ]
    assert "nie potwierdziła w terminie" in text_of(asking.letter("turned_away"))


def test_a_yes_that_comes_too_late_is_a_word_like_any_other(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    asking.wait(days=2)
    all_due(asking.database, asking.desk, asking.clock)
    [outcome] = asking.receive(answer(asked(asking), BOSS, "tak"))

    assert outcome.reason == "reply"
    assert asking.comments[1].standing is Standing.UNCONFIRMED


def test_two_mails_of_a_colleague_ask_once_and_are_taken_in_together(asking: DeskAtWork) -> None:
    clerk_writes(asking, "Pierwsza.")
    clerk_writes(asking, "Druga.")
    assert len(asking.rows(QuestionRow)) == 1
    asking.receive(answer(asked(asking), BOSS, "tak"))
    assert [row.standing for row in asking.comments if row.author_addr == "clerk@asking.test"] == [
        Standing.CONFIRMED,
        Standing.CONFIRMED,
    ]


def test_an_answer_that_is_neither_is_a_word_of_the_contacts_and_the_question_stays(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    [outcome] = asking.receive(answer(asked(asking), BOSS, "Kto to jest?"))

    assert outcome.reason == "reply"
    assert [row.state for row in asking.rows(QuestionRow)] == [QuestionState.OPEN]


def test_nobody_but_who_was_asked_can_say_yes(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    asking.receive(answer(asked(asking), CLERK, "tak"))
    asking.receive(answer(asked(asking), DEPUTY, "tak"))
    assert [row.state for row in asking.rows(QuestionRow)] == [QuestionState.OPEN]


def test_a_machine_says_no_yes(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    asking.receive(out_of_office(asked(asking), BOSS))
    assert [row.state for row in asking.rows(QuestionRow)] == [QuestionState.OPEN]


def test_the_signed_address_alone_carries_a_yes(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    address = str(asked(asking)["Reply-To"].addresses[0].addr_spec)
    [outcome] = asking.receive(write(BOSS, address, "Odp.", "Tak"))
    assert outcome.reason == "contact_said_yes"


def test_a_tak_to_an_ordinary_mail_is_no_answer(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    [outcome] = asking.receive(answer(asking.letter("new"), BOSS, "tak"))
    assert outcome.reason == "reply"
    assert asking.comments[1].standing is Standing.HELD


def test_another_contact_of_the_customer_needs_nobodys_leave(asking: DeskAtWork) -> None:
    assert clerk_writes(asking, author=DEPUTY).reason == "reply"


def test_without_a_contact_to_ask_the_words_stay_among_consultants(asking: DeskAtWork) -> None:
    asking.receive(write("First <first@alone.test>", subject="Inna sprawa zupełnie"))
    before = len(asking.outbox())
    outcome = clerk_writes(asking, author="Second <second@alone.test>")
    assert outcome.reason == "unconfirmed_author"
    assert {kind for kind, _ in asking.told(before)} == {"notice_comment"}


def test_a_consultant_can_take_held_words_in(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    done = asking.act(verdicts.accept, 1001, "", str(asking.comments[-1].id))

    assert done.refused == ""
    assert asking.comments[-1].standing_reason == Ground.TAKEN_IN
    assert asking.participants(1001) == {"boss@asking.test", "clerk@asking.test"}
    assert [row.state for row in asking.rows(QuestionRow)] == [QuestionState.YES]
    again = asking.act(verdicts.accept, 1001, "", str(asking.comments[-1].id))
    assert (again.unchanged, bool(again.refused)) == (True, True)


def test_the_notice_of_words_that_were_let_in_goes_on_from_an_absent_consultant(asking: DeskAtWork) -> None:
    asking.act(actions.assign, 1001, "", "anna@desk.example.org")
    clerk_writes(asking)
    asking.receive(answer(asked(asking), BOSS, "Tak"))
    before = len(asking.outbox())
    asking.receive(out_of_office(asking.letter("notice_comment", "anna@desk.example.org"), ANNA))
    assert asking.told(before) == [("notice_comment", "piotr@desk.example.org")]
    assert "U mnie też jest pusty." in text_of(asking.letter("notice_comment", "piotr@desk.example.org"))


def test_words_that_were_let_in_can_be_split_off_by_an_answer_to_their_notice(asking: DeskAtWork) -> None:
    clerk_writes(asking)
    asking.receive(answer(asked(asking), BOSS, "Tak"))
    asking.receive(answer(asking.letter("notice_comment", "anna@desk.example.org"), ANNA, "#split"))
    assert [row.requester_addr for row in asking.tickets] == ["boss@asking.test", "clerk@asking.test"]


def test_where_only_contacts_are_let_in_a_colleague_is_sent_to_them_once_a_day(desk: DeskAtWork) -> None:
    desk.receive(write("Boss <boss@strict.test>"))
    before = len(desk.outbox())
    intern = "Intern <intern@strict.test>"
    outcomes = [desk.receive(answer(desk.letter("new"), intern, text))[0] for text in ("Raz.", "Dwa.")]

    assert [outcome.reason for outcome in outcomes] == ["unconfirmed_author"] * 2
    told = desk.told(before)
    assert [one for one in told if one[0] != "notice_comment"] == [("turned_away", "intern@strict.test")]
    assert "boss@strict.test" in text_of(desk.letter("turned_away"))
    assert desk.comments[-1].standing_reason == Ground.CONTACTS_ONLY
    assert desk.participants(1001) == {"boss@strict.test"}


def test_a_customers_second_address_takes_part_once_a_consultant_has_let_it_in(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    at_home = "Jan Kowal <jan.kowal@gmail.com>"
    [first] = desk.receive(answer(desk.letter("new"), at_home, "Piszę z domu, nadal nie działa."))
    assert first.reason == "unconfirmed_author"
    desk.receive(answer(desk.letter("notice_comment", "anna@desk.example.org"), ANNA, "#przyjmij"))
    assert desk.participants(1001) == {"jan@acme.test", "jan.kowal@gmail.com"}
    [second] = desk.receive(answer(desk.letter("new"), at_home, "Już działa."))
    assert second.reason == "reply"


def test_an_address_elsewhere_that_the_rules_name_is_a_contact_of_the_customers_like_any_other(
    database: Database,
) -> None:
    more = "\n  DOM: { domains: [dom.test], plan: GOLD, contacts: [jan@dom.test, jan.dom@gmail.com], others: refuse }\n"
    desk = DeskAtWork(database, more)
    [outcome] = desk.receive(write("Jan Dom <jan.dom@gmail.com>"))
    assert outcome.reason == "new_ticket"
    assert (desk.ticket().organisation, desk.ticket().plan) == ("DOM", "GOLD")
    assert desk.told()[0] == ("new", "jan.dom@gmail.com")
