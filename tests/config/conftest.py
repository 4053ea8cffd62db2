"""A settings file in a folder of its own, and an environment without variables of ours."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
instance = "desk.example.org"
secret = { file = "secret.key" }

[smtp]
host = "mail.example.org"
username = "desk"
password = { env = "TEST_SMTP_PASSWORD" }

[mailbox.erp]
host = "imap.example.org"
username = "erp@example.org"
password = { file = "erp.secret" }
queue = "ERP"
"""


@pytest.fixture(autouse=True)
def _no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HELPDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def _write(text: str) -> Path:
        file = tmp_path / "helpdesk.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return _write
