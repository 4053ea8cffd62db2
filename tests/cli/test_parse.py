"""`helpdesk parse`: one row a file in order, a bad file stops nobody, a configuration makes it know the desk."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call

MAIL = """\
From: {author}
To: pomoc@desk.example.org
Subject: =?utf-8?Q?B=C5=82=C4=85d?=
Authentication-Results: mx.desk.example.org; dmarc=pass header.from=mleczarnia.example.org
Content-Type: text/plain; charset=utf-8

Program się zawiesza.
"""
TOML = """\
instance = "desk.example.org"
[smtp]
host = "127.0.0.1"
security = "plain"
[mailbox.pomoc]
host = "127.0.0.1"
security = "plain"
username = "pomoc"
password = { file = "haslo" }
queue = "POMOC"
authentication = { profile = "rfc8601", authserv_id = "mx.desk.example.org" }
"""
RULES = """\
version: 1
timezone: Europe/Warsaw
calendars:
  cwt: { hours: { mon-fri: "09:00-17:00" }, holidays: PL, receipt: next_business_day }
queues:
  POMOC: { prefix: POM, addresses: [pomoc@desk.example.org], calendar: cwt, languages: [pl] }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "klient.eml").write_text(MAIL.format(author="Ala <ala@mleczarnia.example.org>"), encoding="utf-8")
    (tmp_path / "wlasny.eml").write_text(MAIL.format(author="pomoc+1@desk.example.org"), encoding="utf-8")
    (tmp_path / "pusty.eml").write_bytes(b"")
    (tmp_path / "helpdesk.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "routing_rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "haslo").write_text("x", encoding="utf-8")
    (tmp_path / "haslo").chmod(0o600)
    return tmp_path


def test_a_mail_is_shown_as_one_json_row(call: Call, folder: Path) -> None:
    outcome = call("parse", "--json", folder / "klient.eml")

    row = json.loads(outcome.out)
    assert (outcome.code, row["ok"], row["error"]) == (0, True, None)
    assert row["from"] == {"name": "Ala", "addr": "ala@mleczarnia.example.org"}
    assert (row["subject"], row["to"], row["kind"], row["bounce"]) == (
        "Błąd",
        ["pomoc@desk.example.org"],
        "message",
        None,
    )
    assert row["authentication"] is None


def test_bad_files_have_their_row_and_stop_nobody(call: Call, folder: Path) -> None:
    files = [folder / name for name in ("pusty.eml", "klient.eml", "nie-ma.eml", "wlasny.eml")]
    outcome = call("parse", "--json", *files)

    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert outcome.code == 1
    assert [row["file"] for row in rows] == list(map(str, files))
    assert [row["ok"] for row in rows] == [False, True, False, True]
    assert all(row["error"] for row in rows if not row["ok"])
    assert len({frozenset(row) for row in rows}) == 1, "every row has the same keys"


def test_with_a_configuration_it_knows_its_own_addresses_and_whom_to_trust(call: Call, folder: Path) -> None:
    outcome = call(
        "parse", "--json", "--config", folder / "helpdesk.toml", folder / "wlasny.eml", folder / "klient.eml"
    )

    own, customer = map(json.loads, outcome.out.splitlines())
    assert (own["kind"], own["reason"], own["authentication"]["verdict"]) == ("loop", "own_address", "none")
    assert (customer["kind"], customer["authentication"]["verdict"]) == ("message", "pass")


def test_people_get_a_line_a_mail(call: Call, folder: Path) -> None:
    outcome = call("parse", folder / "klient.eml", folder / "pusty.eml")

    assert outcome.code == 1
    assert "Ala" in outcome.out
    assert "is empty" in outcome.out
