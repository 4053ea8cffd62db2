"""The commands about time: ledger, agenda, received, time, and the slices that explain a deadline."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.conftest import Call
from tests.cli.desk_files import ANNA, RULES, DeskFiles
from tests.databases import sqlite_original

__all__ = ["sqlite_original"]

AS = ("--as", ANNA)
MONTH = f"{datetime.now(UTC):%Y-%m}"


@pytest.fixture
def desk(tmp_path: Path, call: Call, sqlite_original: Path) -> DeskFiles:
    return DeskFiles.write(tmp_path, call, sqlite_original)


def new_ticket(desk: DeskFiles) -> str:
    """Let Jan open a ticket right now; return its key."""
    return str(desk.ingested(options=("--delivered-at", "now"))["ticket"])


def test_time_is_added_and_stands_in_the_months_statement(desk: DeskFiles) -> None:
    key = new_ticket(desk)
    [added] = desk.rows("ledger", "add", key, "25m", "remote", f"{MONTH}-01T00:00", "+0m", "-m", "zdalnie", *AS)
    [found] = desk.rows("ledger", "statement", "ACME", MONTH)

    assert (added["number"], added["counted"], added["write_up"], added["organisation"]) == (1, 25, 0, "ACME")
    assert (found["organisation"], found["month"], found["overage"], found["unpriced"]) == ("ACME", MONTH, 25, 25)
    assert found["entries"] == [{key: added[key] for key in added if key not in ("organisation", "month")}]


def test_the_statement_comes_as_text_and_as_csv(desk: DeskFiles) -> None:
    desk.rows("ledger", "add", new_ticket(desk), "25m", "remote", f"{MONTH}-01T00:00", *AS)
    text, table = (desk.run("ledger", "statement", "ACME", MONTH, *form).out for form in ((), ("--csv",)))

    assert text.startswith(f"ACME  {MONTH}  GOLD\n")
    assert [row["channel"] for row in csv.DictReader(io.StringIO(table))] == ["remote"]
    assert desk.run("ledger", "statement", "ACME", MONTH).out == text


def test_an_entry_is_taken_back_with_a_reason(desk: DeskFiles) -> None:
    desk.rows("ledger", "add", new_ticket(desk), "25m", "remote", f"{MONTH}-01T00:00", *AS)

    assert desk.run("ledger", "correct", 1, *AS).code == 2
    [back] = desk.rows("ledger", "correct", 1, "-m", "pomyłka", *AS)
    assert (back["counted"], back["corrects"], back["reason"]) == (-25, 1, "pomyłka")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "KEY", "25m"), 2, "name the channel"),
        (("add", "KEY", "25m", "remote", "2299-01-01", *AS), 2, "in the future"),
        (("add", "KEY", "25m", "remote"), 2, "nobody acts"),
        (("add", "NO-SUCH", "25m", "remote", *AS), 1, "is no key of a ticket"),
        (("correct", "7", "-m", "x", *AS), 2, "no entry 7"),
        (("statement", "ACNE", MONTH), 1, "did you mean"),
        (("statement", "ACME", "2026-13"), 2, "is no month"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_the_ledger_refuses_is_a_sentence(desk: DeskFiles, words: tuple[str, ...], code: int, said: str) -> None:
    key = new_ticket(desk)
    done = desk.run("ledger", *(word.replace("KEY", key) for word in words))

    assert (done.code, said in done.err) == (code, True), done.err


def test_a_verb_writes_time_down_too(desk: DeskFiles) -> None:
    key = new_ticket(desk)
    done = desk.run("tickets", "time", key, f"25m remote {MONTH}-01T00:00", *AS)

    assert (done.code, "mails: none" in done.err) == (0, True)
    assert desk.rows("ledger", "statement", "ACME", MONTH)[0]["entries"][0]["ticket"] == key


def test_a_ticket_counts_from_another_time_for_a_reason(desk: DeskFiles) -> None:
    key = new_ticket(desk)
    [row] = desk.rows("tickets", "received", key, "2026-01-05T10:00", "-m", "z rozmowy", *AS)

    assert (row["received_at"], row["react_by"]) == ("2026-01-05T10:00:00+01:00", "2026-01-05T14:00:00+01:00")
    assert desk.run("tickets", "received", key, "2026-01-05T10:00", *AS).code == 2


def test_explain_shows_the_slices_of_working_time(desk: DeskFiles) -> None:
    key = new_ticket(desk)
    desk.run("tickets", "received", key, "2026-01-05T15:00", "-m", "x", *AS)
    steps = {(row["step"], row["outcome"]): row["why"] for row in desk.rows("explain", key)}

    assert steps["working time", "Mon 2026-01-05 15:00–17:00"] == "calendar cwt: 2 h, so far 2 h"
    assert steps["working time", "Wed 2026-01-07 09:00–11:00"] == "calendar cwt: 2 h, so far 4 h"


def test_the_agenda_lists_what_comes_in_its_order(desk: DeskFiles) -> None:
    key = new_ticket(desk)
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    rows = desk.rows("agenda", "--until", until)

    assert [set(row) for row in rows] == [{"at", "event", "ticket", "why"}] * len(rows)
    assert [datetime.fromisoformat(row["at"]) for row in rows] == sorted(
        datetime.fromisoformat(row["at"]) for row in rows
    )
    assert [row["event"] for row in rows if row["ticket"] == key] == ["warning", "overdue", "escalation", "stale"]
    assert len(desk.rows("agenda", "--limit", "2", "--until", until)) == 2
    assert desk.run("agenda", "--until", "soon").code == 2


def test_other_hours_are_tried_first_and_move_deadlines_only_on_demand(desk: DeskFiles) -> None:
    key = new_ticket(desk)
    desk.run("tickets", "received", key, "2026-01-05T10:00", "-m", "x", *AS)
    other = desk.folder / "other.yaml"
    other.write_text(RULES.replace("reaction: 4h", "reaction: 2h"))

    told = desk.run("rules", "diff", other).out
    assert "1 deadlines would move, 0 become overdue" in told
    assert desk.rows("tickets", "list")[0]["react_by"] == "2026-01-05T14:00:00+01:00"
    assert "1 deadlines moved" in desk.run("rules", "diff", other, "--recompute").out
    assert desk.rows("tickets", "list")[0]["react_by"] == "2026-01-05T12:00:00+01:00"
    assert "0 deadlines would move" in desk.run("rules", "diff", other).out


def test_agenda_and_status_name_who_is_away(desk: DeskFiles) -> None:
    today = datetime.now(UTC).astimezone(ZoneInfo("Europe/Warsaw")).date()
    away = RULES.replace("{ name: Anna Nowak", f"{{ away: [{today}..{today + timedelta(days=3)}], name: Anna Nowak")
    assert away != RULES
    (desk.folder / "routing_rules.yaml").write_text(away)

    [row] = desk.rows("status")
    assert row["away"] == [{"consultant": ANNA, "until": f"{today + timedelta(days=3)}", "by": "the rules"}]
    assert [line["why"] for line in desk.rows("agenda") if line["event"] == "away"] == [
        f"{ANNA} until {today + timedelta(days=3)}, by the rules"
    ]


def test_a_call_is_written_down_from_a_terminal(desk: DeskFiles) -> None:
    done = desk.run(
        "tickets", "phone", "jan@acme.test", "--queue", "DYNAMICS", "--subject", "Telefon", "-m", "Stoi.", *AS
    )
    assert "confirm_call to jan@acme.test" in done.err
    [line] = [line for line in desk.rows("agenda") if line["event"] == "lapse"]
    assert "jan@acme.test was asked" in line["why"]
    assert desk.run("tickets", "phone", ANNA, "--queue", "DYNAMICS", "--subject", "Telefon", *AS).code == 2


def test_status_names_contracts_with_their_light(desk: DeskFiles) -> None:
    last = datetime.now(UTC).date() + timedelta(days=60)
    ending = RULES.replace("plan: GOLD }\nrules", f"plan: GOLD, valid: 2026-01-01..{last} }}\nrules")
    (desk.folder / "routing_rules.yaml").write_text(ending)

    [row] = desk.rows("status")
    assert row["contracts"] == [{"organisation": "ACME", "plan": "GOLD", "last": f"{last}", "light": "yellow"}]
    assert f"ACME\tGOLD\t{last}\tyellow" in desk.run("status").out
