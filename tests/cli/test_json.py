"""What scripts get: one JSON object a line, from every command that has something to tell."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest

from helpdesk.cli import load_command
from helpdesk.store import schema
from tests.cli.conftest import Call
from tests.cli.desk_files import ANNA, DeskFiles
from tests.cli.test_commands import PATHS
from tests.databases import sqlite_original

__all__ = ["sqlite_original"]

NO_DATA = (["demo"], ["run"], ["rules", "reference"])  # a show, a service, and a page of documentation


@pytest.fixture
def desk(tmp_path: Path, call: Call, sqlite_original: Path) -> DeskFiles:
    return DeskFiles.write(tmp_path, call, sqlite_original)


@pytest.mark.parametrize("path", [path for path in PATHS if path not in NO_DATA], ids=" ".join)
def test_every_command_that_prints_data_takes_json_and_a_limit_where_it_lists(path: list[str]) -> None:
    command = load_command(path[0])
    for part in path[1:]:
        command = command.commands[part]
    if hasattr(command, "commands"):
        return  # a group: its commands take it
    options = [option for param in command.params for option in param.opts]

    assert "--json" in options
    assert "--limit" in options or path[-1] not in ("list", "mutes", "agenda")


def test_an_outgoing_mail_is_shown_with_its_bytes_and_each_try(desk: DeskFiles) -> None:
    key = desk.ticket()
    [row] = [row for row in desk.rows("outbox", "list") if row["notification"] == "new"]
    [shown] = desk.rows("outbox", "show", row["id"])

    assert shown | row == shown
    assert (shown["ticket"], shown["tries"]) == (key, [])
    assert row["message_id"] in b64decode(shown["content_base64"]).decode()


def test_mails_that_are_cancelled_or_queued_again_are_told_as_they_then_are(desk: DeskFiles) -> None:
    desk.ticket()
    ids = sorted(row["id"] for row in desk.rows("outbox", "list"))

    assert [(row["id"], row["state"]) for row in desk.rows("outbox", "cancel", *ids)] == [
        (one, "cancelled") for one in ids
    ]
    assert {row["state"] for row in desk.rows("outbox", "retry", *ids)} == {"queued"}


def test_who_was_spam_can_be_reached_again(desk: DeskFiles) -> None:
    [row] = desk.rows("tickets", "spam", desk.ticket(), "--as", ANNA)
    assert row["state"] == "closed"
    assert [one["addr"] for one in desk.rows("outbox", "mutes", "--limit", 1)] == ["jan@acme.test"]
    assert desk.rows("outbox", "unmute", "jan@acme.test") == [{"addr": "jan@acme.test", "muted": False}]


def test_a_mail_that_came_in_is_exported_as_text_that_json_can_hold(desk: DeskFiles) -> None:
    row, file = desk.ingested(), desk.folder / "copy.eml"
    [shown] = desk.rows("journal", "export", row["entry"])
    [told] = desk.rows("journal", "export", row["entry"], "--output", file)

    assert shown["ticket"] == row["ticket"]
    assert b64decode(shown["content_base64"]) == file.read_bytes()
    assert told["file"] == str(file)
    refused = desk.run("journal", "export", row["entry"], "--output", desk.folder / "nowhere" / "copy.eml")
    assert (refused.code, "can't be written: No such file or directory" in refused.err) == (2, True)


def test_schema_and_backup_are_told_as_objects(desk: DeskFiles) -> None:
    copy = desk.folder / "copy.db"

    assert desk.rows("db", "upgrade") == [{"schema": schema.newest(), "changed": False}]
    [row] = desk.rows("db", "backup", copy)
    assert row == {"file": str(copy), "size": copy.stat().st_size}


def test_the_rules_schema_stands_on_one_line(call: Call) -> None:
    [line] = call("rules", "schema", "--json").out.splitlines()

    assert json.loads(line)["type"] == "object"


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        pytest.param("tag", ["pilne", "druk,awaria"], id="tags"),
        pytest.param("tag", ["pilne druk awaria"], id="tags-quoted"),
    ],
)
def test_tags_may_be_written_as_one_word_or_as_many(desk: DeskFiles, verb: str, words: list[str]) -> None:
    [row] = desk.rows("tickets", verb, desk.ticket(), *words, "--as", ANNA)

    assert row["tags"] == ["pilne", "druk", "awaria"]


def test_time_used_may_be_written_without_quotes(desk: DeskFiles) -> None:
    key = desk.ticket()
    assert desk.run("tickets", "time", key, "35m", "phone", "--as", ANNA).code == 0
    assert desk.run("tickets", "time", key, "35m phone", "--as", ANNA).code == 0
    assert desk.run("tickets", "assign", key, ANNA, "--as", ANNA).code == 0
