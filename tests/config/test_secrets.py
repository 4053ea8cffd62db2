"""Secrets are read when asked for, and show up nowhere else."""

import io
import os
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from helpdesk import logs
from helpdesk.config import Secret, load_settings
from helpdesk.errors import ConfigurationError
from tests import canary
from tests.config.conftest import GOOD

CANARY = canary.secret("config")


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        pytest.param("pass word", "pass word", id="as-it-stands"),
        pytest.param("word\n", "word", id="one-line-break"),
        pytest.param("word\r\n", "word", id="windows-line-break"),
        pytest.param("word\n\n", "word\n", id="only-one-is-taken-off"),
        pytest.param(" word ", " word ", id="blanks-belong-to-it"),
        pytest.param("zażółć", "zażółć", id="utf-8"),
    ],
)
def test_a_file_is_the_secret_but_for_its_last_line_break(tmp_path: Path, content: str, secret: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content.encode())

    assert Secret(file=file).reveal() == secret


def test_a_variable_is_read_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret(env="TEST_SECRET")
    monkeypatch.setenv("TEST_SECRET", "first")
    first = secret.reveal()
    monkeypatch.setenv("TEST_SECRET", "second")

    assert (first, secret.reveal()) == ("first", "second")


def test_a_credential_lies_where_systemd_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "smtp").write_text("word\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert Secret(credential="smtp").reveal() == "word"


def test_a_credential_can_not_climb_out_of_its_directory() -> None:
    with pytest.raises(ValueError, match="pattern"):
        Secret(credential="../shadow")


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        pytest.param(
            Secret(env="TEST_NONE"), "variable TEST_NONE: is not set, and a secret is read from it: export it", id="env"
        ),
        pytest.param(
            Secret(file=Path("/nowhere/secret")),
            "/nowhere/secret: does not exist: write the secret into it, readable by this user only",
            id="file",
        ),
        pytest.param(Secret(file=Path("/")), "/: can't be read: Is a directory", id="folder"),
        pytest.param(Secret(file=Path(os.devnull)), "/dev/null: holds nothing: write the secret into it", id="empty"),
        pytest.param(
            Secret(credential="smtp"),
            "credential smtp: systemd gave this process no credentials: add LoadCredential= to the unit",
            id="credential",
        ),
    ],
)
def test_a_secret_that_is_not_there_names_its_place_and_the_cure(secret: Secret, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        secret.reveal()

    assert (str(raised.value), raised.value.exit_code) == (sentence, 2)


def test_a_missing_secret_is_named_by_the_line_and_key_that_ask_for_it(write: Callable[[str], Path]) -> None:
    file = write(GOOD)
    settings = load_settings(file)

    assert [str(problem) for problem in settings.missing_secrets()] == [
        f"{file}:2: secret: {file.parent}/secret.key does not exist: "
        "write the secret into it, readable by this user only",
        f"{file}:7: smtp.password: variable TEST_SMTP_PASSWORD is not set, and a secret is read from it: export it",
        f"{file}:12: mailbox.erp.password: {file.parent}/erp.secret does not exist: "
        "write the secret into it, readable by this user only",
    ]


def test_secrets_that_are_there_are_not_missed(
    write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEST_SMTP_PASSWORD", "word")
    for name in ("secret.key", "erp.secret"):
        (tmp_path / name).write_text("word")

    assert load_settings(write(GOOD)).missing_secrets() == []


def test_a_file_that_is_no_text_is_refused_without_showing_it(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(CANARY.encode() + b"\xff")
    with pytest.raises(ConfigurationError, match="it is not UTF-8 text") as raised:
        Secret(file=file).reveal()

    assert CANARY not in "".join(traceback.format_exception(raised.value))


def test_no_secret_shows_in_settings_logs_or_tracebacks(
    write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "erp.secret").write_text(CANARY)
    monkeypatch.setenv("TEST_SMTP_PASSWORD", CANARY)
    settings = load_settings(write(GOOD))
    password = settings.mailbox["erp"].password
    assert password is not None
    assert password.reveal() == CANARY

    seen = io.StringIO()
    with redirect_stderr(seen):
        for as_json in (True, False):
            logs.configure(json=as_json, level="debug")
            try:
                _fail_beside(password.reveal())
            except ZeroDivisionError:
                logs.get_logger().exception("mailbox.failed", settings=settings, password=password)

    assert seen.getvalue().count("mailbox.failed") == 2
    for shown in (seen.getvalue(), repr(settings), str(settings), settings.model_dump_json()):
        assert CANARY not in shown


def _fail_beside(password: str) -> float:
    return len(password) / 0


def test_secret_files_that_others_can_read_are_warned_of(write: Callable[[str], Path], tmp_path: Path) -> None:
    for name, mode in (("secret.key", 0o600), ("erp.secret", 0o644)):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    file = write(GOOD)

    assert [str(warning) for warning in load_settings(file).warnings()] == [
        f"{file}:12: mailbox.erp.password: others can read {tmp_path}/erp.secret: chmod 600 {tmp_path}/erp.secret"
    ]
