"""Warnings of promises that end: to whom, when, once each, whatever happens to the daemon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpdesk.desk.letter import bare_subject
from helpdesk.services import actions, timers
from helpdesk.services.deadlines import deadline_steps, warn_of_deadlines
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import text_of
from tests.services.mails import write
from tests.services.shipped_desk import STANDARD, START, ShippedDesk

EWA, BOSS = "ewa@helpdesk.example", "kierownik@helpdesk.example"


@pytest.fixture
def desk(database: Database) -> ShippedDesk:
    return ShippedDesk(database)


def told_at(desk: ShippedDesk, time: str) -> list[str]:
    """Let the clock tick at that time; return to whom warnings went."""
    before = len(desk.outbox())
    desk.at(time)
    warn_of_deadlines(desk.database, desk.desk, desk.clock)
    return [recipient for kind, recipient in desk.told(before) if kind == "notice_deadline"]


# START: eight hours from Tuesday 12:00 end on Wednesday 12:00.
def test_a_promise_is_warned_of_before_at_and_after_its_end(desk: ShippedDesk) -> None:
    desk.asked(START)
    times = ("2026-11-25T10:59", "2026-11-25T11:00", "2026-11-25T11:59", "2026-11-25T12:00", "2026-11-25T12:59")

    assert [told_at(desk, time) for time in times] == [[], [EWA], [], [EWA], []]
    assert told_at(desk, "2026-11-25T13:00") == [BOSS]
    assert told_at(desk, "2026-11-27T13:00") == []


def test_each_warning_says_how_far_it_has_come(desk: ShippedDesk) -> None:
    desk.asked(START, "Brak faktur")
    said = []
    for time in ("2026-11-25T11:00", "2026-11-25T12:00", "2026-11-25T13:00"):
        told_at(desk, time)
        letter = desk.letter("notice_deadline")
        said.append(bare_subject(str(letter["Subject"]), str(letter["X-Helpdesk-Ticket"])))
        assert "Reakcja do: środa, 25 listopada 2026, 12:00" in text_of(letter)
        assert "Dzień dobry, proszę o pomoc." in text_of(letter)
        assert letter["Auto-Submitted"] == "auto-generated"

    assert said == [
        "Zbliża się termin reakcji: Brak faktur",
        "Minął termin reakcji: Brak faktur",
        "Nadal bez reakcji po terminie: Brak faktur",
    ]


def test_a_reply_to_a_warning_stays_internal(desk: ShippedDesk) -> None:
    desk.asked(START)
    told_at(desk, "2026-11-25T11:00")

    assert not desk.outbox()[-1].answers_customer


def test_whoever_is_assigned_is_warned_and_the_queue_is_spared(desk: ShippedDesk) -> None:
    number = desk.asked(START, queue="POWERBI")
    desk.does(actions.assign, number, "", "ewa@helpdesk.example")

    assert told_at(desk, "2026-11-25T11:00") == [EWA]


def test_the_queue_is_warned_too_while_the_assignee_is_away(desk: ShippedDesk) -> None:
    number = desk.asked(START, time="2026-12-29T12:00")
    desk.does(actions.assign, number, "", "piotr@helpdesk.example")

    assert told_at(desk, "2026-12-30T11:00") == [EWA, "piotr@helpdesk.example"]


def test_after_a_reaction_nobody_is_warned(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    desk.does(actions.comment, number, "Już patrzę.")

    assert told_at(desk, "2026-11-25T12:00") == []


def test_of_stages_that_were_missed_the_latest_is_told_to_all_whom_they_concern(desk: ShippedDesk) -> None:
    desk.asked(START)

    assert told_at(desk, "2026-11-26T09:00") == [EWA, BOSS]
    assert told_at(desk, "2026-11-26T09:01") == []


def test_old_mail_of_a_mailbox_taken_over_is_not_warned_of(desk: ShippedDesk) -> None:
    desk.at("2026-11-24T12:00")
    old = desk.now - timedelta(days=40)
    desk.receive(write(START, "PomocPROPHIX@helpdesk.example"), delivered_at=old)

    assert told_at(desk, "2026-11-24T12:01") == []


def test_reopening_starts_warnings_anew(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    desk.does(actions.resolve, number, "Zrobione.")
    desk.at("2026-11-26T12:00")
    desk.does(actions.reopen, number)

    assert told_at(desk, "2026-11-27T10:59") == []
    assert told_at(desk, "2026-11-27T11:00") == [EWA]


def test_a_short_reaction_is_warned_of_when_a_quarter_is_left(desk: ShippedDesk) -> None:
    desk.asked("noc@klinika.example", time="2026-11-28T23:00")  # one hour, day and night

    assert told_at(desk, "2026-11-28T23:44") == []
    assert told_at(desk, "2026-11-28T23:45") == [EWA]


def test_a_timer_that_fails_keeps_none_of_the_others_back(desk: ShippedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise RuntimeError("of nobody's foreseeing")

    desk.asked(START)
    desk.at("2026-11-25T11:00")
    monkeypatch.setitem(timers.DUE, "digests", fails)

    assert timers.all_due(desk.database, desk.desk, desk.clock) == 1


def test_a_deadline_is_explained_by_its_slices_of_working_time(desk: ShippedDesk) -> None:
    ticket = desk.ticket(desk.asked(STANDARD, time="2026-11-27T16:00"))

    steps = [(step.step, step.outcome, step.why) for step in deadline_steps(desk.desk, ticket)]

    assert steps == [
        ("working time", "Fri 2026-11-27 16:00–17:00", "calendar standard: 1 h, so far 1 h"),
        ("working time", "Mon 2026-11-30 07:00–10:00", "calendar standard: 3 h, so far 4 h"),
        ("deadline", "2026-11-30T10:00:00+01:00", "4 h of calendar standard; counts from 2026-11-27 16:00"),
    ]


def test_a_deadline_of_a_calendar_that_is_gone_is_still_explained(desk: ShippedDesk) -> None:
    ticket = desk.ticket(desk.asked(START))
    rules = desk.desk.rules
    desk.under(rules=replace(rules, calendars={k: v for k, v in rules.calendars.items() if k != "start"}))

    [step] = deadline_steps(desk.desk, ticket)

    assert "'start' that is gone" in step.why
