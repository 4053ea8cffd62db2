"""In which language customers are written to, and that it is remembered from one ticket to the next."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.desk.terms import Person
from helpdesk.services import registration
from helpdesk.services.actions import Act
from helpdesk.services.desk import Unit
from helpdesk.store.tables import ContactRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import ANNA, EWA, JAN, PROPHIX, write

ENGLISH = "Dear team, we can not open the report since this morning. Could you please have a look at it for us?"
POLISH = "Dzień dobry, od rana nie możemy otworzyć tego raportu. Czy moglibyście Państwo na to spojrzeć?"
SHORT = "Report 2026-11"


def languages(desk: DeskAtWork) -> list[str]:
    return [row.language for row in desk.tickets]


def test_a_mail_too_short_to_tell_is_answered_in_the_language_that_its_author_last_wrote_in(desk: DeskAtWork) -> None:
    for text in (SHORT, ENGLISH, SHORT, POLISH, SHORT):
        desk.wait(hours=1)
        desk.receive(write(JAN, subject=f"{text[:9]} {desk.now.hour}", text=text))

    assert languages(desk) == ["pl", "en", "en", "pl", "pl"]
    assert desk.letter("new")["Content-Language"] == "pl"
    [contact] = desk.rows(ContactRow)
    assert (contact.addr, contact.language, contact.noted_at) == ("jan@acme.test", "pl", desk.now - timedelta(hours=1))


def test_the_same_language_again_writes_nothing(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, text=ENGLISH))
    [before] = desk.rows(ContactRow)
    desk.wait(days=1)
    desk.receive(write("JAN@acme.test", text=ENGLISH))

    assert [row.noted_at for row in desk.rows(ContactRow)] == [before.noted_at]


def test_a_language_that_the_queue_does_not_speak_is_not_taken(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, text=ENGLISH))
    desk.receive(write(JAN, PROPHIX, text=SHORT))

    assert languages(desk) == ["en", "pl"]


def test_one_persons_language_is_nobody_elses(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, text=ENGLISH), write(EWA, text=SHORT))

    assert languages(desk) == ["en", "pl"]


def test_a_consultants_mail_is_no_customers_language(desk: DeskAtWork) -> None:
    desk.receive(write(ANNA, text=ENGLISH))

    assert desk.rows(ContactRow) == []


def test_who_calls_is_acknowledged_in_the_language_that_they_write_in(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, text=ENGLISH))
    act = Act(Person("Anna Nowak", "anna@desk.example.org"), "Dzwonił.")
    with desk.database.begin() as session:
        unit = Unit(session, desk.desk, desk.now)
        registration.create(unit, act, queue="DYNAMICS", requester=Person("", "jan@acme.test"), subject="Telefon")

    assert languages(desk) == ["en", "en"]


def test_a_rule_goes_before_everything(database: Database) -> None:
    desk = DeskAtWork(database, "\nrules: [{ name: r, when: { subject: Faktura }, then: { language: pl } }]\n")
    desk.receive(write(JAN, text=ENGLISH))

    assert languages(desk) == ["pl"]
