"""`helpdesk run --once` where something is wrong: what it says, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.desk_files import DeskFiles
from tests.databases import sqlite_original
from tests.services.mails import write

__all__ = ["sqlite_original"]


@pytest.fixture
def desk(tmp_path: Path, call: Call, sqlite_original: Path) -> DeskFiles:
    """A desk whose servers are ports on which nobody listens."""
    return DeskFiles.write(tmp_path, call, sqlite_original)


def test_a_missing_password_stops_the_start_with_line_key_and_cure(desk: DeskFiles) -> None:
    (desk.folder / "imap.secret").unlink()
    outcome = desk.run("run", "--once")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        f"helpdesk: {desk.folder}/helpdesk.toml:11: mailbox.dynamics.password: {desk.folder}/imap.secret "
        "does not exist: write the secret into it, readable by this user only\n"
    )


def test_servers_that_refuse_connections_are_named_with_host_and_port(desk: DeskFiles) -> None:
    desk.run("ingest", "--mailbox", "dynamics", _file(desk.folder, write()))
    outcome = desk.run("run", "--once", "--log-level", "error")

    assert outcome.code == 75
    assert "mailbox dynamics: 127.0.0.1:1 refuses connections" in outcome.err
    assert "SMTP account default: 127.0.0.1:1 refuses connections" in outcome.err


def _file(folder: Path, mail: bytes) -> Path:
    file = folder / "mail.eml"
    file.write_bytes(mail)
    return file


def test_a_mailbox_in_trouble_is_named_once_in_each_line(desk: DeskFiles) -> None:
    desk.run("run", "--once", "--log-level", "error")
    outcome = desk.run("status")

    assert "dynamics\t\t127.0.0.1:1 refuses connections\t" in outcome.out
    assert "mailbox dynamics: mailbox dynamics" not in outcome.out
    assert "account\ttrouble" not in outcome.out, "its mailbox's line says it"
