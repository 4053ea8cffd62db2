"""Phone calls: the customer is asked to confirm; any word of theirs will do, and silence lets the ticket lapse."""

from __future__ import annotations

import pytest

from helpdesk.desk.terms import Origin, Person, State
from helpdesk.services import actions, registration, visits
from helpdesk.services.actions import Act, Done
from helpdesk.services.agenda import agenda
from helpdesk.services.calls import lapse_calls
from helpdesk.services.desk import Unit
from helpdesk.store.tables import CallRow
from tests.desk.calendars import local
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import JAN, answer, out_of_office

ANNA, PIOTR, JAN_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "jan@acme.test"


def called(desk: DeskAtWork, **how: object) -> None:
    """Write a call of Jan's down on Tuesday at noon; the queue's hours are 9 to 17."""
    with desk.database.begin() as session:
        act = Act(Person("Anna Nowak", ANNA), "Drukarka na parterze stoi.", silent=bool(how.get("silent")))
        done = registration.create(
            Unit(session, desk.desk, desk.now),
            act,
            queue="DYNAMICS",
            requester=Person("", JAN_ADDR),
            subject="Drukarka",
            phone=True,
        )
        assert isinstance(done, Done)


def lapsed_at(desk: DeskAtWork, time: str) -> int:
    desk.now = local(time)
    return lapse_calls(desk.database, desk.desk, desk.clock)


def test_a_call_is_acknowledged_and_the_customer_asked_to_confirm_it(desk: DeskAtWork) -> None:
    called(desk)
    assert desk.ticket().origin is Origin.PHONE
    assert ("confirm_call", JAN_ADDR) in desk.told()
    assert ("new", JAN_ADDR) in desk.told()
    text = text_of(desk.letter("confirm_call"))
    assert "> Drukarka na parterze stoi." in text
    assert "środa, 25 listopada 2026, 17:00" in text
    assert ANNA not in desk.letter("confirm_call").as_string()


@pytest.mark.parametrize("words", ["tak", "Tak, potwierdzam. Proszę o szybką pomoc.", "To była Ewa, nie ja."])
def test_any_answer_of_the_customers_confirms_it(desk: DeskAtWork, words: str) -> None:
    called(desk)
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("confirm_call"), JAN, words))
    [call] = desk.rows(CallRow)
    assert call.confirmed
    assert "call_confirmed" in desk.history(1001)
    assert ("notice_comment", ANNA) in desk.told(before)
    assert lapsed_at(desk, "2026-11-25T17:00") == 0
    assert desk.ticket().state is State.NEW


def test_a_word_on_the_acknowledgement_confirms_as_well(desk: DeskAtWork) -> None:
    called(desk)
    desk.receive(answer(desk.letter("new"), JAN, "Zgadza się."))
    assert desk.rows(CallRow)[0].confirmed


def test_an_out_of_office_confirms_nothing(desk: DeskAtWork) -> None:
    called(desk)
    desk.receive(out_of_office(desk.letter("confirm_call"), JAN))
    assert not desk.rows(CallRow)[0].confirmed
    assert lapsed_at(desk, "2026-11-25T17:00") == 1


def test_an_unconfirmed_call_lapses_at_the_end_of_the_next_business_day_with_notice(desk: DeskAtWork) -> None:
    called(desk)
    before = len(desk.outbox())
    assert [lapsed_at(desk, time) for time in ("2026-11-25T16:59", "2026-11-25T17:00", "2026-11-25T17:01")] == [0, 1, 0]
    assert desk.ticket().state is State.CLOSED
    assert desk.told(before) == [("closed", JAN_ADDR), ("notice_changed", ANNA), ("notice_changed", PIOTR)]
    assert "nie otrzymaliśmy jego potwierdzenia" in text_of(desk.letter("closed"))
    assert "nie potwierdził rozmowy" in text_of(desk.letter("notice_changed", ANNA))


def test_a_lapse_that_was_missed_waits_for_the_morning(desk: DeskAtWork) -> None:
    called(desk)
    assert lapsed_at(desk, "2026-11-25T23:00") == 0
    assert lapsed_at(desk, "2026-11-26T09:00") == 1


def test_a_late_word_wakes_the_ticket_and_confirms_the_call(desk: DeskAtWork) -> None:
    called(desk)
    lapsed_at(desk, "2026-11-25T17:00")
    desk.wait(hours=20)
    desk.receive(answer(desk.letter("closed"), JAN, "Tak, sprawa jest aktualna."))
    assert desk.ticket().state is State.OPEN
    assert desk.rows(CallRow)[0].confirmed


def test_what_was_resolved_meanwhile_does_not_lapse(desk: DeskAtWork) -> None:
    called(desk)
    desk.act(actions.resolve, 1001, "Naprawione.")
    before = len(desk.outbox())
    assert lapsed_at(desk, "2026-11-25T17:00") == 0
    assert desk.told(before) == []
    assert desk.ticket().state is State.RESOLVED


def test_a_call_written_down_in_silence_asks_nobody(desk: DeskAtWork) -> None:
    called(desk, silent=True)
    assert JAN_ADDR not in [recipient for _, recipient in desk.told()]
    assert desk.rows(CallRow) == []
    assert lapsed_at(desk, "2026-11-25T17:00") == 0


def test_the_agenda_foretells_the_lapse(desk: DeskAtWork) -> None:
    called(desk)
    with desk.database.read() as session:
        found = agenda(session, desk.desk, desk.now, local("2026-11-25T17:00"))
    [line] = [each for each in found if each.event == "lapse"]
    assert (line.at, line.why) == (
        local("2026-11-25T17:00"),
        "jan@acme.test was asked 2026-11-24 12:00 to confirm a call",
    )


def test_a_call_that_lapses_calls_its_visit_off(desk: DeskAtWork) -> None:
    called(desk)
    desk.act(visits.visit, 1001, "", "2026-12-14 10:00 60m")
    before = len(desk.outbox())
    assert lapsed_at(desk, "2026-11-25 17:00") == 1
    assert ("invitation_cancelled", JAN_ADDR) in desk.told(before)
    assert ("notice_visit", ANNA) in desk.told(before)
