"""`helpdesk check` against real servers: what is good, what is wrong, and the cure."""

import json
from pathlib import Path

import pytest

from helpdesk.config import load_settings
from helpdesk.store import schema
from helpdesk.store.health import examine
from helpdesk.store.unit_of_work import Database
from tests.canary import secret
from tests.cli.conftest import Call, Outcome
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.sink import Sink

SETTINGS = """\
instance = "desk.example.org"
secret = {{ file = "secret.key" }}
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "plain"
[mailbox.crm]
host = "127.0.0.1"
port = {imap}
security = "plain"
username = "{user}"
password = {{ file = "crm.secret" }}
queue = "CRM"
subaddressing = true
authentication = {{ profile = "rfc8601", authserv_id = "mx.example.org" }}
"""
RULES = """\
version: 1
calendars: { always: { hours: always } }
queues:
  CRM: { prefix: CRM, addresses: [crm@example.org], calendar: always, consultants: [ewa@example.org] }
consultants:
  ewa@example.org: { name: Ewa Lis }
"""


class Desk:
    """A desk's files, to be spoilt one at a time."""

    def __init__(self, folder: Path, imap: int, smtp: int, user: str) -> None:
        self.folder = folder
        self.put("helpdesk.toml", SETTINGS.format(imap=imap, smtp=smtp, user=user))
        self.put("routing_rules.yaml", RULES)
        self.put("secret.key", "k" * 44)
        self.put("crm.secret", PASSWORD)

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / name).chmod(0o600)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.put(name, text.replace(old, new))

    @property
    def settings(self) -> Path:
        return self.folder / "helpdesk.toml"


@pytest.fixture
def desk(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> Desk:
    return Desk(tmp_path, dovecot.port, sink.port, dovecot.new_user())


def findings(outcome: Outcome) -> dict[str, tuple[str, str, str]]:
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    return {row["check"]: (row["result"], row["detail"], row["cure"]) for row in rows}


def test_a_desk_in_order_has_a_tick_on_every_line(call: Call, desk: Desk) -> None:
    database = Database(load_settings(desk.settings).database.connect_url())
    schema.upgrade(database)
    database.close()
    outcome = call("check", "--config", desk.settings)
    lines = [line.split("\t") for line in outcome.out.splitlines()[1:]]

    assert outcome.code == 0
    assert [(line[0], line[1]) for line in lines] == [
        ("✓", "settings"),
        ("✓", "rules"),
        ("✓", "identity"),
        ("✓", "templates"),
        ("✓", "database"),
        ("✓", "mailbox crm"),
        ("✓", "SMTP default"),
    ]


def test_a_new_desk_has_no_database_yet_and_check_makes_none(call: Call, desk: Desk) -> None:
    outcome = call("check", "--config", desk.settings, "--json")

    assert outcome.code == 0
    assert findings(outcome)["database"] == (
        "warning",
        "there is no desk in it yet",
        "`helpdesk db upgrade`, or the first run, makes it",
    )
    assert not (desk.folder / "helpdesk.db").exists()


def test_a_wrong_password_is_told_apart_from_a_server_that_is_away(call: Call, desk: Desk) -> None:
    desk.put("crm.secret", secret("wrong"))
    desk.edit("helpdesk.toml", "[smtp]", "[smtp]\nallow_plaintext = false")
    outcome = call("check", "--config", desk.settings, "--json")
    result, detail, cure = findings(outcome)["mailbox crm"]

    assert outcome.code == 1
    assert (result, detail.partition(":")[0]) == ("failed", "login refused")
    assert cure.startswith("correct username or secret in [mailbox.crm]")
    assert findings(outcome)["SMTP default"][0] == "ok"
    assert secret("wrong") not in outcome.out + outcome.err


def test_a_server_that_is_away_names_the_keys_to_look_at(call: Call, desk: Desk) -> None:
    port = load_settings(desk.settings).smtp_accounts["default"].port
    desk.edit("helpdesk.toml", f"port = {port}", "port = 9")
    outcome = call("check", "--config", desk.settings, "--json")

    assert outcome.code == 1
    assert findings(outcome)["SMTP default"][0::2] == (
        "failed",
        "look at host, port and security in [smtp], and whether the server answers from here",
    )
    assert findings(outcome)["mailbox crm"][0] == "ok"


def test_a_secret_that_is_not_there_is_named(call: Call, desk: Desk) -> None:
    (desk.folder / "crm.secret").unlink()
    (desk.folder / "secret.key").unlink()
    found = findings(call("check", "--config", desk.settings, "--json"))

    assert found["mailbox crm"][1].startswith(
        f"{desk.folder}/helpdesk.toml:12: mailbox.crm.password: {desk.folder}/crm.secret does not exist"
    )
    assert found["signing key 1"][0] == "failed"


def test_a_short_signing_key_and_open_secrets_are_warned_of(call: Call, desk: Desk) -> None:
    desk.put("secret.key", "letmein")
    (desk.folder / "crm.secret").chmod(0o644)
    outcome = call("check", "--config", desk.settings)

    assert outcome.code == 0
    assert "!\tsigning key 1\tis short enough to be guessed\t" in outcome.out
    assert f"others can read {desk.folder}/crm.secret\tchmod 600 {desk.folder}/crm.secret" in outcome.out


def test_a_broken_template_is_named_with_its_line(call: Call, desk: Desk) -> None:
    (desk.folder / "templates" / "pl" / "new").mkdir(parents=True)
    desk.put("templates/pl/new/body.txt", "Dzień dobry\n{{ tiket.key }}\n")
    desk.edit("helpdesk.toml", "[smtp]", "[smtp]\n")
    desk.edit("helpdesk.toml", "instance", 'templates = "templates"\ninstance')
    outcome = call("check", "--config", desk.settings, "--json")
    result, detail, _ = findings(outcome)["templates"]

    assert (outcome.code, result) == (1, "failed")
    assert "pl/new/body.txt:2:" in detail
    assert "tiket" in detail


def test_a_sample_that_fails_is_named_with_its_line(call: Call, desk: Desk) -> None:
    sample = 'samples:\n  - mail: { from: a@b.test, to: crm@example.org, subject: x, at: "2026-11-20T10:00" }\n'
    desk.put("routing_rules.yaml", RULES + sample + "    expect: { priority: 1 }\n")
    outcome = call("check", "--config", desk.settings, "--json")
    result, detail, _ = findings(outcome)["rules"]

    assert (outcome.code, result) == (1, "failed")
    assert "line 8" in detail


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        pytest.param(
            "helpdesk.toml", "username", "usrname",
            ":11: mailbox.crm.usrname: unknown key 'usrname', did you mean 'username'?",
            id="settings",
        ),
        pytest.param(
            "helpdesk.toml", 'queue = "CRM"', 'queue = "CMR"',
            ":13: mailbox.crm.queue: no queue 'CMR' in the rules, did you mean 'CRM'?", id="queue",
        ),
        pytest.param("routing_rules.yaml", "prefix", "prefx", "did you mean 'prefix'?", id="rules"),
        pytest.param("routing_rules.yaml", "version: 1", "version: [", "routing_rules.yaml", id="yaml"),
    ],
)  # fmt: skip
def test_settings_or_rules_that_can_not_be_read_end_it_before_any_login(
    call: Call, desk: Desk, dovecot: Dovecot, name: str, old: str, new: str, said: str
) -> None:
    desk.edit(name, old, new)
    outcome = call("check", "--config", desk.settings)

    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert f"{desk.folder / name}:" in outcome.err


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(
            lambda file: file.unlink(), "can't be read: No such file or directory; `helpdesk init`", id="missing"
        ),
        pytest.param(lambda file: file.write_bytes(b"version: 1\n# \xff\n"), "yaml:2: is not UTF-8 text", id="no-text"),
    ],
)
def test_rules_that_are_no_text_file_say_so(call: Call, desk: Desk, spoil: object, said: str) -> None:
    assert callable(spoil)
    spoil(desk.folder / "routing_rules.yaml")
    outcome = call("check", "--config", desk.settings)

    assert outcome.code == 2
    assert said in outcome.err


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        pytest.param("sqlite:////nowhere/desk.db", "/nowhere does not exist or can't be written to", id="no-folder"),
        pytest.param("postgresql+psycopg://x@127.0.0.1:9/x", "connection failed", id="no-server"),
        pytest.param("postgresql+psycopg://u:canary@h:port/x", "the URL can't be read", id="no-url"),
    ],
)
def test_a_database_that_is_away_is_a_finding_and_no_traceback(url: str, trouble: str) -> None:
    health = examine(url)

    assert trouble in health.trouble
    assert "canary" not in health.trouble


def test_a_database_says_its_schema(database_url: str) -> None:
    assert examine(database_url).revision is None
    database = Database(database_url)
    schema.upgrade(database)
    database.close()

    assert examine(database_url).is_current


def test_a_file_that_is_no_database_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_text("this is a letter, not a database " * 100)

    assert examine(f"sqlite:///{tmp_path}/desk.db").trouble == "file is not a database"
