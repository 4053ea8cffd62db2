"""A colleague's new mail, by the customer's own rule: let in, asked about, refused (RELIABILITY 3.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import Disposition, Standing, State
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.services import regroup, verdicts
from helpdesk.services.desk import Witness
from helpdesk.services.line import Outcome
from helpdesk.services.timers import all_due
from helpdesk.store.tables import QuestionRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import RULES, DeskAtWork, rules_of, text_of
from tests.services.mails import answer, write

MORE = """
  ASKING: { domains: [asking.test], plan: GOLD, contacts: [boss@asking.test], others: ask_contact }
"""
RING = Keyring("desk.example.org", (SigningKey("1", b"master"),))
BOSS, CLERK, INTERN = "Boss <boss@asking.test>", "Clerk <clerk@asking.test>", "Intern <intern@strict.test>"
ANNA, PIOTR = "anna@desk.example.org", "piotr@desk.example.org"
NOTICES = [("notice_opened", ANNA), ("notice_opened", PIOTR)]


@pytest.fixture
def asking(database: Database) -> DeskAtWork:
    """A desk with a customer that wants its contact asked about its people."""
    return DeskAtWork(database, MORE, keyring=RING, subaddressed=frozenset({"DYNAMICS"}))


def begins(desk: DeskAtWork, author: str = CLERK, *, silent: bool = False) -> Outcome:
    [outcome] = desk.receive(write(author, subject="Proszę kliknąć tutaj", text="Raport jest pusty."), silent=silent)
    return outcome


def why(desk: DeskAtWork, step: str) -> str:
    return " ".join(each["why"] for each in desk.entry(1).trace or [] if each["step"] == step)


def test_a_colleagues_ticket_waits_for_the_contact_and_all_three_sides_know(asking: DeskAtWork) -> None:
    outcome = begins(asking)

    assert (outcome.disposition, outcome.reason) == (Disposition.OPENED, "held_for_contact")
    assert asking.told() == [
        ("ask_contact", "boss@asking.test"),
        ("awaits_contact", "clerk@asking.test"),
        *NOTICES,
    ]
    [row] = asking.comments
    assert (row.standing, row.standing_reason) == (Standing.HELD, Ground.CONTACT_ASKED)
    assert asking.participants(1001) == set()
    assert "contact is asked" in why(asking, "standing")
    assert "contact decides" in why(asking, "acknowledge")
    notice = text_of(asking.letter("notice_opened", ANNA))
    assert "Raport jest pusty." in notice
    assert "Zapytaliśmy kontakt" in notice
    assert "#przyjmij" in notice
    assert "boss@asking.test" in text_of(asking.letter("awaits_contact"))


def test_the_question_shows_nothing_that_the_colleague_chose(asking: DeskAtWork) -> None:
    begins(asking)
    letter = asking.letter("ask_contact")
    assert "clerk@asking.test" in text_of(letter)
    assert "zająć się tym zgłoszeniem" in text_of(letter)
    assert not [word for word in ("Clerk", "kliknąć", "pusty") if word in letter.as_string() + str(letter["Subject"])]


def test_the_ticket_begins_with_the_contacts_yes(asking: DeskAtWork) -> None:
    begins(asking)
    asking.wait(hours=2)
    before = len(asking.outbox())
    [outcome] = asking.receive(answer(asking.letter("ask_contact"), BOSS, "Tak"))

    assert outcome.reason == "contact_said_yes"
    assert asking.told(before) == [("new", "clerk@asking.test"), *NOTICES]
    ticket = asking.ticket()
    assert (ticket.state, ticket.waiting_since, ticket.clock_from) == (State.NEW, asking.now, asking.now)
    assert asking.participants(1001) == {"clerk@asking.test"}
    assert "liczymy od jej zgody" in text_of(asking.letter("new"))
    assert "trafi do klienta" in text_of(asking.letter("notice_opened", ANNA))
    [spoken] = asking.receive(answer(asking.letter("new"), CLERK, "I jeszcze jedno."))
    assert spoken.reason == "reply"


def test_nobody_is_late_while_the_contact_decides(asking: DeskAtWork) -> None:
    begins(asking)
    before = len(asking.outbox())
    for _ in range(28):  # until Wednesday at 16:00; the plan promises a reaction within four hours
        asking.wait(hours=1)
        all_due(asking.database, asking.desk, asking.clock)
    assert [kind for kind, _ in asking.told(before) if kind != "notice_digest"] == []
    asking.receive(answer(asking.letter("ask_contact"), BOSS, "Tak"))
    assert asking.ticket().react_by == asking.now + timedelta(hours=1 + 16 + 3)  # Thursday at noon


def test_a_no_closes_the_ticket_and_its_author_hears_why(asking: DeskAtWork) -> None:
    begins(asking)
    before = len(asking.outbox())
    asking.receive(answer(asking.letter("ask_contact"), BOSS, "Nie"))

    assert asking.told(before) == [
        ("notice_changed", ANNA),
        ("notice_changed", PIOTR),
        ("turned_away", "clerk@asking.test"),
    ]
    assert asking.ticket().state is State.CLOSED
    assert "nie zgodziła się na to zgłoszenie" in text_of(asking.letter("turned_away"))


def test_silence_closes_the_ticket_unless_a_consultant_has_taken_it_up(asking: DeskAtWork) -> None:
    begins(asking)
    begins(asking)
    with asking.database.begin() as session:
        for row in asking.rows(QuestionRow):
            assert row.lapses_at == asking.now + timedelta(days=1, hours=5)  # Wednesday 17:00
        session.connection().exec_driver_sql("UPDATE ticket SET state = 'open' WHERE number = 1002")
    asking.wait(days=1, hours=5)
    all_due(asking.database, asking.desk, asking.clock)

    assert [ticket.state for ticket in asking.tickets] == [State.CLOSED, State.OPEN]
    assert {row.standing_reason for row in asking.comments} == {Ground.CONTACT_SILENT}


def test_a_consultant_can_take_it_in_before_anybody_answers(asking: DeskAtWork) -> None:
    begins(asking)
    done = asking.act(verdicts.accept, 1001, "", str(asking.comments[0].id))
    assert not done.refused
    assert sorted((row.notification.value, row.recipient) for row in done.letters)[0] == ("new", "clerk@asking.test")
    assert "liczymy od jej zgody" not in text_of(asking.letter("new"))


def test_where_only_contacts_are_let_in_the_mail_is_kept_and_its_author_sent_to_them(desk: DeskAtWork) -> None:
    outcome = begins(desk, INTERN)

    assert (outcome.disposition, outcome.reason) == (Disposition.OPENED, "contacts_only")
    assert desk.told() == [*NOTICES, ("turned_away", "intern@strict.test")]
    assert (desk.ticket().state, desk.comments[0].standing_reason) == (State.CLOSED, Ground.CONTACTS_ONLY)
    said = text_of(desk.letter("turned_away"))
    assert "boss@strict.test" in said
    assert "tylko od osób wskazanych" in said
    assert "kliknąć" not in str(desk.letter("turned_away")["Subject"])


def test_a_refused_ticket_can_be_taken_in_and_is_live_then(desk: DeskAtWork) -> None:
    begins(desk, INTERN)
    desk.act(verdicts.accept, 1001, "", str(desk.comments[0].id))
    assert desk.ticket().state is State.OPEN
    assert desk.participants(1001) == {"intern@strict.test"}


@pytest.mark.parametrize("others", ["ask_contact", "refuse"])
def test_nobody_is_asked_or_turned_away_in_a_name_that_nothing_proves(database: Database, others: str) -> None:
    more = f"\n  WARY: {{ domains: [wary.test], plan: GOLD, contacts: [boss@wary.test], others: {others} }}\n"
    desk = DeskAtWork(database, more, witnesses={"dynamics": Witness("rfc8601", "mx.example.org")})
    outcome = begins(desk, "Clerk <clerk@wary.test>")

    assert outcome.reason == "new_ticket"
    assert desk.told() == [("new", "clerk@wary.test"), *NOTICES]
    assert "kliknąć" not in str(desk.letter("new")["Subject"])
    assert desk.comments[0].standing_reason == Ground.COLLEAGUE_UNPROVEN


def test_mail_that_would_get_no_answer_asks_nobody(asking: DeskAtWork) -> None:
    assert begins(asking, silent=True).reason == "new_ticket"
    assert asking.told() == []
    assert asking.comments[0].standing_reason == Ground.CONTACTS_ONLY


def test_a_contact_opens_tickets_as_ever(asking: DeskAtWork) -> None:
    assert begins(asking, BOSS).reason == "new_ticket"
    assert asking.told() == [("new", "boss@asking.test"), *NOTICES]


@pytest.mark.parametrize(("said", "told"), [("Nie", "turned_away"), ("Tak", "comment")])
def test_words_that_went_to_anothers_ticket_neither_end_nor_begin_it(asking: DeskAtWork, said: str, told: str) -> None:
    begins(asking)
    begins(asking, BOSS)
    assert not asking.act(regroup.merge, 1001, "", asking.desk.key_of(asking.ticket(1002))).refused
    due = asking.ticket(1002).react_by
    asking.wait(hours=1)
    before = len(asking.outbox())
    asking.receive(answer(asking.letter("ask_contact"), BOSS, said))

    assert (asking.ticket(1002).state, asking.ticket(1002).react_by) == (State.NEW, due)
    assert "new" not in [kind for kind, _ in asking.told(before)]
    assert told in [kind for kind, _ in asking.told(before)]


def test_what_the_plan_covers_is_told_when_the_ticket_begins(database: Database) -> None:
    errors_only = "  ASKING: { domains: [asking.test], plan: FREE, contacts: [boss@asking.test], others: ask_contact }"
    plans = RULES.replace("queues:\n", "  FREE: { mail: errors }\nqueues:\n", 1)
    rule = "rules:\n  - { when: { subject: kliknąć }, then: { kind: other } }\n"
    desk = DeskAtWork(database).under(rules=rules_of(f"{plans}{errors_only}\n{rule}"))
    begins(desk)
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("ask_contact"), BOSS, "Tak"))
    assert desk.told(before) == [("new", "clerk@asking.test"), ("not_covered", "clerk@asking.test"), *NOTICES]
