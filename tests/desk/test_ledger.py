"""What a session costs and what a month comes to, by the plans of the shipped rules."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.desk.ledger import (
    Charge,
    LedgerEntry,
    charge,
    counter_entry,
    guaranteed_support_used,
    month_of,
    package_left,
    statement,
)
from helpdesk.desk.plans import Channel, Plan
from helpdesk.desk.terms import TicketKind
from tests.desk.calendars import WARSAW, local
from tests.desk.shipped import shipped_rules

REMOTE, PHONE, PROGRAMMING, MAIL = Channel.REMOTE, Channel.PHONE, Channel.PROGRAMMING, Channel.MAIL


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def plan_called(name: str) -> Plan:
    return shipped_rules().plans[name]


# Plan, channel, minutes worked, minutes left in the package → counted, packaged, overage, amount.
SESSIONS = [
    pytest.param("START", REMOTE, 25, 180, 30, 30, 0, "0.00", id="25 and 5 for writing up is one half hour"),
    pytest.param("START", REMOTE, 26, 180, 60, 60, 0, "0.00", id="26 has begun the second"),
    pytest.param("START", REMOTE, 1, 180, 30, 30, 0, "0.00", id="one minute is a started half hour"),
    pytest.param("START", PHONE, 10, 180, 15, 15, 0, "0.00", id="phone: 10 and 5 is one quarter"),
    pytest.param("START", PHONE, 11, 180, 30, 30, 0, "0.00", id="phone: 11 has begun the second"),
    pytest.param("START", REMOTE, 55, 30, 60, 30, 30, "82.50", id="a session across the package's end"),
    pytest.param("START", REMOTE, 55, 0, 60, 0, 60, "165.00", id="the package is used up"),
    pytest.param("START", PROGRAMMING, 7, 180, 12, 0, 12, "33.00", id="START's package is not for programming"),
    pytest.param("STANDARD", PROGRAMMING, 7, 180, 12, 12, 0, "0.00", id="STANDARD's is, to the minute"),
    pytest.param("STANDARD", PROGRAMMING, 8, 0, 13, 0, 13, "30.33", id="13 minutes of 140 an hour, to the grosz"),
    pytest.param("COMMUNITY", REMOTE, 20, 0, 30, 0, 30, "100.00", id="COMMUNITY pays from the first minute"),
    pytest.param("EMAIL", PHONE, 60, 0, 75, 0, 75, "225.00", id="EMAIL too"),
]


@pytest.mark.parametrize(("plan", "channel", "worked", "left", "counted", "packaged", "overage", "amount"), SESSIONS)
def test_a_session_counts_per_started_unit_and_the_package_comes_first(
    plan: str, channel: Channel, worked: int, left: int, counted: int, packaged: int, overage: int, amount: str
) -> None:
    found = charge(plan_called(plan), channel, minutes(worked), minutes(left))
    assert (found.counted, found.packaged, found.overage) == tuple(map(minutes, (counted, packaged, overage)))
    assert found.amount == Decimal(amount)


def test_the_writing_up_can_be_said_instead_of_the_plans() -> None:
    found = charge(plan_called("START"), REMOTE, minutes(30), minutes(180), write_up=minutes(0))
    assert (found.counted, found.write_up) == (minutes(30), minutes(0))


def test_mail_is_never_charged() -> None:
    found = charge(plan_called("START"), MAIL, minutes(40), minutes(180))
    assert (found.counted, found.packaged, found.overage, found.amount) == (minutes(40), *[minutes(0)] * 2, Decimal(0))


def test_without_a_plan_time_counts_exactly_and_has_no_price() -> None:
    found = charge(None, REMOTE, minutes(7), minutes(0))
    assert (found.counted, found.overage, found.amount) == (minutes(7), minutes(7), None)


@pytest.mark.parametrize("worked", [0, -5])
def test_a_session_without_length_is_refused(worked: int) -> None:
    with pytest.raises(ValueError, match="at least a minute"):
        charge(None, REMOTE, minutes(worked), minutes(0))


@given(st.integers(1, 2000), st.integers(0, 600), st.sampled_from([REMOTE, PHONE, PROGRAMMING]))
def test_a_session_is_split_without_gaining_or_losing_a_minute(worked: int, left: int, channel: Channel) -> None:
    found = charge(plan_called("STANDARD"), channel, minutes(worked), minutes(left))
    assert found.packaged + found.overage == found.counted
    assert minutes(0) <= found.packaged <= minutes(left)
    assert minutes(0) <= found.counted - found.worked - found.write_up < (found.unit or timedelta.resolution)


def entry(number: int, at: str, found: Charge, kind: TicketKind = TicketKind.ERROR) -> LedgerEntry:
    return LedgerEntry(number, local(at), "anna@helpdesk.example", "DYN-10018", kind, found)


@pytest.mark.parametrize(
    ("at", "month"),
    [("2026-11-30T23:59", "2026-11"), ("2026-12-01T00:00", "2026-12"), ("2026-12-31T23:50", "2026-12")],
)
def test_a_session_belongs_to_the_month_of_its_start_by_the_clock_on_the_wall(at: str, month: str) -> None:
    assert month_of(local(at), WARSAW) == month


def test_only_mail_on_non_errors_counts_towards_the_cap() -> None:
    plan = plan_called("START")
    mail, call = charge(plan, MAIL, minutes(50), minutes(0)), charge(plan, PHONE, minutes(50), minutes(0))
    month = [
        entry(1, "2026-11-02T10:00", mail, TicketKind.OTHER),
        entry(2, "2026-11-02T11:00", mail, TicketKind.ERROR),
        entry(3, "2026-11-02T12:00", call, TicketKind.OTHER),
    ]
    assert guaranteed_support_used(month) == minutes(50)


def a_month_of_start() -> list[LedgerEntry]:
    """Four sessions of START in November: 60 + 90 + 30 of 180 minutes, then 60 beyond them."""
    plan = plan_called("START")
    month: list[LedgerEntry] = []
    work = ((1, REMOTE, 55), (2, REMOTE, 80), (3, PHONE, 20), (4, REMOTE, 40))
    for number, channel, worked in work:
        found = charge(plan, channel, minutes(worked), package_left(plan, month))
        month.append(entry(number, f"2026-11-{number:02}T10:00", found))
    return month


def test_a_month_comes_to_what_a_sheet_of_paper_says() -> None:
    # 60 + 90 + 30 = 180 fill the package; 60 beyond it cost one hour of 165.
    account = statement(plan_called("START"), a_month_of_start())
    assert (account.packaged, account.package_left, account.overage) == (minutes(180), minutes(0), minutes(60))
    assert account.amount == Decimal("165.00")


def test_the_order_of_the_entries_does_not_change_the_account() -> None:
    month = a_month_of_start()
    assert statement(plan_called("START"), reversed(month)) == statement(plan_called("START"), month)


def test_a_counter_entry_takes_a_session_back_to_the_last_grosz() -> None:
    plan, month = plan_called("START"), a_month_of_start()
    month.append(counter_entry(month[-1], 5, "piotr@helpdesk.example"))
    account = statement(plan, month)
    assert (account.overage, account.amount) == (minutes(0), Decimal("0.00"))
    month.append(counter_entry(month[0], 6, "piotr@helpdesk.example"))
    assert package_left(plan, month) == minutes(60)
    assert month[-1].corrects == 1


def test_time_without_a_price_is_shown_apart() -> None:
    account = statement(None, [entry(1, "2026-11-02T10:00", charge(None, REMOTE, minutes(90), minutes(0)))])
    assert (account.amount, account.unpriced, account.guaranteed_support) == (Decimal("0.00"), minutes(90), None)
