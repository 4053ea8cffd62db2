"""Time written down: by the plan of its day, never changed, summed up the same for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from helpdesk.desk.parties import Organisation
from helpdesk.desk.terms import GuaranteeReason
from helpdesk.services import actions, ledger, timesheet
from helpdesk.services.desk import Unit
from helpdesk.store import tickets
from helpdesk.store.tables import LedgerRow
from helpdesk.store.unit_of_work import Database
from tests.databases import statements_of
from tests.services.desk_at_work import text_of
from tests.services.mails import write
from tests.services.shipped_desk import ANNA, STANDARD, START, ShippedDesk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(database: Database) -> ShippedDesk:
    return ShippedDesk(database)


def log(desk: ShippedDesk, number: int, words: str, text: str = "") -> LedgerRow:
    """Write time down as Anna; return the entry."""
    done = desk.does(timesheet.log_time, number, text, words)
    assert not done.refused, done.refused
    row = desk.rows(LedgerRow)[-1]
    assert isinstance(row, LedgerRow)
    return row


def minutes(row: LedgerRow) -> tuple[int, int, int]:
    return row.counted // 60, row.packaged // 60, row.overage // 60


def account(desk: ShippedDesk, organisation: str, month: str) -> ledger.Account:
    with desk.database.read() as session:
        return ledger.account(session, desk.desk, desk.desk.rules.organisations[organisation], month)


def corrected(desk: ShippedDesk, number: int, reason: str = "pomyłka") -> LedgerRow | str:
    with desk.database.begin() as session:
        return ledger.correct(Unit(session, desk.desk, desk.now), number, ANNA, reason)


def test_a_session_is_charged_by_the_plan_of_its_customer(desk: ShippedDesk) -> None:
    row = log(desk, desk.asked(START), "25m remote")

    assert (row.number, row.organisation, row.plan, row.month) == (1, "ACME", "START", "2026-11")
    assert (row.worked, row.write_up, row.unit, *minutes(row)) == (25 * 60, 300, 1800, 30, 30, 0)
    assert (row.rate, row.consultant, row.ticket_key) == ("165", ANNA.addr, desk.desk.key_of(desk.ticket()))
    assert desk.history(1001)[-1] == "time"


def test_a_session_straddles_the_end_of_the_package(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    log(desk, number, "2h 25m remote")

    assert minutes(log(desk, number, "55m remote")) == (60, 30, 30)
    assert minutes(log(desk, number, "10m phone")) == (15, 0, 15)
    assert account(desk, "ACME", "2026-11").statement.amount == Decimal("82.50") + Decimal("41.25")


def test_the_start_of_a_session_decides_its_month(desk: ShippedDesk) -> None:
    number = desk.asked(START, time="2026-11-30T12:00")
    desk.at("2026-12-01T00:10")

    assert log(desk, number, "25m remote").month == "2026-11"
    assert log(desk, number, "5m remote").month == "2026-12"
    assert log(desk, number, "25m remote 2026-10-31").month == "2026-10"
    assert log(desk, number, "25m remote 2026-12-01T00:00 +0m").write_up == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("25m", "name the channel"),
        ("remote", "length of time"),
        ("25x remote", "not a length of time"),
        ("0m remote", "one minute to 24 hours"),
        ("25h remote", "one minute to 24 hours"),
        ("90s remote", "whole minutes"),
        ("25m remote 2026-11-25", "in the future"),
        ("25m remote 2026-13-01", "no such day"),
    ],
)
def test_what_makes_no_session_is_refused(desk: ShippedDesk, words: str, why: str) -> None:
    number = desk.asked(START)

    assert why in desk.does(timesheet.log_time, number, "", words).refused
    assert desk.rows(LedgerRow) == []


def test_time_for_nobodys_customer_is_refused(desk: ShippedDesk) -> None:
    refused = desk.does(timesheet.log_time, desk.asked("zed@elsewhere.test"), "", "25m remote").refused

    assert "belongs to no organisation" in refused


def test_a_counter_entry_gives_the_package_back_and_is_written_once(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    log(desk, number, "2h 55m remote")
    back = corrected(desk, 1)

    assert isinstance(back, LedgerRow)
    assert (back.number, back.corrects, *minutes(back)) == (2, 1, -180, -180, 0)
    assert minutes(log(desk, number, "25m remote")) == (30, 30, 0)
    for entry, why in ((1, "taken back already, by entry 2"), (2, "takes back entry 1"), (9, "no entry 9")):
        assert why in str(corrected(desk, entry))


@pytest.mark.parametrize("statement", ["UPDATE ledger SET counted = 0", "DELETE FROM ledger"])
def test_the_database_itself_refuses_to_change_the_ledger(desk: ShippedDesk, statement: str) -> None:
    log(desk, desk.asked(START), "25m remote")

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), desk.database.begin() as session:
        session.execute(sa.text(statement))
    assert len(desk.rows(LedgerRow)) == 1


def test_no_later_edit_changes_a_statement(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    log(desk, number, "2h remote", "zdalnie")
    log(desk, number, "2h remote")
    before = account(desk, "ACME", "2026-11")
    rules = desk.desk.rules
    acme = rules.organisations["ACME"]
    assert acme.terms is not None
    changed = replace(acme, terms=replace(acme.terms, package=9 * HOUR, rate=Decimal("1"), calendar="always"))
    desk.under(rules=replace(rules, organisations={**rules.organisations, "ACME": changed}))
    desk.does(actions.set_queue, number, "", "TARGIT")

    assert account(desk, "ACME", "2026-11") == before


def test_a_month_without_entries_shows_the_plan(desk: ShippedDesk) -> None:
    found = account(desk, "ACME", "2026-05")

    assert (found.plan, found.statement.package, found.statement.entries) == ("START", 3 * HOUR, ())


def test_packages_begin_anew_with_the_month(desk: ShippedDesk) -> None:
    number = desk.asked(START, time="2026-11-30T12:00")
    log(desk, number, "2h 55m remote")
    desk.at("2026-12-01T12:00")

    assert minutes(log(desk, number, "25m remote")) == (30, 30, 0)


def guarantee_of(desk: ShippedDesk, time: str, subject: str = "Pytanie o raporty") -> GuaranteeReason:
    """Let ACME ask at that time; return why the promise binds or not."""
    return desk.ticket(desk.asked(START, subject, time)).guarantee_reason


def test_past_the_cap_a_question_has_no_guaranteed_time_and_an_error_has(desk: ShippedDesk) -> None:
    question = desk.asked(START, "Pytanie o raporty")
    log(desk, question, "7h 59m mail 2026-11-02")
    assert guarantee_of(desk, "2026-11-24T12:30") is GuaranteeReason.HOLDS
    log(desk, question, "1m mail")

    assert guarantee_of(desk, "2026-11-24T13:00") is GuaranteeReason.CAP_REACHED
    assert "limit wsparcia" in text_of(desk.letter("new"))
    assert guarantee_of(desk, "2026-11-24T13:01", "Błąd zapisu") is GuaranteeReason.HOLDS
    assert guarantee_of(desk, "2026-12-01T13:00") is GuaranteeReason.HOLDS


def test_a_question_that_counts_from_next_month_is_under_next_months_cap(desk: ShippedDesk) -> None:
    log(desk, desk.asked(START, "Pytanie o raporty"), "8h mail")

    assert guarantee_of(desk, "2026-11-30T15:59") is GuaranteeReason.CAP_REACHED
    assert guarantee_of(desk, "2026-11-30T16:00") is GuaranteeReason.HOLDS


def test_mail_time_on_errors_uses_up_nothing(desk: ShippedDesk) -> None:
    log(desk, desk.asked(START), "9h mail")

    assert guarantee_of(desk, "2026-11-24T13:00") is GuaranteeReason.HOLDS


def test_mail_time_is_counted_anew_when_a_ticket_turns_out_to_be_no_error(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    log(desk, number, "9h mail", "analiza")
    desk.does(actions.set_kind, number, "", "other")

    assert [row.corrects for row in desk.rows(LedgerRow)] == [None, 1, None]
    assert guarantee_of(desk, "2026-11-24T13:00") is GuaranteeReason.CAP_REACHED
    assert account(desk, "ACME", "2026-11").statement.guaranteed_support_used == 9 * HOUR


def test_all_mails_of_a_batch_share_one_question_about_the_cap(sqlite_database: Database) -> None:
    desk = ShippedDesk(sqlite_database)
    log(desk, desk.asked(START, "Pytanie o raporty"), "8h mail")
    seen = statements_of(sqlite_database)

    desk.receive(*(write(START, "PomocPROPHIX@helpdesk.example", f"Pytanie {n}") for n in range(5)))

    assert len([statement for statement in seen if "ledger" in statement]) == 1
    assert {row.guarantee_reason for row in desk.tickets[1:]} == {GuaranteeReason.CAP_REACHED}


def test_the_resolved_mail_tells_the_balance_when_time_was_spent(desk: ShippedDesk) -> None:
    number = desk.asked(START)
    log(desk, number, "1h 25m remote")
    desk.does(actions.resolve, number, "Gotowe.")

    text = text_of(desk.letter("resolved"))
    assert "Czas pracy nad zgłoszeniem: 1 h 30 min" in text
    assert "Pakiet godzin, listopad 2026: pozostało 1 h 30 min z 3 h" in text
    assert "poza pakietem" not in text


def test_without_time_spent_or_for_an_outsider_there_is_no_balance(desk: ShippedDesk) -> None:
    quiet, paid = desk.asked(STANDARD), desk.asked(START)
    log(desk, quiet, "20m mail")
    log(desk, paid, "20m remote")
    desk.does(actions.let_in, paid, "", "zed@elsewhere.test")
    desk.does(actions.resolve, quiet, "Gotowe.")
    desk.does(actions.resolve, paid, "Gotowe.")

    assert "Czas pracy" not in text_of(desk.letter("resolved", "it@budex.example"))
    assert "Czas pracy" not in text_of(desk.letter("resolved", "zed@elsewhere.test"))
    assert "Czas pracy" in text_of(desk.letter("resolved", "jan@acme.example"))


def test_closing_in_one_act_tells_the_balance_and_closing_later_does_not_repeat_it(desk: ShippedDesk) -> None:
    once, twice = desk.asked(START), desk.asked(STANDARD)
    for number in (once, twice):
        log(desk, number, "20m remote")
    desk.does(actions.close, once, "Gotowe.")
    desk.does(actions.resolve, twice, "Gotowe.")
    desk.does(actions.close, twice)

    assert "Czas pracy" in text_of(desk.letter("closed", "jan@acme.example"))
    assert "Czas pracy" not in text_of(desk.letter("closed", "it@budex.example"))


def test_a_customer_of_the_rules_is_found_for_a_ticket_that_was_opened_before_them(desk: ShippedDesk) -> None:
    number = desk.asked("ktos@nowa.example")
    rules = desk.desk.rules
    known = Organisation("NOWA", domains=("nowa.example",))
    desk.under(rules=replace(rules, organisations={**rules.organisations, "NOWA": known}))

    assert log(desk, number, "20m remote").organisation == "NOWA"
    with desk.database.read() as session:
        row = tickets.ticket(session, number)
        assert row is not None
        assert row.organisation is None


def test_two_at_once_can_not_use_up_the_same_package(desk: ShippedDesk) -> None:
    number = desk.asked(START)

    def work(_: int) -> None:
        desk.does(timesheet.log_time, number, "", "1h 25m remote")

    with ThreadPoolExecutor(4) as consultants:
        list(consultants.map(work, range(4)))

    rows = desk.rows(LedgerRow)
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert [minutes(row) for row in rows] == [(90, 90, 0), (90, 90, 0), (90, 0, 90), (90, 0, 90)]
