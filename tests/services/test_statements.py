"""A month of five organisations: the program, a spreadsheet and a plain sum agree to the grosz.

`statements/sessions.csv` is the spreadsheet, one row a ledger entry in the order of writing, `totals.csv` its sums.
The plain sum below knows the price list by heart (DOMAIN) and counts in whole minutes and groszes.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from helpdesk.cli.statement import as_csv, as_json_object, as_text
from helpdesk.desk.worktime import parse_session
from helpdesk.services import actions, ledger, timesheet
from helpdesk.services.desk import Unit
from helpdesk.services.ledger import Account
from helpdesk.store import tickets
from helpdesk.store.tables import LedgerRow
from helpdesk.store.unit_of_work import Database
from tests.services.shipped_desk import ANNA, COMMUNITY, EMAIL, PREMIUM, STANDARD, START, ShippedDesk

FOLDER = Path(__file__).parent / "statements"
AUTHORS = {"ACME": START, "BUDEX": STANDARD, "KLINIKA": PREMIUM, "SOLO": EMAIL, "WARSZTAT": COMMUNITY}
ALL = {"remote", "phone", "programming"}
# Package in minutes, what it is for, and the price of an hour beyond it in groszes.
PRICES = {
    "ACME": (180, ALL - {"programming"}, 16_500),
    "BUDEX": (420, ALL, 14_000),
    "KLINIKA": (1200, ALL, 12_000),
    "SOLO": (0, ALL, 18_000),
    "WARSZTAT": (0, ALL, 20_000),
}
STARTED = {"remote": 30, "phone": 15, "programming": 1}


def sheet(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain_sums() -> list[tuple[int, int, int, int]]:
    """Return counted, packaged and overage minutes and the groszes of each session, without the program's help."""
    used: dict[tuple[str, str], int] = defaultdict(int)
    found: list[tuple[int, int, int, int]] = []
    for row in sheet("sessions.csv"):
        month = row["organisation"], row["started_at"][:7]
        if row["corrects"]:
            counted, packaged, overage, groszes = (-each for each in found[int(row["corrects"]) - 1])
        else:
            counted, packaged, overage, groszes = one_sum(row, used[month])
        used[month] += packaged
        found.append((counted, packaged, overage, groszes))
    return found


def one_sum(row: dict[str, str], used: int) -> tuple[int, int, int, int]:
    package, bears, price = PRICES[row["organisation"]]
    if row["channel"] == "mail":
        return int(row["worked"]), 0, 0, 0
    minutes = int(row["worked"]) + int(row["write_up"] or 5)
    while minutes % STARTED[row["channel"]]:
        minutes += 1
    packaged = max(0, min(minutes, package - used)) if row["channel"] in bears else 0
    return minutes, packaged, minutes - packaged, ((minutes - packaged) * price + 30) // 60


def test_the_spreadsheet_agrees_with_the_plain_sum() -> None:
    written = [
        (int(row["counted"]), int(row["packaged"]), int(row["overage"]), round(float(row["amount"]) * 100))
        for row in sheet("sessions.csv")
    ]
    assert written == plain_sums()


@pytest.fixture
def booked(database: Database) -> ShippedDesk:
    """A desk that has written all sessions of the spreadsheet down, in their order."""
    desk = ShippedDesk(database)
    numbers: dict[tuple[str, str], int] = {}
    for organisation, author in AUTHORS.items():
        for kind in ("error", "other"):
            numbers[organisation, kind] = desk.asked(author, "Sprawa", "2026-10-30T12:00")
            desk.does(actions.set_kind, numbers[organisation, kind], "", kind)
    desk.at("2026-12-02T12:00")
    with desk.database.begin() as session:
        unit = Unit(session, desk.desk, desk.now)
        for row in sheet("sessions.csv"):
            book(unit, numbers[row["organisation"], row["kind"]], row)
    return desk


def book(unit: Unit, number: int, row: dict[str, str]) -> None:
    if row["corrects"]:
        assert isinstance(ledger.correct(unit, int(row["corrects"]), ANNA, "za długo"), LedgerRow)
        return
    ticket = tickets.ticket(unit.session, number)
    assert ticket is not None
    words = f"{row['worked']}m {row['channel']} {row['started_at']}" + (f" +{row['write_up']}m" * bool(row["write_up"]))
    assert isinstance(ledger.add(unit, ticket, ANNA, parse_session([words])), LedgerRow)


def account(desk: ShippedDesk, organisation: str, month: str = "2026-11") -> Account:
    with desk.database.read() as session:
        return ledger.account(session, desk.desk, desk.desk.rules.organisations[organisation], month)


def test_every_entry_agrees_with_the_spreadsheet(booked: ShippedDesk) -> None:
    def of(row: LedgerRow) -> dict[str, Any]:
        charge = ledger.entry_of(row).charge
        return {
            "organisation": row.organisation,
            "counted": str(row.counted // 60),
            "packaged": str(row.packaged // 60),
            "overage": str(row.overage // 60),
            "amount": str(charge.amount),
            "corrects": str(row.corrects or ""),
        }

    expected = [{name: row[name] for name in of(booked.rows(LedgerRow)[0])} for row in sheet("sessions.csv")]
    assert [of(row) for row in booked.rows(LedgerRow)] == expected


def test_every_statement_agrees_with_the_spreadsheets_sums(booked: ShippedDesk) -> None:
    for row in sheet("totals.csv"):
        found = as_json_object(account(booked, row["organisation"]))
        sums = (found["packaged"], found["overage"], found["amount"], found["guaranteed_support_used"])
        mail = int(row["mail_non_errors"])
        assert sums == (int(row["packaged"]), int(row["overage"]), row["amount"], mail)


def test_a_session_of_the_months_edge_stands_in_one_month_only(booked: ShippedDesk) -> None:
    edges = {month: account(booked, "ACME", month).statement for month in ("2026-10", "2026-12")}

    assert [len(found.entries) for found in edges.values()] == [1, 1]


@pytest.mark.parametrize(
    "form", [as_text, as_csv, lambda found: str(as_json_object(found))], ids=["text", "csv", "json"]
)
def test_a_statement_is_the_same_byte_for_byte_whenever_it_is_printed(booked: ShippedDesk, form: Any) -> None:
    first = form(account(booked, "KLINIKA"))
    booked.at("2031-01-01T00:00")

    assert form(account(booked, "KLINIKA")) == first
    assert "1822.00" in first or form is as_csv


def test_the_text_is_what_a_person_reads(booked: ShippedDesk) -> None:
    text = as_text(account(booked, "WARSZTAT"))

    assert text == (FOLDER / "WARSZTAT-2026-11.txt").read_text(encoding="utf-8")


def test_the_csv_is_what_a_spreadsheet_opens(booked: ShippedDesk) -> None:
    text = as_csv(account(booked, "WARSZTAT"))

    assert text == (FOLDER / "WARSZTAT-2026-11.csv").read_text(encoding="utf-8")


def test_a_counter_entry_says_what_it_takes_back(booked: ShippedDesk) -> None:
    assert "takes back 13: za długo" in as_text(account(booked, "KLINIKA"))


def test_a_reason_can_not_pass_for_a_formula(booked: ShippedDesk) -> None:
    [number] = {row.number for row in booked.tickets if row.organisation == "SOLO" and row.kind == "error"}
    booked.does(timesheet.log_time, number, '=HYPERLINK("http://x.example")', "5m remote 2026-11-02")

    assert """,'=HYPERLINK""" in as_csv(account(booked, "SOLO")).replace('"', "")
