"""What a bad file answers: every mistake with its line, in one sentence an operator can act on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.config import load_settings
from helpdesk.errors import ConfigurationError, Problem
from tests.config.conftest import GOOD

Write = Callable[[str], Path]


def problems_in(file: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(file)
    return raised.value.problems


def mistake(identifier: str, old: str, new: str, line: int, key: str, message: str) -> object:
    return pytest.param(old, new, line, key, message, id=identifier)


SECRET_FORM = '{ env = "…" }, { file = "…" } or { credential = "…" }'
MISTAKES = [
    mistake("unknown-key", "password = { env", "pasword = { env", 7, "smtp.pasword",
            "unknown key 'pasword', did you mean 'password'?"),
    mistake("unknown-table", "[smtp]", "[limit]\nstranger_per_hour = 1\n[smtp]", 4, "limit",
            "unknown key 'limit', did you mean 'limits'?"),
    mistake("unknown-key-far-from-all", "instance =", "zzz = 1\ninstance =", 1, "zzz",
            "unknown key 'zzz', known are database, instance, limits, mailbox, rules, secret, smtp, state, templates"),
    mistake("unknown-key-in-a-mailbox", "queue =", "quue =", 13, "mailbox.erp.quue",
            "unknown key 'quue', did you mean 'queue'?"),
    mistake("unknown-key-in-a-secret", '{ file = "erp', '{ fiel = "erp', 12, "mailbox.erp.password.fiel",
            "unknown key 'fiel', did you mean 'file'?"),
    mistake("unknown-key-in-authentication", 'queue = "ERP"', 'queue = "ERP"\nauthentication = { profil = "none" }',
            14, "mailbox.erp.authentication.profil", "unknown key 'profil', did you mean 'profile'?"),
    mistake("missing-key", 'queue = "ERP"\n', "", 9, "mailbox.erp.queue", "is missing"),
    mistake("missing-at-the-top", 'instance = "desk.example.org"\n', "", 1, "instance", "is missing"),
    mistake("wrong-word", 'queue = "ERP"', 'security = "starttsl"\nqueue = "ERP"', 13, "mailbox.erp.security",
            "'starttsl' is none of tls, starttls, plain, did you mean 'starttls'?"),
    mistake("wrong-word-far-from-all", 'queue = "ERP"', 'security = "none"\nqueue = "ERP"', 13, "mailbox.erp.security",
            "'none' is none of tls, starttls, plain"),
    mistake("no-number", 'queue = "ERP"', 'queue = "ERP"\nport = "imap"', 14, "mailbox.erp.port",
            "must be a whole number"),
    mistake("number-out-of-range", 'queue = "ERP"', 'queue = "ERP"\nport = 70000', 14, "mailbox.erp.port",
            "must be less than or equal to 65535"),
    mistake("no-switch", 'queue = "ERP"', 'queue = "ERP"\nidle = "perhaps"', 14, "mailbox.erp.idle",
            "must be true or false"),
    mistake("no-text", 'queue = "ERP"', "queue = 5", 13, "mailbox.erp.queue", "must be a text in quotes"),
    mistake("empty-text", 'queue = "ERP"', 'queue = ""', 13, "mailbox.erp.queue", "must not be empty"),
    mistake("no-day", 'queue = "ERP"', 'queue = "ERP"\nsince = "today"', 14, "mailbox.erp.since",
            'must be a day such as "2026-11-20"'),
    mistake("no-unit", 'queue = "ERP"', 'queue = "ERP"\npoll = 60', 14, "mailbox.erp.poll",
            "'60' is not a length of time: write a number and s, m, h, d or w, such as \"60s\""),
    mistake("no-length", 'queue = "ERP"', 'queue = "ERP"\npoll = "0s"', 14, "mailbox.erp.poll",
            "'0s' must be longer than nothing and shorter than ten years"),
    mistake("no-size", 'queue = "ERP"', 'queue = "ERP"\nmax_size = "big"', 14, "mailbox.erp.max_size",
            "'big' is not a size: write a number and KB, MB or GB (or KiB, MiB, GiB), such as \"50MB\""),
    mistake("no-filing", 'queue = "ERP"', 'queue = "ERP"\nafter_intake = "move:"', 14, "mailbox.erp.after_intake",
            "'move:' is none of keep, seen, delete, move:FOLDER"),
    mistake("no-table", "instance =", "limits = 5\ninstance =", 1, "limits", "must be a table"),
    mistake("instance-with-capitals", "desk.example.org", "Desk.example.org", 1, "instance",
            "must be a domain of yours in lower case, such as helpdesk.example.org"),
    mistake("another-database", "[smtp]", '[database]\nurl = "mysql://desk:canary@db/desk"\n[smtp]', 5, "database.url",
            "'mysql' is not a database we know: write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"),
    mistake("database-in-memory", "[smtp]", '[database]\nurl = "sqlite://"\n[smtp]', 5, "database.url",
            "'sqlite' is not a database we know: write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"),
    mistake("database-port", "[smtp]",
            '[database]\nurl = "postgresql+psycopg://u:canary@h:port/d"\n[smtp]', 5, "database.url",
            "what stands behind the host's colon must be a port's number"),
    mistake("plain-to-the-network", 'host = "mail.example.org"', 'host = "mail.example.org"\nsecurity = "plain"', 6,
            "smtp.security", "'plain' shows mail and password to the network: use tls or starttls, "
            "or set allow_plaintext = true"),
    mistake("literal-secret", '{ env = "TEST_SMTP_PASSWORD" }', '"canary"', 7, "smtp.password",
            f"a secret must not stand in the settings, which get copied and shown around: write {SECRET_FORM}"),
    mistake("secret-at-two-places", '{ env = "TEST_SMTP_PASSWORD" }', '{ env = "A", file = "b" }', 7, "smtp.password",
            f"name one place for the secret: {SECRET_FORM}"),
    mistake("secret-nowhere", '{ env = "TEST_SMTP_PASSWORD" }', "{ }", 7, "smtp.password",
            f"name one place for the secret: {SECRET_FORM}"),
    mistake("literal-signing-key", '{ file = "secret.key" }', '"canary"', 2, "secret",
            f"a secret must not stand in the settings, which get copied and shown around: write {SECRET_FORM}"),
    mistake("signing-keys-of-one-name", '{ file = "secret.key" }', '[{ file = "a" }, { file = "b" }]', 2, "secret",
            "each key needs a kid of its own"),
    mistake("distrusted-key-signs", '{ file = "secret.key" }', '{ file = "a", distrusted = true }', 2, "secret",
            "the first key signs, so it can't be a distrusted one"),
    mistake("odd-kid", '{ file = "secret.key" }', '[\n{ file = "a" },\n{ kid = "10", file = "b" }]', 4, "secret.2.kid",
            "must be one digit or small letter other than i, l, o, u"),
    mistake("no-password", 'password = { file = "erp.secret" }\n', "", 9, "mailbox.erp.oauth2",
            "a username needs a password or oauth2 beside it"),
    mistake("no-username", 'username = "desk"\n', "", 4, "smtp.oauth2",
            "a password or oauth2 needs a username beside it"),
    mistake("oauth2-in-the-open", 'password = { file = "erp.secret" }',
            'oauth2 = { token_url = "http://login.example.org", client_id = "d", client_secret = { env = "X" } }', 12,
            "mailbox.erp.oauth2.token_url", "must begin with https://: the client's secret is sent there"),
    mistake("profile-without-a-name", 'queue = "ERP"', 'queue = "ERP"\nauthentication = { profile = "rfc8601" }', 14,
            "mailbox.erp.authentication.authserv_id", "profile rfc8601 needs the name of your own mail server"),
    mistake("nobody-to-send", GOOD[GOOD.index("[smtp]") : GOOD.index("[mailbox")], "", 4, "mailbox",
            "erp can't send mail: write a table [smtp] for all, or [mailbox.erp.smtp]"),
    mistake("odd-mailbox-name", "[mailbox.erp]", '[mailbox."e r p"]', 9, "mailbox.e r p",
            "a mailbox's name is made of letters, digits, - and _: it stands in commands and variables"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_line_key_and_cure(
    write: Write, old: str, new: str, line: int, key: str, message: str
) -> None:
    assert GOOD.count(old) == 1, "the table must change one place"
    file = write(GOOD.replace(old, new))
    [problem] = problems_in(file)

    assert (problem.file, problem.line, problem.key, problem.message) == (str(file), line, key, message)
    assert "canary" not in str(problem)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param('instance = "a"\nrules = \n', 2, "not valid TOML: Invalid value", id="no-value"),
        pytest.param("a = 1\na = 2\n", 2, "not valid TOML: Cannot overwrite a value", id="key-twice"),
        pytest.param(
            "# good\n[smtp\n", 2, "not valid TOML: Expected ']' at the end of a table declaration", id="bracket"
        ),
        pytest.param('a = 1\nb = "open\n', 2, "not valid TOML: Illegal character '\\n'", id="open-quote"),
        pytest.param('a = """\nopen', 2, "not valid TOML: Unterminated string", id="end-of-file"),
    ],
)
def test_a_file_that_is_no_toml_names_the_line(write: Write, text: str, line: int, message: str) -> None:
    problem = problems_in(write(text))[0]

    assert (problem.line, problem.message) == (line, message)


def test_a_file_that_is_no_text_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "helpdesk.toml"
    file.write_bytes(b"# fine\n# za\xbf\xf3\xb3\xe6\n")

    assert str(problems_in(file)[0]) == f"{file}:2: is not UTF-8 text"


def test_a_missing_file_names_the_cure(tmp_path: Path) -> None:
    problem = problems_in(tmp_path / "none.toml")[0]

    assert str(problem) == (
        f"{tmp_path}/none.toml: there is no such file: `helpdesk init` writes one, "
        "--config FILE or HELPDESK_CONFIG names another"
    )


def test_a_folder_in_place_of_the_file_is_said_to_be_one(tmp_path: Path) -> None:
    assert problems_in(tmp_path)[0].message == "can't be read: Is a directory"


def test_all_mistakes_are_named_in_one_go_in_the_order_of_the_file(write: Write) -> None:
    text = GOOD.replace("desk.example.org", "Desk").replace("host", "hsot").replace('"ERP"', "7")

    assert [(problem.line, problem.key) for problem in problems_in(write(text))] == [
        (1, "instance"),
        (5, "smtp.hsot"),
        (10, "mailbox.erp.hsot"),
        (13, "mailbox.erp.queue"),
    ]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        pytest.param("HELPDESK_SMTP__PORT", "imap", "must be a whole number", id="wrong-value"),
        pytest.param("HELPDESK_SMTP__PASWORD", "x", "unknown key 'pasword', did you mean 'password'?", id="unknown"),
        pytest.param("HELPDESK_SMPT__HOST", "x", "unknown key 'smpt', did you mean 'smtp'?", id="unknown-table"),
        pytest.param("HELPDESK_MAILBOX", "{", "must be JSON", id="broken-json"),
        pytest.param("HELPDESK_SMTP", "{", "must be a table", id="no-table"),
        pytest.param(
            "HELPDESK_SMTP__PASSWORD",
            "canary",
            f"a secret must not stand in the settings, which get copied and shown around: write {SECRET_FORM}",
            id="literal-secret",
        ),
        pytest.param(
            "HELPDESK_MAILBOX__ERP__PASSWORD__FIEL", "x", "unknown key 'fiel', did you mean 'file'?", id="in-a-secret"
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    write: Write, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    problem = problems_in(write(GOOD))[0]

    assert str(problem) == f"environment: {variable}: {message}"


def test_a_later_finding_can_name_the_line_too(write: Write) -> None:
    file = write(GOOD)
    problem = load_settings(file).problem(("mailbox", "erp", "queue"), "no such queue")

    assert str(problem) == f"{file}:13: mailbox.erp.queue: no such queue"
