"""`helpdesk rules`: exit codes and words as CONTRACT has them."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.desk.rules.small_rules import GOOD
from tests.desk.shipped import SHIPPED

MAIL = """\
From: Jan Kowalski <jan@acme.example>
To: PomocDYNAMICS@helpdesk.example
Subject: Awaria modulu
Date: Fri, 20 Nov 2026 18:32:00 +0100
Message-ID: <one@acme.example>

Od rana nic nie dziala, prosze o pomoc.
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copy(SHIPPED, tmp_path / "routing_rules.yaml"))


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    file = tmp_path / "mail.eml"
    file.write_text(MAIL)
    return file


@pytest.fixture
def desk(rules: Path) -> Path:
    """The settings of a desk with one mailbox and an empty database."""
    folder = rules.parent
    (folder / "secret.key").write_text("0123456789abcdef" * 4)
    (folder / "secret.key").chmod(0o600)
    settings = folder / "helpdesk.toml"
    settings.write_text(
        'instance = "helpdesk.example"\nrules = "routing_rules.yaml"\nsecret = { file = "secret.key" }\n'
        '[smtp]\nhost = "127.0.0.1"\nport = 2525\nsecurity = "plain"\n'
        '[mailbox.dynamics]\nhost = "127.0.0.1"\nport = 1143\nsecurity = "plain"\nusername = "x"\n'
        'password = { file = "secret.key" }\nqueue = "DYNAMICS"\n'
    )
    return settings


def test_good_rules_pass_the_check(call: Call, rules: Path) -> None:
    outcome = call("rules", "check", "--rules", rules)
    assert outcome.code == 0
    assert "4 queues" in outcome.out


def test_rules_that_cannot_be_read_end_with_2_and_a_sentence(call: Call, rules: Path) -> None:
    rules.write_text(rules.read_text().replace("calendar: cwt", "calendar: cwd", 1))
    outcome = call("rules", "check", "--rules", rules)
    assert outcome.code == 2
    assert "unknown calendar 'cwd', did you mean 'cwt'?" in outcome.err
    assert f"{rules}:" in outcome.err


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not UTF-8", "not there"])
def test_a_file_that_is_no_text_ends_with_2(call: Call, rules: Path, content: bytes | None) -> None:
    rules.write_bytes(content) if content else rules.unlink()
    outcome = call("rules", "check", "--rules", rules)
    assert outcome.code == 2
    assert "UTF-8" in outcome.err if content else "can't be read" in outcome.err


def test_a_failing_sample_ends_with_1_and_says_what_came_out(call: Call, rules: Path) -> None:
    rules.write_text(GOOD.replace("then: { priority: 2 }", "then: { priority: 1 }"))
    outcome = call("rules", "check", "--rules", rules)
    assert outcome.code == 1
    assert "priority should be 2, is 1" in outcome.err


def test_the_check_finds_the_file_through_the_settings(call: Call, desk: Path) -> None:
    assert call("rules", "check", "--config", desk).code == 0


def test_when_answers_for_each_time_in_order_with_the_queues_offset(call: Call, rules: Path) -> None:
    times = ("--at", "2026-11-21T10:00", "--at", "2026-07-01T06:30:00Z")
    outcome = call("rules", "when", "--rules", rules, "--queue", "DYNAMICS", "--plan", "START", *times, "--json")
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {
            "at": "2026-11-21T10:00:00+01:00",
            "received_at": "2026-11-23T08:00:00+01:00",
            "react_by": "2026-11-23T16:00:00+01:00",
            "calendar": "start",
            "guarantee": {"holds": True, "reason": "holds"},
        },
        {
            "at": "2026-07-01T08:30:00+02:00",
            "received_at": "2026-07-01T08:30:00+02:00",
            "react_by": "2026-07-02T08:30:00+02:00",
            "calendar": "start",
            "guarantee": {"holds": True, "reason": "holds"},
        },
    ]


def test_when_reads_ten_thousand_times_from_stdin_in_a_moment(
    call: Call, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = "".join(f"2026-{1 + n % 12:02}-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}\n" for n in range(10_000))
    stdin = rules.with_name("times")
    stdin.write_text(times)
    started = time.process_time()
    with stdin.open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        outcome = call(
            "rules", "when", "--rules", rules, "--queue", "DYNAMICS", "--plan", "STANDARD", "--at", "-", "--json"
        )
    assert outcome.out.count("\n") == 10_000
    assert time.process_time() - started < 4  # about 0.5 s; a busy machine may take longer


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--queue", "DYNAMIC", "--at", "2026-11-21"), "unknown queue 'DYNAMIC', did you mean 'DYNAMICS'?"),
        (("--queue", "DYNAMICS", "--plan", "STRAT", "--at", "2026-11-21"), "did you mean 'START'?"),
        (("--queue", "DYNAMICS", "--at", "saturday"), "'saturday' is no time"),
        (("--queue", "DYNAMICS", "--at", "9999-12-31T00:00"), "a year from 1970 to 2300"),
    ],
)
def test_when_refuses_what_it_does_not_know(call: Call, rules: Path, arguments: tuple[str, ...], sentence: str) -> None:
    outcome = call("rules", "when", "--rules", rules, *arguments)
    assert (outcome.code, sentence in outcome.err) == (2, True)


def test_the_schema_is_json_that_names_every_section(call: Call) -> None:
    schema = json.loads(call("rules", "schema").out)
    assert {"calendars", "queues", "rules", "samples"} <= set(schema["properties"])
    assert set(schema["required"]) == {"version", "calendars", "queues"}


def test_a_mail_is_played_with_every_step_every_rule_and_the_mails_that_would_go_out(
    call: Call, rules: Path, mail: Path
) -> None:
    outcome = call("rules", "test", "--rules", rules, mail)
    assert outcome.code == 0
    for words in (
        "opened: new_ticket",
        "rule outage\tpriority: 2, kind: error, tags: outage\tsubject: awari",
        "rule premium outage\tdoes not apply\tmisses plan: PREMIUM",
        "── new to jan@acme.example: [DYN-10019] Awaria modulu",
        "poniedziałek, 23 listopada 2026, 16:00",
    ):
        assert words in outcome.out


def test_a_mail_is_played_at_the_time_that_is_asked_for(call: Call, rules: Path, mail: Path) -> None:
    outcome = call("rules", "test", "--rules", rules, mail, "--at", "2026-11-24T10:00", "--json")
    story = json.loads(outcome.out)
    assert [letter["notification"] for letter in story["mails"] if letter["recipient"] == "jan@acme.example"] == ["new"]
    assert "środa, 25 listopada 2026, 10:00" in str(story["mails"])


def test_a_mail_that_gets_no_answer_says_so(call: Call, rules: Path, mail: Path) -> None:
    mail.write_text(MAIL.replace("Subject", "X-Spam-Flag: YES\nSubject"))
    assert "No mail would go out." in call("rules", "test", "--rules", rules, mail).out


def test_a_mail_that_never_comes_before_the_rules_says_so(call: Call, rules: Path, mail: Path) -> None:
    mail.write_text(MAIL.replace("Subject", "Auto-Submitted: auto-replied\nSubject"))
    outcome = call("rules", "test", "--rules", rules, mail)
    assert outcome.out.startswith("recorded:")
    assert "The rules were not asked." in outcome.out


def test_a_mailbox_that_is_not_there_and_a_file_that_is_not_there_end_with_2(
    call: Call, desk: Path, mail: Path
) -> None:
    wrong = call("rules", "test", "--config", desk, "--mailbox", "dynamic", mail)
    assert (wrong.code, "it has: dynamics" in wrong.err) == (2, True)
    assert call("rules", "test", "--config", desk, mail.with_name("none.eml")).code == 2


def test_other_rules_are_compared_over_the_stored_mail(call: Call, desk: Path, rules: Path, mail: Path) -> None:
    assert (
        call("ingest", "--config", desk, "--mailbox", "dynamics", mail, "--delivered-at", "2026-11-20T18:32").code == 0
    )
    new = rules.with_name("new.yaml")
    text = rules.read_text()[: rules.read_text().index("samples:")]
    text = text.replace("priority: 2, tags: [outage]", "priority: 1, tags: [outage]")
    new.write_text(
        text.replace('start:             { hours: { mon-fri: "08:00', 'start:             { hours: { mon-fri: "06:00')
    )
    outcome = call("rules", "diff", "--config", desk, new, "--days", "36500", "--json")
    assert [(row["what"], row["old"], row["new"]) for row in map(json.loads, outcome.out.splitlines())] == [
        ("priority", "2", "1"),
        ("react_by of DYN-10019", "2026-11-23T16:00:00+01:00", "2026-11-23T14:00:00+01:00"),
    ]
    told = call("rules", "diff", "--config", desk, new, "--days", "36500").out
    assert "1 mails compared, 1 changes; 1 deadlines would move" in told


def test_the_same_rules_change_nothing(call: Call, desk: Path, rules: Path, mail: Path) -> None:
    call("ingest", "--config", desk, "--mailbox", "dynamics", mail, "--delivered-at", "2026-11-20T18:32")
    assert "0 changes; 0 deadlines" in call("rules", "diff", "--config", desk, rules, "--days", "36500").out
