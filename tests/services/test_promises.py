"""Promises: they bind or not for a reason, are told of kindly, and move only when a person says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import GuaranteeReason, State
from helpdesk.services import actions, promises, timesheet
from helpdesk.services.agenda import agenda
from helpdesk.services.desk import Unit
from helpdesk.services.promises import Moved
from helpdesk.services.timers import all_due
from helpdesk.store.tables import HistoryRow
from helpdesk.store.unit_of_work import Database
from tests.desk.calendars import local
from tests.services.desk_at_work import text_of
from tests.services.mails import write
from tests.services.shipped_desk import COMMUNITY, PREMIUM, STANDARD, START, ShippedDesk


@pytest.fixture
def desk(database: Database) -> ShippedDesk:
    return ShippedDesk(database)


def opening_earlier(rules: Rules) -> Rules:
    """Return the rules with START's hours from 6 to 14."""
    start = replace(rules.calendars["start"], weekly=(((6 * 60, 14 * 60),),) * 5 + ((),) * 2)
    return replace(rules, calendars={**rules.calendars, "start": start}, version_hash="abcdef" * 10)


def moved(desk: ShippedDesk, rules: Rules, *, recompute: bool = False) -> list[Moved]:
    other = replace(desk.desk, rules=rules)
    with desk.database.begin() as session:
        unit = Unit(session, other, desk.now)
        return promises.recompute(unit) if recompute else promises.moved(unit)


def covered_mails(desk: ShippedDesk) -> list[str]:
    return [recipient for kind, recipient in desk.told() if kind == "not_covered"]


def test_an_error_of_community_is_acknowledged_and_nothing_more(desk: ShippedDesk) -> None:
    desk.asked(COMMUNITY)

    assert covered_mails(desk) == []


def test_the_kind_mail_goes_where_its_reader_wants_their_mail(desk: ShippedDesk) -> None:
    desk.at("2026-11-24T12:00")
    fields = {"Reply-To": "biuro@warsztat.example"}
    desk.receive(write(COMMUNITY, "PomocPROPHIX@helpdesk.example", "Pytanie o raporty", fields=fields))
    assert covered_mails(desk) == ["biuro@warsztat.example"]


def test_a_rule_that_says_other_sends_the_kind_mail_once(desk: ShippedDesk) -> None:
    number = desk.asked(COMMUNITY, "Pytanie o raporty")

    assert covered_mails(desk) == ["szef@warsztat.example"]
    assert desk.ticket(number).guarantee_reason is GuaranteeReason.NOT_COVERED
    text = text_of(desk.letter("not_covered"))
    assert "Państwa plan wsparcia (COMMUNITY) obejmuje zgłaszanie błędów" in text
    assert "Zareagujemy" not in text_of(desk.letter("new"))


def test_a_consultant_who_says_other_sends_it_once_whatever_follows(desk: ShippedDesk) -> None:
    number = desk.asked(COMMUNITY)
    for kind in ("other", "error", "other"):
        desk.does(actions.set_kind, number, "", kind)

    assert covered_mails(desk) == ["szef@warsztat.example"]
    assert desk.ticket(number).guarantee_reason is GuaranteeReason.NOT_COVERED
    assert desk.history(number).count("guarantee") == 3


def test_a_silent_change_of_kind_sends_nothing(desk: ShippedDesk) -> None:
    desk.does(actions.set_kind, desk.asked(COMMUNITY), "", "other", silent=True)

    assert covered_mails(desk) == []


def test_plans_that_cover_questions_say_nothing(desk: ShippedDesk) -> None:
    desk.does(actions.set_kind, desk.asked(START), "", "other")

    assert covered_mails(desk) == []


def test_a_machines_question_gets_no_kind_mail(desk: ShippedDesk) -> None:
    mail = write(COMMUNITY, "PomocPROPHIX@helpdesk.example", "Pytanie", fields={"Auto-Submitted": "auto-generated"})
    desk.receive(mail)

    assert (len(desk.tickets), covered_mails(desk)) == (1, [])


def test_editing_a_calendar_moves_no_promise_by_itself(desk: ShippedDesk) -> None:
    number = desk.asked(START, time="2026-11-24T15:00")
    desk.under(rules=opening_earlier(desk.desk.rules))

    assert desk.ticket(number).react_by == local("2026-11-25T15:00")


def test_the_difference_that_other_hours_would_make_is_foretold(desk: ShippedDesk) -> None:
    desk.asked(START, time="2026-11-24T15:00")
    desk.asked(STANDARD, time="2026-11-24T15:00")
    desk.asked(PREMIUM, time="2026-11-24T15:00")
    answered = desk.asked(START, time="2026-11-24T15:00")
    desk.does(actions.comment, answered, "Patrzę.")
    desk.at("2026-11-25T14:30")

    [found] = moved(desk, opening_earlier(desk.desk.rules))

    assert (found.old, found.new) == (local("2026-11-25T15:00"), local("2026-11-25T14:00"))
    assert found.overdue
    assert desk.ticket(1001).react_by == found.old


def test_recomputing_moves_them_with_a_line_of_history(desk: ShippedDesk) -> None:
    number = desk.asked(START, time="2026-11-24T15:00")
    rules = opening_earlier(desk.desk.rules)

    assert len(moved(desk, rules, recompute=True)) == 1
    assert moved(desk, rules) == []

    ticket, line = desk.ticket(number), desk.rows(HistoryRow)[-1]
    assert (ticket.received_at, ticket.react_by) == (local("2026-11-25T06:00"), local("2026-11-25T14:00"))
    assert (line.event, line.by, line.reason) == ("react_by", "clock", "recomputed by rules abcdefabcdef")
    assert (line.old, line.new) == ("2026-11-25T14:00+00:00", "2026-11-25T13:00+00:00")


def test_the_calendar_that_a_rule_chose_stays_chosen(desk: ShippedDesk) -> None:
    number = desk.asked(STANDARD, "Nie działa", "2026-11-28T10:00")

    assert desk.ticket(number).calendar == "standard_critical"
    assert moved(desk, desk.desk.rules) == []


def test_a_reopened_ticket_is_recomputed_from_its_reopening(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    desk.does(actions.resolve, number, "Zrobione.")
    desk.at("2026-11-26T15:00")
    desk.does(actions.reopen, number)

    assert moved(desk, desk.desk.rules) == []
    moved(desk, opening_earlier(desk.desk.rules), recompute=True)

    ticket = desk.ticket(number)
    assert (ticket.received_at, ticket.react_by) == (local("2026-11-24T12:00"), local("2026-11-27T14:00"))


def test_a_plan_that_loses_its_reaction_would_take_the_promise_back(desk: ShippedDesk) -> None:
    desk.asked(START)
    rules = desk.desk.rules
    acme = rules.organisations["ACME"]
    assert acme.terms is not None
    without = replace(acme, terms=replace(acme.terms, reaction=None))

    [found] = moved(desk, replace(rules, organisations={**rules.organisations, "ACME": without}))

    assert (found.new, found.overdue) == (None, False)


def test_a_ticket_can_count_from_another_time_with_a_reason(desk: ShippedDesk) -> None:
    number = desk.asked(START, time="2026-11-24T12:00")
    before = len(desk.outbox())
    done = desk.does(timesheet.set_received, number, "Klient dzwonił wcześniej", "2026-11-24T09:30")

    ticket = desk.ticket(number)
    assert not done.refused
    assert (ticket.received_at, ticket.react_by) == (local("2026-11-24T09:30"), local("2026-11-25T09:30"))
    assert [(row.event, row.reason) for row in desk.rows(HistoryRow)[-2:]] == [
        ("react_by", "Klient dzwonił wcześniej"),
        ("received_at", "Klient dzwonił wcześniej"),
    ]
    assert {kind for kind, _ in desk.told(before)} == {"notice_changed"}
    assert "Liczy się od: 2026-11-24 12:00 → 2026-11-24 09:30" in text_of(desk.letter("notice_changed"))
    assert moved(desk, desk.desk.rules) == []


@pytest.mark.parametrize(
    ("time", "reason", "why"),
    [("2026-11-24T09:30", " ", "needs a reason"), ("yesterday", "x", "no time"), ("2026-11-25T09:30", "x", "future")],
)
def test_another_time_of_receipt_is_refused(desk: ShippedDesk, time: str, reason: str, why: str) -> None:
    number = desk.asked(START)

    assert why in desk.does(timesheet.set_received, number, reason, time).refused
    assert desk.ticket(number).received_at == local("2026-11-24T12:00")


def test_the_agenda_foretells_what_the_clock_will_do(desk: ShippedDesk) -> None:
    resolved = desk.asked(STANDARD, "Wydruk", "2026-11-24T10:00")
    desk.does(actions.resolve, resolved, "Gotowe.")
    desk.asked(START, time="2026-11-24T12:00")

    with desk.database.read() as session:
        found = agenda(session, desk.desk, desk.now, desk.now + timedelta(days=8))

    mine = [(each.at, each.event, each.ticket) for each in found if each.event != "digest"]
    first, second = (desk.desk.key_of(row) for row in desk.tickets)
    assert mine == [
        (local("2026-11-25T11:00"), "warning", second),
        (local("2026-11-25T12:00"), "overdue", second),
        (local("2026-11-25T13:00"), "escalation", second),
        (local("2026-11-30T09:00"), "stale", second),
        (local("2026-12-01T17:00"), "close", first),
    ]
    assert [each.at for each in found if each.why.endswith("PROPHIX opens")][:3] == [
        local("2026-11-25T09:00"),
        local("2026-11-26T09:00"),
        local("2026-11-27T09:00"),
    ]
    whys = {each.why for each in found if each.ticket == second}
    assert whys == {"react by 2026-11-25 12:00, calendar start; nobody has reacted", "silent since 2026-11-24 12:00"}


def test_what_was_done_is_no_longer_on_the_agenda(desk: ShippedDesk) -> None:
    desk.asked(START)
    desk.at("2026-11-25T11:00")
    all_due(desk.database, desk.desk, desk.clock)

    with desk.database.read() as session:
        events = [each.event for each in agenda(session, desk.desk, desk.now, desk.now + timedelta(hours=4))]
    assert events == ["overdue", "escalation"]
    assert desk.ticket().state is State.NEW
