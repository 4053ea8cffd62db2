"""What a good file means: defaults, places, and the environment above it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from helpdesk.config import Settings, load_settings
from tests.config.conftest import GOOD

Write = Callable[[str], Path]


def test_a_short_file_is_enough_and_the_rest_has_its_defaults(write: Write, tmp_path: Path) -> None:
    settings = load_settings(write(GOOD))
    mailbox = settings.mailbox["erp"]

    assert settings.instance == "desk.example.org"
    assert settings.rules == tmp_path / "routing_rules.yaml"
    assert settings.templates is None
    assert settings.database.url == f"sqlite:///{tmp_path}/helpdesk.db"
    assert settings.smtp is not None
    assert (settings.smtp.port, settings.smtp.security) == (587, "starttls")
    assert (mailbox.port, mailbox.security, mailbox.folder) == (993, "tls", "INBOX")
    assert (mailbox.poll, mailbox.idle, mailbox.since) == (timedelta(minutes=1), True, None)
    assert (mailbox.after_intake, mailbox.max_size, mailbox.subaddressing) == ("move:Helpdesk/Taken", 50_000_000, False)
    assert (mailbox.authentication.profile, mailbox.authentication.authserv_id) == ("none", "")
    assert mailbox.delivered_to == ""


def test_limits_have_the_defaults_of_the_contract(write: Write) -> None:
    limits = load_settings(write(GOOD)).limits

    assert (limits.stranger_per_hour, limits.stranger_per_day, limits.domain_per_hour) == (3, 5, 30)
    assert (limits.strangers_per_hour, limits.contact_per_hour) == (60, 20)
    assert (limits.acknowledge_within, limits.attach_up_to) == (timedelta(days=3), 10_000_000)


def test_everything_that_can_be_said_of_a_mailbox_is_read(write: Write, tmp_path: Path) -> None:
    settings = load_settings(
        write(
            GOOD
            + """\
port = 1143
security = "starttls"
folder = "INBOX.Support"
poll = "5m"
idle = false
since = "2026-11-20"
after_intake = "seen"
subaddressing = true
authentication = { profile = "rfc8601", authserv_id = "mx.example.org" }
delivered_to = "Delivered-To"
max_size = "64KiB"
ca_file = "private-ca.pem"
[mailbox.erp.smtp]
host = "127.0.0.1"
security = "plain"
"""
        )
    )
    mailbox = settings.mailbox["erp"]

    assert (mailbox.port, mailbox.security, mailbox.folder) == (1143, "starttls", "INBOX.Support")
    assert (mailbox.poll, mailbox.idle, mailbox.since) == (timedelta(minutes=5), False, date(2026, 11, 20))
    assert (mailbox.after_intake, mailbox.subaddressing, mailbox.max_size) == ("seen", True, 65_536)
    assert (mailbox.authentication.profile, mailbox.authentication.authserv_id) == ("rfc8601", "mx.example.org")
    assert mailbox.delivered_to == "Delivered-To"
    assert mailbox.ca_file == tmp_path / "private-ca.pem"
    assert settings.smtp_accounts.keys() == {"default", "erp"}
    assert settings.account_of("erp") == "erp"
    assert settings.smtp_accounts["erp"].port == 25


def test_a_mailbox_without_an_account_of_its_own_sends_by_the_default_one(write: Write) -> None:
    assert load_settings(write(GOOD)).account_of("erp") == "default"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('url = "sqlite:///data/desk.db"', "sqlite:///{folder}/data/desk.db", id="relative-to-the-file"),
        pytest.param('url = "sqlite:////var/lib/desk.db"', "sqlite:////var/lib/desk.db", id="absolute-sqlite"),
        pytest.param('url = "postgresql+psycopg://desk@db/desk"', "postgresql+psycopg://desk@db/desk", id="postgresql"),
    ],
)
def test_the_database_url_is_anchored_at_the_file(write: Write, tmp_path: Path, line: str, expected: str) -> None:
    settings = load_settings(write(f"{GOOD}[database]\n{line}\n"))

    assert settings.database.connect_url() == expected.format(folder=tmp_path)


def test_a_database_password_is_filled_in_when_connecting_and_stands_in_no_url(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DB", "sl/ash@sign")
    text = (
        GOOD + '[database]\nurl = "postgresql+psycopg://desk@db.example.org:5433/desk"\npassword = { env = "TEST_DB" }'
    )
    database = load_settings(write(text)).database

    assert database.connect_url() == "postgresql+psycopg://desk:sl%2Fash%40sign@db.example.org:5433/desk"
    assert "sl/ash" not in repr(database)
    assert "db.example.org" not in repr(database)


def test_paths_are_relative_to_the_file_wherever_the_command_runs(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write('rules = "conf/rules.yaml"\ntemplates = "conf/templates"\n' + GOOD)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    settings = load_settings(file)

    assert settings.rules == tmp_path / "conf" / "rules.yaml"
    assert settings.templates == tmp_path / "conf" / "templates"
    assert settings.secret[0].file == tmp_path / "secret.key"
    assert settings.mailbox["erp"].password is not None
    assert settings.mailbox["erp"].password.file == tmp_path / "erp.secret"


def test_without_a_path_the_variable_names_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(GOOD)
    monkeypatch.setenv("HELPDESK_CONFIG", str(file))

    assert load_settings().file == file


def test_without_path_and_variable_the_file_is_here(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(GOOD)
    monkeypatch.chdir(tmp_path)

    assert load_settings().file == tmp_path / "helpdesk.toml"


def overridden(write: Write, monkeypatch: pytest.MonkeyPatch, text: str = GOOD, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"HELPDESK_{name}", value)
    return load_settings(write(text))


def test_a_variable_wins_over_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = overridden(
        write,
        monkeypatch,
        INSTANCE="other.example.org",
        DATABASE__URL="postgresql+psycopg://desk@db/desk",
        SMTP__PORT="2525",
        MAILBOX__ERP__HOST="imap2.example.org",
        MAILBOX__ERP__POLL="10s",
        LIMITS__ATTACH_UP_TO="1MB",
    )

    assert settings.instance == "other.example.org"
    assert settings.database.url == "postgresql+psycopg://desk@db/desk"
    assert settings.smtp is not None
    assert (settings.smtp.host, settings.smtp.port) == ("mail.example.org", 2525)
    assert (settings.mailbox["erp"].host, settings.mailbox["erp"].queue) == ("imap2.example.org", "ERP")
    assert settings.mailbox["erp"].poll == timedelta(seconds=10)
    assert settings.limits.attach_up_to == 1_000_000


def test_a_variable_finds_a_mailbox_that_the_file_writes_in_capitals(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = overridden(write, monkeypatch, GOOD.replace(".erp]", ".Erp]"), MAILBOX__ERP__HOST="imap2.example.org")

    assert settings.mailbox.keys() == {"Erp"}
    assert settings.mailbox["Erp"].host == "imap2.example.org"


def test_a_variable_replaces_the_place_of_a_secret_instead_of_adding_a_second(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = overridden(write, monkeypatch, MAILBOX__ERP__PASSWORD__ENV="ERP_PASSWORD").mailbox["erp"].password

    assert password is not None
    assert (password.env, password.file) == ("ERP_PASSWORD", None)


def test_a_whole_mailbox_can_come_from_variables(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = overridden(
        write,
        monkeypatch,
        MAILBOX__CRM='{"host": "imap.example.org", "username": "crm", "queue": "CRM", "password": {"file": "crm"}}',
    ).mailbox["crm"]

    assert (crm.host, crm.queue) == ("imap.example.org", "CRM")
    assert crm.password is not None
    assert crm.password.file is not None
    assert crm.password.file.is_absolute()


def test_names_that_a_container_platform_invents_are_left_alone(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    assert overridden(write, monkeypatch, PORT="tcp://192.0.2.1:80", SERVICE_HOST="192.0.2.1").smtp is not None


def test_one_key_and_a_list_of_keys_both_sign_with_the_first(write: Write) -> None:
    one = load_settings(write(GOOD)).secret
    several = load_settings(
        write(
            GOOD.replace(
                'secret = { file = "secret.key" }',
                'secret = [{ kid = "2", file = "new.key" }, { kid = "1", file = "old.key", distrusted = true }]',
            )
        )
    ).secret

    assert [(key.kid, key.distrusted) for key in one] == [("1", False)]
    assert [(key.kid, key.distrusted) for key in several] == [("2", False), ("1", True)]


def test_oauth2_stands_in_for_a_password(write: Write) -> None:
    text = GOOD.replace(
        'password = { file = "erp.secret" }',
        'oauth2 = { token_url = "https://login.example.org/token", client_id = "desk", '
        'client_secret = { credential = "oauth" }, scope = "imap" }',
    )
    oauth2 = load_settings(write(text)).mailbox["erp"].oauth2

    assert oauth2 is not None
    assert (oauth2.token_url, oauth2.client_id, oauth2.scope) == ("https://login.example.org/token", "desk", "imap")
    assert oauth2.client_secret is not None and oauth2.client_secret.credential == "oauth"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_plain_is_allowed_to_this_very_machine(write: Write, host: str) -> None:
    text = GOOD.replace('host = "mail.example.org"', f'host = "{host}"\nsecurity = "plain"')

    assert load_settings(write(text)).smtp is not None


def test_plain_to_another_machine_needs_a_word_of_consent(write: Write) -> None:
    text = GOOD.replace('host = "mail.example.org"', 'host = "10.0.0.5"\nsecurity = "plain"\nallow_plaintext = true')

    assert load_settings(write(text)).smtp is not None


def test_settings_can_not_be_changed(write: Write) -> None:
    settings = load_settings(write(GOOD))

    with pytest.raises(ValueError, match="frozen"):
        settings.instance = "other.example.org"
