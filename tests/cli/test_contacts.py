"""`helpdesk contacts`: told as JSON, asked before, and said afterwards what stays."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cli.conftest import Call
from tests.cli.desk_files import ANNA, DeskFiles
from tests.databases import sqlite_original

__all__ = ["sqlite_original"]

JAN = "jan@acme.test"


@pytest.fixture
def desk(tmp_path: Path, call: Call, sqlite_original: Path) -> DeskFiles:
    return DeskFiles.write(tmp_path, call, sqlite_original)


def test_everything_kept_of_a_person_is_exported_one_object_a_line(desk: DeskFiles) -> None:
    key = desk.ticket()
    rows = desk.rows("contacts", "export", JAN.upper())

    assert rows[0] == {"what": "contact", "addr": JAN, "names": ["Jan Kowal"]}
    assert [row["key"] for row in rows if row["what"] == "ticket"] == [key]
    [mail] = [row for row in rows if row["what"] == "mail"]
    assert mail["written"] == "by them" and b"pomoc" in b64decode(mail["content_base64"])
    assert {row["recipient"] for row in rows if row["what"] == "letter"} >= {JAN}
    assert json.loads(desk.run("contacts", "export", JAN).out.split("\n}\n")[0] + "}") == rows[0], (
        "people get it indented"
    )


def test_erasing_asks_first_and_a_script_must_say_yes(desk: DeskFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ticket()
    refused = desk.run("contacts", "erase", JAN)
    assert (refused.code, "add --yes" in refused.err) == (2, True)

    answers = SimpleNamespace(isatty=lambda: True, readline=lambda: "n\n")
    monkeypatch.setattr(sys, "stdin", answers)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: sys.exit("no"))
    with pytest.raises(SystemExit, match="no"):
        desk.run("contacts", "erase", JAN)
    assert JAN in desk.run("tickets", "list", "--json").out


def test_an_erasure_says_what_went_and_what_was_kept(desk: DeskFiles) -> None:
    key = desk.ticket()
    done = desk.run("contacts", "erase", JAN, "--yes")

    assert (done.code, done.out) == (0, "")
    assert f"1 tickets ({key})" in done.err
    assert "Kept:\n  the tickets' numbers" in done.err
    [row] = desk.rows("tickets", "list")
    assert (row["key"], row["subject"]) == (key, "[erased]")
    assert JAN.encode() not in (desk.folder / "helpdesk.db").read_bytes()
    again = desk.run("contacts", "erase", JAN, "--yes")
    assert (again.code, again.err) == (1, f"helpdesk: nothing is kept of {JAN}\n")


def test_a_script_gets_one_object(desk: DeskFiles) -> None:
    key = desk.ticket()
    [row] = desk.rows("contacts", "erase", JAN, "--yes")

    assert set(row) == {"pseudonym", "tickets", "erased", "kept"}
    assert (row["tickets"], row["erased"]["mails"]) == ([key], 1)


@pytest.mark.parametrize("verb", ["export", "erase"])
def test_the_desks_own_people_are_refused(desk: DeskFiles, verb: str) -> None:
    done = desk.run("contacts", verb, ANNA, *(["--yes"] if verb == "erase" else []))

    assert (done.code, "is the desk's own, no contact" in done.err) == (2, True)
