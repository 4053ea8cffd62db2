"""Silence: a customer we wait for is reminded, then the consultant; a ticket that nobody touches finds its voice."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.desk.spans import DateRange
from helpdesk.services import absences, actions
from helpdesk.services.agenda import agenda
from helpdesk.services.desk import Unit
from helpdesk.services.reminders import remind
from helpdesk.services.timers import close_resolved
from helpdesk.store.unit_of_work import Database
from tests.desk.calendars import local
from tests.services.desk_at_work import RULES, DeskAtWork, rules_of, text_of
from tests.services.mails import EWA, JAN, answer, write

ANNA, PIOTR, JAN_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "jan@acme.test"
QUESTION = "Jaka to drukarka?"


def tick(desk: DeskAtWork, time: str) -> list[tuple[str, str]]:
    """Let the clock look at silences at that time in Warsaw; return whom it wrote to."""
    before = len(desk.outbox())
    desk.now = local(time)
    remind(desk.database, desk.desk, desk.clock)
    return desk.told(before)


def pending(desk: DeskAtWork) -> None:
    """Ask Jan something on Tuesday at noon, and wait for him."""
    desk.receive(write(JAN, fields={"Cc": EWA}))
    desk.act(actions.assign, 1001, "", ANNA)
    desk.act(actions.pend, 1001, QUESTION)


def foretold(desk: DeskAtWork, until: str) -> list[tuple[str, str]]:
    with desk.database.read() as session:
        found = agenda(session, desk.desk, desk.now, local(until))
    return [(each.event, f"{each.at:%m-%d %H:%M}") for each in found if each.event in ("reminder", "stale")]


def test_a_customer_is_reminded_twice_in_the_morning_and_then_the_consultant_is_told(desk: DeskAtWork) -> None:
    pending(desk)
    times = ("27T17:00", "30T08:59", "30T09:00", "30T09:01", "30T16:00")
    assert [tick(desk, f"2026-11-{each}") for each in times] == [[], [], [("reminder", JAN_ADDR)], [], []]
    assert tick(desk, "2026-12-02T12:00") == []
    assert tick(desk, "2026-12-03T09:00") == [("reminder", JAN_ADDR)]
    assert tick(desk, "2026-12-08T09:00") == [("notice_stale", ANNA)]
    assert tick(desk, "2026-12-31T12:00") == []
    assert desk.history(1001).count("reminded") == 2


def test_a_reminder_goes_where_the_customer_wants_their_mail(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, fields={"Reply-To": "biuro@acme.test"}))
    desk.act(actions.pend, 1001, QUESTION)
    assert tick(desk, "2026-11-30T09:00") == [("reminder", "biuro@acme.test")]


def test_a_reminder_repeats_the_question_and_is_a_machines_mail(desk: DeskAtWork) -> None:
    pending(desk)
    tick(desk, "2026-11-30T09:00")
    mail = desk.letter("reminder")
    assert f"> {QUESTION}" in text_of(mail)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert ANNA not in mail.as_string() + text_of(mail)


def test_an_answer_to_a_reminder_ends_the_waiting(desk: DeskAtWork) -> None:
    pending(desk)
    tick(desk, "2026-11-30T09:00")
    desk.receive(answer(desk.letter("reminder"), JAN, "To LaserJet."))
    assert desk.ticket().state == "open"
    assert [each for each in tick(desk, "2026-12-03T09:00") if each[0] == "reminder"] == []


def test_another_question_begins_the_waiting_anew(desk: DeskAtWork) -> None:
    pending(desk)
    desk.now = local("2026-11-27T12:00")
    desk.act(actions.comment, 1001, "I jaki system?")
    assert tick(desk, "2026-11-30T09:00") == []
    assert tick(desk, "2026-12-03T09:00") == [("reminder", JAN_ADDR)]
    assert "> I jaki system?" in text_of(desk.letter("reminder"))


def test_a_note_among_consultants_does_not(desk: DeskAtWork) -> None:
    pending(desk)
    desk.now = local("2026-11-27T12:00")
    desk.act(actions.note, 1001, "Pewnie LaserJet.")
    assert tick(desk, "2026-11-30T09:00") == [("reminder", JAN_ADDR)]


@pytest.mark.parametrize("time", ["2026-11-30T22:00", "2026-12-06T12:00", "2026-12-24T10:00"])
def test_nobody_is_reminded_at_night_or_on_a_day_off(desk: DeskAtWork, time: str) -> None:
    pending(desk)
    assert tick(desk, time) == []


def test_of_what_was_missed_only_the_latest_is_said(desk: DeskAtWork) -> None:
    pending(desk)
    assert tick(desk, "2026-12-03T10:00") == [("reminder", JAN_ADDR)]
    assert tick(desk, "2026-12-03T10:01") == []


def test_what_was_due_long_ago_is_not_said_at_all(desk: DeskAtWork) -> None:
    pending(desk)
    assert tick(desk, "2027-03-01T10:00") == []


def test_reminders_can_be_switched_off(database: Database) -> None:
    rules = rules_of(RULES + "lifecycle: { remind_pending_times: 0 }\n")
    desk = DeskAtWork(database).under(rules=rules)
    pending(desk)
    assert tick(desk, "2026-11-30T09:00") == [("notice_stale", ANNA)]


def test_a_ticket_that_nobody_touches_reminds_its_assignee_again_and_again(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(actions.assign, 1001, "", ANNA)
    assert tick(desk, "2026-11-30T09:00") == [("notice_stale", ANNA)]
    assert "wtorek, 24 listopada 2026, 12:00" in text_of(desk.letter("notice_stale"))
    assert tick(desk, "2026-11-30T09:01") == []
    assert tick(desk, "2026-12-03T09:00") == [("notice_stale", ANNA)]


def test_one_word_on_it_is_enough(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(actions.assign, 1001, "", ANNA)
    desk.now = local("2026-11-26T12:00")
    desk.act(actions.note, 1001, "Czekam na dostawcę.")
    assert tick(desk, "2026-11-30T09:00") == []
    assert tick(desk, "2026-12-02T09:00") == [("notice_stale", ANNA)]


def test_nobodys_ticket_reminds_the_queue_and_an_absentees_who_stands_in(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    assert tick(desk, "2026-11-30T09:00") == [("notice_stale", ANNA), ("notice_stale", PIOTR)]
    desk.act(actions.assign, 1001, "", ANNA)
    with desk.database.begin() as session:
        days = DateRange(date(2026, 12, 1), date(2026, 12, 31))
        absences.note(Unit(session, desk.desk, desk.now), ANNA, days, None)
    assert tick(desk, "2026-12-04T09:00") == [("notice_stale", ANNA), ("notice_stale", PIOTR)]


def test_the_agenda_foretells_the_next_reminder_and_forgets_it_once_it_is_said(desk: DeskAtWork) -> None:
    pending(desk)
    assert foretold(desk, "2026-12-31T12:00") == [("reminder", "11-30 08:00")]
    tick(desk, "2026-11-30T09:00")
    assert foretold(desk, "2026-12-31T12:00") == [("reminder", "12-03 08:00")]


def test_resolved_tickets_close_at_the_end_of_the_last_day_or_in_working_hours(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(actions.resolve, 1001, "Zrobione.")
    closed = []
    for time in ("2026-12-01T16:59", "2026-12-01T22:00", "2026-12-02T09:00"):
        desk.now = local(time)
        closed.append(close_resolved(desk.database, desk.desk, desk.clock))
    assert closed == [0, 0, 1]


def test_resolved_tickets_close_on_time(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(actions.resolve, 1001, "Zrobione.")
    desk.now = local("2026-12-01T17:00")
    assert close_resolved(desk.database, desk.desk, desk.clock) == 1
