"""Commands on a desk's database: keys of their JSON as CONTRACT lists them, exit codes, sentences."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from helpdesk.lock import daemon_lock
from tests.cli.conftest import Call
from tests.cli.desk_files import ANNA, MAIL, PIOTR, DeskFiles
from tests.databases import sqlite_original

__all__ = ["sqlite_original"]

LISTED = """
key queue subject state priority kind origin organisation plan requester participants assignee tags created_at sent_at
delivered_at received_at react_by reacted_at waiting_since guarantee resolved_at closed_at linked
"""
COMMENT = "id author visibility standing standing_reason text new_text html attachments message_id delivered_at via"
HISTORY = "at event by from to reason"
ENTRY = "entry mailbox message_id delivered_at size state disposition reason ticket"
OUTGOING = "id ticket notification recipient subject message_id state reason attempts next_attempt_at code"


@pytest.fixture
def desk(tmp_path: Path, call: Call, sqlite_original: Path) -> DeskFiles:
    return DeskFiles.write(tmp_path, call, sqlite_original)


def keys(row: dict[str, Any]) -> set[str]:
    return set(row)


def words(text: str) -> set[str]:
    return set(text.split())


# --- tickets list / show


def test_a_listed_ticket_has_exactly_the_keys_of_the_contract(desk: DeskFiles) -> None:
    key = desk.ticket()
    [row] = desk.rows("tickets", "list")

    assert keys(row) == words(LISTED)
    assert (row["key"], row["state"], row["requester"]) == (key, "new", {"name": "Jan Kowal", "addr": "jan@acme.test"})
    assert row["participants"] == [row["requester"]]
    assert (row["assignee"], row["tags"], row["closed_at"], row["linked"]) == (None, [], None, [])
    assert row["guarantee"] == {"holds": True, "reason": "holds"}
    assert row["sent_at"] == "2020-11-24T12:00:00+01:00"


def test_a_shown_ticket_has_its_comments_and_history_besides(desk: DeskFiles) -> None:
    [row] = desk.rows("tickets", "show", desk.ticket())

    assert keys(row) == words(LISTED) | {"comments", "history"}
    [comment] = row["comments"]
    assert keys(comment) == words(COMMENT)
    assert (comment["visibility"], comment["standing"], comment["via"]) == ("public", "confirmed", "mail")
    assert (comment["message_id"], comment["html"], comment["attachments"]) == ("one@acme.test", None, [])
    assert all(keys(line) == words(HISTORY) for line in row["history"])
    assert [line["event"] for line in row["history"]] == ["opened"]


def test_a_ticket_is_shown_to_people_with_what_was_said(desk: DeskFiles) -> None:
    shown = desk.run("tickets", "show", desk.ticket())

    assert shown.code == 0
    for words_ in ("Faktura", "Jan Kowal", "Proszę o pomoc.", "history", "opened"):
        assert words_ in shown.out


UNKNOWN = {
    "a wrong check digit": "DYN-482134",
    "a foreign prefix": "JIRA-10010",
    "no key at all": "faktura",
    "one digit": "5",
}


@pytest.mark.parametrize("key", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_no_key_ends_with_1_and_says_so(desk: DeskFiles, key: str) -> None:
    for command in (["show", key], ["comment", key, "-m", "x", "--as", ANNA]):
        done = desk.run("tickets", *command)

        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"helpdesk: {key!r} is no key")


def test_a_right_key_of_no_ticket_ends_with_1(desk: DeskFiles) -> None:
    key = desk.ticket()
    (desk.folder / "helpdesk.db").unlink()
    (desk.folder / "helpdesk.db.mark").unlink()

    done = desk.run("tickets", "show", key)
    assert (done.code, done.err) == (1, f"helpdesk: there is no ticket {key}\n")


def test_tickets_are_found_by_filters_and_words(desk: DeskFiles) -> None:
    first, second = desk.ticket("one", "Żółta faktura"), desk.ticket("two", "Drukarka 100%")
    desk.run("tickets", "assign", second, PIOTR, "--as", ANNA)
    desk.run("tickets", "resolve", second, "--as", ANNA)

    def found(*options: str) -> list[str]:
        return [row["key"] for row in desk.rows("tickets", "list", *options)]

    assert found("--search", "zolta FAKTURA") == [first]
    assert found("--search", "100%") == [second]
    assert found("--search", "%") == [second]  # no wildcard
    assert found("--state", "resolved") == [second]
    assert found("--assignee", PIOTR.upper()) == [second]
    assert found("--requester", "JAN@acme.test") == found("--queue", "DYNAMICS") == found("--organisation", "ACME")
    assert found("--queue", "PROPHIX") == []
    assert found("--overdue") == []
    assert len(found("--limit", "1")) == 1
    assert found() == [first, second]  # not yet reacted, before the rest


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--queue", "DYNAMIX", "the rules know no 'DYNAMIX', did you mean 'DYNAMICS'?"),
        ("--organisation", "ACNE", "the rules know no 'ACNE', did you mean 'ACME'?"),
        ("--assignee", "ana@desk.example.org", "did you mean 'anna@desk.example.org'?"),
    ],
)
def test_an_empty_list_under_a_name_that_nothing_bears_is_a_mistake(
    desk: DeskFiles, option: str, name: str, said: str
) -> None:
    desk.ticket()
    outcome = desk.run("tickets", "list", option, name)

    assert (outcome.code, said in outcome.err) == (2, True)


# --- the verbs

VERBS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "comment": (["-m", "Już patrzymy."], {"state": "open"}),
    "note": (["-m", "Uwaga."], {"state": "new"}),
    "take": ([], {"state": "open", "assignee": {"name": "Anna Nowak", "addr": ANNA}}),
    "pending": ([], {"state": "pending"}),
    "resolve": (["-m", "Gotowe."], {"state": "resolved"}),
    "close": ([], {"state": "closed"}),
    "assign": ([PIOTR], {"assignee": {"name": "Piotr Lis", "addr": PIOTR}}),
    "priority": (["1"], {"priority": 1}),
    "kind": (["other"], {"kind": "other"}),
    "tag": (["pilne druk"], {"tags": ["pilne", "druk"]}),
    "queue": (["PROPHIX"], {"queue": "PROPHIX"}),
    "cc": (["ewa@acme.test"], {"state": "new"}),
}


@pytest.mark.parametrize(("verb", "arguments", "expected"), [(v, *row) for v, row in VERBS.items()], ids=VERBS)
def test_a_verb_prints_the_ticket_as_it_then_is(
    desk: DeskFiles, verb: str, arguments: list[str], expected: dict[str, Any]
) -> None:
    [row] = desk.rows("tickets", verb, desk.ticket(), *arguments, "--as", ANNA)

    assert keys(row) >= words(LISTED)
    assert row | expected == row


def test_a_verb_says_to_people_what_it_did_and_who_is_written_to(desk: DeskFiles) -> None:
    key = desk.ticket()
    done = desk.run("tickets", "comment", key, "-m", "Już patrzymy.", "--as", ANNA)

    assert (done.code, done.out) == (0, "")
    assert done.err == f"{key} is open; mails: comment to jan@acme.test\n"


def test_who_acts_may_stand_in_the_environment(desk: DeskFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_CONSULTANT", ANNA)

    assert desk.run("tickets", "take", desk.ticket()).code == 0


MISUSES: dict[str, tuple[list[str], str]] = {
    "nobody acts": (["close"], "nobody acts: name one with --as or HELPDESK_CONSULTANT (anna@desk.example.org"),
    "somebody else acts": (["close", "--as", "jan@acme.test"], "jan@acme.test is no consultant of this desk: name one"),
    "no text": (["comment", "--as", ANNA], "there is no text: give it with -m TEXT or --file F"),
    "blank text": (["note", "-m", "  ", "--as", ANNA], "there is no text"),
    "two texts": (
        ["comment", "-m", "a", "--file", "b", "--as", ANNA],
        "give the text with -m or with --file, not both",
    ),
    "a file that is not there": (["comment", "--file", "/nowhere", "--as", ANNA], "/nowhere can't be read: No such"),
    "an attachment that is not there": (
        ["comment", "-m", "a", "--attach", "/nowhere", "--as", ANNA],
        "/nowhere can't be read",
    ),
    "what the table of states refuses": (["reopen", "--as", ANNA], "a ticket that is new can't be reopened"),
    "a verb that is none": (["resolv", "--as", ANNA], "resolv"),
}


@pytest.mark.parametrize(("arguments", "sentence"), MISUSES.values(), ids=MISUSES)
def test_wrong_use_ends_with_2_one_sentence_and_nothing_done(
    desk: DeskFiles, arguments: list[str], sentence: str
) -> None:
    key = desk.ticket()
    verb, *rest = arguments
    done = desk.run("tickets", verb, key, *rest)

    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert done.err.count("\n") == 1
    [row] = desk.rows("tickets", "show", key)
    assert (row["state"], len(row["comments"])) == ("new", 1)


def test_a_text_comes_from_a_file_or_from_stdin_with_files_beside_it(
    desk: DeskFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, text = desk.ticket(), desk.folder / "text.txt"
    text.write_text("Z pliku żółw.")
    desk.run("tickets", "comment", key, "--file", text, "--attach", text, "--as", ANNA)
    monkeypatch.setattr(sys, "stdin", io.StringIO("Z wejścia."))
    desk.run("tickets", "note", key, "--file", "-", "--as", ANNA)

    _, first, second = desk.rows("tickets", "show", key)[0]["comments"]
    assert (first["text"], first["via"]) == ("Z pliku żółw.", "cli")
    assert [(one["name"], one["size"]) for one in first["attachments"]] == [("text.txt", len("Z pliku żółw.".encode()))]
    assert (second["text"], second["visibility"]) == ("Z wejścia.", "internal")


def test_a_silent_verb_writes_to_nobody_outside(desk: DeskFiles) -> None:
    key = desk.ticket()
    desk.run("tickets", "close", key, "-m", "Spam.", "--silent", "--as", ANNA)

    assert "closed" not in {row["notification"] for row in desk.rows("outbox", "list")}


def test_a_ticket_is_registered_by_hand(desk: DeskFiles) -> None:
    create = ["tickets", "create", "--requester", "Jan@acme.test", "--subject", "Telefon", "--phone", "--as", ANNA]
    [row] = desk.rows(*create, "--queue", "DYNAMICS", "-m", "Drukarka stoi.")

    assert (row["origin"], row["requester"]["addr"], row["state"]) == ("phone", "jan@acme.test", "new")
    refused = desk.run(*create, "--queue", "PROFIX")
    assert (refused.code, "there is no queue 'PROFIX'" in refused.err) == (2, True)


# --- journal, outbox, explain


def test_the_journal_lists_what_became_of_each_mail(desk: DeskFiles) -> None:
    row = desk.ingested()
    [entry] = desk.rows("journal", "list")

    assert keys(entry) >= words(ENTRY)
    assert (entry["entry"], entry["disposition"], entry["ticket"]) == (row["entry"], "opened", row["ticket"])
    assert (entry["mailbox"], entry["message_id"], entry["state"]) == ("dynamics", "one@acme.test", "processed")
    [shown] = desk.rows("journal", "show", row["entry"])
    assert keys(shown) >= words(ENTRY) | {"trace", "failure"}


def test_a_mail_is_exported_byte_for_byte(desk: DeskFiles) -> None:
    raw = MAIL.format(subject="x", id="y").replace("\n", "\r\n").encode() + bytes(range(256))
    file, copy = desk.folder / "raw.eml", desk.folder / "copy.eml"
    file.write_bytes(raw)
    [row] = desk.rows("ingest", "--mailbox", "dynamics", file)
    command = [sys.executable, "-m", "helpdesk", "journal", "export", str(row["entry"])]
    environment = os.environ | {"HELPDESK_CONFIG": str(desk.folder / "helpdesk.toml")}

    assert subprocess.run(command, env=environment, capture_output=True, check=True).stdout == raw
    assert desk.run("journal", "export", row["entry"], "--output", copy).code == 0
    assert copy.read_bytes() == raw


@pytest.mark.parametrize("command", ["show", "export", "replay"])
def test_an_unknown_entry_ends_with_1(desk: DeskFiles, command: str) -> None:
    done = desk.run("journal", command, "4711")

    assert (done.code, done.err) == (1, "helpdesk: there is no journal entry 4711\n")


def test_a_held_mail_is_let_out_by_replay_and_an_ordinary_one_is_not_replayed(desk: DeskFiles) -> None:
    held, opened = desk.ingested("one", "Kwarantanna"), desk.ingested("two")
    assert (held["disposition"], held["ticket"]) == ("held", None)

    [row] = desk.rows("journal", "replay", held["entry"])
    assert row["disposition"] == "opened"
    again = desk.run("journal", "replay", opened["entry"])
    assert again.code == 1
    assert "only shunted and held mail can be replayed" in again.err


def test_the_outbox_lists_each_mail_by_recipient(desk: DeskFiles) -> None:
    key = desk.ticket()
    rows = desk.rows("outbox", "list", "--ticket", key)

    assert all(keys(row) >= words(OUTGOING) for row in rows)
    assert {(row["notification"], row["recipient"], row["state"], row["ticket"]) for row in rows} == {
        ("new", "jan@acme.test", "queued", key),
        ("notice_opened", ANNA, "queued", key),
        ("notice_opened", PIOTR, "queued", key),
    }
    assert all((row["reason"], row["code"], row["next_attempt_at"]) == (None, None, None) for row in rows)
    assert desk.rows("outbox", "list", "--state", "failed") == []


def test_a_mail_that_waits_is_cancelled_and_queued_again_by_hand(desk: DeskFiles) -> None:
    desk.ticket()
    [first, *_] = [row["id"] for row in desk.rows("outbox", "list")]

    assert desk.run("outbox", "cancel", first).code == 0
    assert [row["id"] for row in desk.rows("outbox", "list", "--state", "cancelled")] == [first]
    assert desk.run("outbox", "retry", first).code == 0
    assert desk.rows("outbox", "list", "--state", "cancelled") == []
    refused = desk.run("outbox", "retry", first)
    assert (refused.code, f"mail {first} is queued: only" in refused.err) == (2, True)
    assert desk.run("outbox", "cancel", 4711).code == 1


def test_explain_tells_each_step_of_a_mail_and_of_a_ticket(desk: DeskFiles) -> None:
    row = desk.ingested()
    steps = desk.rows("explain", row["entry"])

    assert all(keys(step) == words("entry step outcome why") for step in steps)
    assert [step["step"] for step in steps] == [
        *("classify", "sender", "thread", "queue", "receipt", "acknowledge", "notify", "disposition")
    ]
    assert all(step["why"] for step in steps)
    of_ticket = desk.rows("explain", row["ticket"])
    assert steps == of_ticket[: len(steps)]
    assert {"opened"} <= {step["step"] for step in of_ticket}
    assert any(step["outcome"] == "new to jan@acme.test: queued" for step in of_ticket)


def test_explaining_nothing_ends_with_1(desk: DeskFiles) -> None:
    done = desk.run("explain", "4711")

    assert done.code == 1
    assert "there is no journal entry 4711; a ticket is named by its whole key, as DYN-4711" in done.err


# --- ingest


def test_each_file_gets_its_row_in_order(desk: DeskFiles) -> None:
    files = [desk.mail("one"), desk.mail("two", "Drukarka"), desk.mail("three")]
    files[2].write_text(files[0].read_text())
    rows = desk.rows("ingest", "--mailbox", "dynamics", *files)

    assert all(keys(row) == words("file entry disposition reason ticket") for row in rows)
    assert [row["file"] for row in rows] == [str(file) for file in files]
    assert [row["disposition"] for row in rows] == ["opened", "opened", "duplicate"]


def test_a_file_that_can_not_be_read_ends_with_1_and_stops_no_other(desk: DeskFiles) -> None:
    done = desk.run("ingest", "--mailbox", "dynamics", desk.folder / "nowhere.eml", desk.mail(), "--json")
    rows = [json.loads(line) for line in done.out.splitlines()]

    assert done.code == 1
    assert [row["disposition"] for row in rows] == [None, "opened"]
    assert rows[0]["reason"] == "can't be read: No such file or directory"


def test_a_pipe_hands_one_mail_in(desk: DeskFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = desk.mail().read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    [row] = desk.rows("ingest", "--mailbox", "dynamics", "-")

    assert (row["file"], row["disposition"]) == ("-", "opened")


@pytest.mark.parametrize(
    ("choice", "delivered"),
    [
        ("header", "2020-11-24T12:00:00+01:00"),
        ("2020-11-20T18:32", "2020-11-20T18:32:00+01:00"),
        ("2020-11-20T18:32Z", "2020-11-20T19:32:00+01:00"),
    ],
)
def test_an_import_says_when_its_mail_was_delivered(desk: DeskFiles, choice: str, delivered: str) -> None:
    desk.ingested(options=["--delivered-at", choice])
    [entry] = desk.rows("journal", "list")

    assert entry["delivered_at"] == delivered


def test_no_import_was_delivered_after_it_was_taken_in(desk: DeskFiles) -> None:
    before = datetime.now(UTC)
    desk.ingested(options=["--delivered-at", "2999-01-01T12:00"])
    [entry] = desk.rows("journal", "list")

    assert before <= datetime.fromisoformat(entry["delivered_at"]) <= datetime.now(UTC)


def test_a_silent_import_writes_to_nobody(desk: DeskFiles) -> None:
    desk.ingested(options=["--silent"])

    assert desk.rows("outbox", "list") == []


def test_wrong_words_to_ingest_end_with_2_before_anything_is_taken_in(desk: DeskFiles) -> None:
    mailbox = desk.run("ingest", "--mailbox", "prophix", desk.mail())
    time = desk.run("ingest", "--mailbox", "dynamics", desk.mail(), "--delivered-at", "yesterday")

    assert (mailbox.code, time.code) == (2, 2)
    assert "helpdesk.toml has no mailbox 'prophix'; it has: dynamics" in mailbox.err
    assert "'yesterday' is neither header, now, nor a time like" in time.err
    assert desk.rows("journal", "list") == []


# --- run, status, db


def test_a_second_daemon_ends_with_75_and_names_the_first(desk: DeskFiles) -> None:
    with daemon_lock(desk.folder / "helpdesk.db"):
        done = desk.run("run", "--once")

    assert done.code == 75
    assert re.search(rf"process {os.getpid()} works on .*helpdesk\.db already", done.err)


def test_other_commands_work_beside_the_daemon(desk: DeskFiles) -> None:
    with daemon_lock(desk.folder / "helpdesk.db"):
        assert desk.run("tickets", "take", desk.ticket(), "--as", ANNA).code == 0


def test_status_shows_the_desk_at_a_glance(desk: DeskFiles) -> None:
    key = desk.ticket()
    [row] = desk.rows("status")

    assert keys(row) >= words("mailboxes backlog shunted outbox next_deadline oldest_waiting rules")
    assert (row["backlog"], row["shunted"], row["outbox"]) == (0, 0, {"queued": 3})
    assert (row["next_deadline"]["key"], row["oldest_waiting"]["key"]) == (key, key)
    [mailbox] = row["mailboxes"]
    assert (mailbox["mailbox"], mailbox["trouble"]) == ("dynamics", "not polled yet")


def test_a_backup_is_made_beside_the_daemon_and_never_over_a_file(desk: DeskFiles) -> None:
    key, copy = desk.ticket(), desk.folder / "copy.db"
    assert desk.run("db", "backup", copy).code == 0
    assert copy.stat().st_mode & 0o077 == 0
    nowhere = desk.run("db", "backup", desk.folder / "nowhere" / "copy.db")
    assert (nowhere.code, "is no folder that can be written to" in nowhere.err) == (2, True)
    again = desk.run("db", "backup", copy)
    assert (again.code, "exists already: a backup never overwrites" in again.err) == (2, True)

    lost = desk.ticket("after")
    assert desk.run("db", "restore", copy).code == 0
    assert [row["key"] for row in desk.rows("tickets", "list")] == [key]
    [aside] = desk.folder.glob("helpdesk.db.replaced-*")
    assert aside.is_file() and key != lost
    [status] = desk.rows("status")
    assert (status["restored"]["reason"], status["outbox"]) == ("copy.db was put back", {"held": 3})


def test_a_restore_asks_for_a_desks_own_copy_and_for_the_daemon_to_rest(desk: DeskFiles) -> None:
    desk.ticket()
    nothing, other = desk.run("db", "restore", "nowhere.db"), desk.folder / "other.db"
    other.write_text("no database")
    wrong = desk.run("db", "restore", other)
    assert (nothing.code, wrong.code) == (2, 2)
    assert "does not exist" in nothing.err and "is no copy of a desk" in wrong.err
    with daemon_lock(desk.folder / "helpdesk.db"):
        assert desk.run("db", "restore", other).code == 75
    assert desk.run("outbox", "release").code == 2, "nothing is held back"


def test_the_schema_is_upgraded_once(desk: DeskFiles) -> None:
    (desk.folder / "helpdesk.db").unlink()
    first, second = desk.run("db", "upgrade"), desk.run("db", "upgrade")

    assert (first.code, second.code) == (0, 0)
    assert "as it was" not in first.err
    assert "as it was" in second.err


def test_a_broken_rules_file_leaves_the_last_accepted_rules_at_work(desk: DeskFiles) -> None:
    key = desk.ticket()
    (desk.folder / "routing_rules.yaml").write_text("version: 1\nqueus: {}\n")

    assert desk.run("tickets", "take", key, "--as", ANNA).code == 0
    row = json.loads(desk.run("status", "--json").out)
    assert "queus" in " ".join(row["rules"])
