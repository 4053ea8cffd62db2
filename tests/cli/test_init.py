"""`helpdesk init`: files that work, in the desk's own words, and never over others."""

import base64
import io
import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.config import load_settings
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.samples import run_samples
from helpdesk.wiring import make_renderer, read_rules, shipped_templates
from tests.cli.conftest import Call


def test_the_files_of_a_new_desk_work_as_they_are(call: Call, tmp_path: Path) -> None:
    outcome = call("init", tmp_path / "desk", "--yes", "--instance", "desk.example.org")
    settings = load_settings(tmp_path / "desk" / "helpdesk.toml")
    rules = read_rules(settings)

    assert (outcome.code, outcome.out) == (0, "")
    assert settings.instance == "desk.example.org"
    assert {box.queue for box in settings.mailbox.values()} == set(rules.queues)
    assert all(
        box.username in str(rules.queues[box.queue].addresses) or box.username for box in settings.mailbox.values()
    )
    assert rules.queue_of_address("PomocDYNAMICS@desk.example.org") is rules.queues["DYNAMICS"]
    assert run_samples(rules) == ()
    assert make_renderer(settings).check() == []
    assert settings.warnings() == ()


def test_old_mail_is_left_alone_from_today_on(call: Call, tmp_path: Path) -> None:
    before = datetime.now(UTC).astimezone().date()
    call("init", tmp_path, "--yes")
    after = datetime.now(UTC).astimezone().date()

    assert {box.since for box in load_settings(tmp_path / "helpdesk.toml").mailbox.values()} <= {before, after}


def test_the_signing_key_is_secret_long_and_never_the_same(call: Call, tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two"):
        call("init", tmp_path / name, "--yes")
        file = tmp_path / name / "secret.key"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        keys.append(base64.b64decode(file.read_text()))

    assert [len(key) for key in keys] == [32, 32]
    assert keys[0] != keys[1]


def test_every_shipped_template_is_there_to_be_edited(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path, "--yes")
    source = shipped_templates()

    for file in source.rglob("*.*"):
        assert (tmp_path / "templates" / file.relative_to(source)).read_bytes() == file.read_bytes()


def test_own_products_get_queues_of_their_own_and_keep_what_fits(call: Call, tmp_path: Path) -> None:
    outcome = call(
        "init", tmp_path, "--yes", "--instance", "desk.example.org",
        "--mailbox", "pomoc@example.org=OGÓLNE", "--mailbox", "Serwis.Kasy@example.org",
        "--mailbox", "PomocTARGIT@example.org", "--imap-host", "mail.example.org",
        "--smtp-host", "relay.example.org", "--smtp-username", "desk",
    )  # fmt: skip
    settings = load_settings(tmp_path / "helpdesk.toml")
    rules = read_rules(settings)

    assert outcome.code == 0
    assert {name: (box.queue, box.username, box.host) for name, box in settings.mailbox.items()} == {
        "og_lne": ("OG_LNE", "pomoc@example.org", "mail.example.org"),
        "kasy": ("KASY", "Serwis.Kasy@example.org", "mail.example.org"),
        "targit": ("TARGIT", "PomocTARGIT@example.org", "mail.example.org"),
    }
    assert settings.smtp is not None
    assert (settings.smtp.host, settings.smtp.username) == ("relay.example.org", "desk")
    assert list(rules.queues) == ["OG_LNE", "KASY", "TARGIT"]
    assert rules.queues["TARGIT"].from_name == "Pomoc TARGIT"
    assert rules.queue_of_address("serwis.kasy@example.org") is rules.queues["KASY"]
    assert len({queue.prefix for queue in rules.queues.values()}) == 3
    assert len(rules.samples) > 2
    assert run_samples(rules) == ()


def test_a_single_product_of_the_shipped_ones_is_a_desk_too(call: Call, tmp_path: Path) -> None:
    assert call("init", tmp_path, "--yes", "--mailbox", "PomocPROPHIX@example.org").code == 0
    rules = read_rules(load_settings(tmp_path / "helpdesk.toml"))

    assert list(rules.queues) == ["PROPHIX"]
    assert run_samples(rules) == ()


def test_existing_files_are_left_as_they_are_and_named(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path, "--yes")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    (tmp_path / "routing_rules.yaml").unlink()
    outcome = call("init", tmp_path, "--yes", "--instance", "other.example.org")

    assert {file: file.read_bytes() for file in before if file.name != "routing_rules.yaml"} == {
        file: content for file, content in before.items() if file.name != "routing_rules.yaml"
    }
    assert f"left as it is: {tmp_path}/secret.key" in outcome.err
    assert f"written: {tmp_path}/routing_rules.yaml" in outcome.err


def test_a_desk_that_is_there_is_asked_nothing_and_its_templates_are_counted(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path, "--yes", "--mailbox", "pomoc@example.org=CRM")
    (tmp_path / "templates" / "pl" / "new" / "subject.txt").unlink()
    count = sum(1 for file in (tmp_path / "templates").rglob("*") if file.is_file())
    outcome = call("init", tmp_path)

    assert outcome.code == 0
    assert "[" not in outcome.err, "no question"
    assert f"left as it is: {tmp_path}/templates/ ({count} files)\n" in outcome.err
    assert f"written: {tmp_path}/templates/ (1 files)\n" in outcome.err
    assert f"cat > {tmp_path}/crm.secret)" in outcome.err, "the passwords that this desk asks for"
    assert len(outcome.err.splitlines()) < 16


def test_a_link_that_leads_nowhere_is_not_followed(call: Call, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.key"
    (tmp_path / "secret.key").symlink_to(elsewhere)
    call("init", tmp_path, "--yes")

    assert not elsewhere.exists()


def test_answers_are_read_line_by_line_and_nothing_means_the_default(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Desk.Example.org\npomoc@example.org=CRM\n\n"))
    outcome = call("init", tmp_path)
    settings = load_settings(tmp_path / "helpdesk.toml")

    assert outcome.code == 0
    assert settings.instance == "desk.example.org"
    assert (settings.mailbox["crm"].username, settings.mailbox["crm"].host) == (
        "pomoc@example.org",
        "imap.desk.example.org",
    )
    assert "The IMAP server that holds these mailboxes" in outcome.err


def test_scripts_are_told_each_file(call: Call, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in call("init", tmp_path, "--yes", "--json").out.splitlines()]

    assert {"file": str(tmp_path / "helpdesk.toml"), "written": True} in rows
    assert all(Path(row["file"]).is_file() for row in rows)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--mailbox", "pomoc"], "'pomoc' is not an address", id="no-address"),
        pytest.param(["--mailbox", "a@x.test=Q", "--mailbox", "b@x.test=q"], "would be called 'q'", id="same-queue"),
        pytest.param(["--mailbox", "ąę@x.test"], "is not an address", id="no-ascii"),
        pytest.param(["--mailbox", "_@x.test"], "write _@x.test=QUEUE", id="no-name"),
        pytest.param(["--instance", "my desk"], "'my desk' is not a domain", id="no-domain"),
    ],
)
def test_what_can_not_be_meant_is_refused_before_anything_is_written(
    call: Call, tmp_path: Path, options: list[str], said: str
) -> None:
    outcome = call("init", tmp_path / "desk", "--yes", *options)

    assert outcome.code == 2
    assert said in outcome.err
    assert not (tmp_path / "desk").exists()


def test_a_file_in_place_of_the_directory_is_said_in_one_sentence(call: Call, tmp_path: Path) -> None:
    (tmp_path / "desk").write_text("")
    outcome = call("init", tmp_path / "desk", "--yes")

    assert (outcome.code, outcome.err) == (2, f"helpdesk: {tmp_path}/desk is not a directory\n")


def test_the_shipped_rules_hold_under_any_domain(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path, "--yes", "--instance", "desk.example.org")
    text = (tmp_path / "routing_rules.yaml").read_text()

    assert "helpdesk.example" not in text.replace("helpdesk.example.org", "")
    assert load_rules(text).warnings == ()
