"""The canary is heard where it must be: in files, in the arguments of processes, in what is printed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import canary
from tests.canary import CANARY, secret


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is told during one test, kept apart from what fails the run."""
    told: list[str] = []
    monkeypatch.setattr(canary, "_found", told)
    return told


@pytest.mark.parametrize(
    ("name", "mode", "is_shown"),
    [
        ("daemon.log", 0o600, True),
        ("helpdesk.db", 0o600, True),
        ("imap.secret", 0o644, False),
        ("oauth-1.json", 0o600, False),
        ("oauth-1.json", 0o640, True),
    ],
)
def test_a_secret_in_a_file_is_found(name: str, mode: int, is_shown: bool, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(f"a line\npassword {secret('x')}\n")
    file.chmod(mode)
    try:
        assert bool(list(canary._shown_in(tmp_path))) is is_shown
    finally:
        file.unlink()


def test_a_secret_among_the_arguments_of_a_process_is_found(found: list[str]) -> None:
    subprocess.run([sys.executable, "-c", "pass", secret("x")], check=True)
    assert len(found) == 1
    subprocess.run([sys.executable, "-c", "pass"], env={"PASSWORD": secret("x")}, check=True)
    assert len(found) == 1, "the environment is a place for secrets"


def test_a_secret_that_is_printed_or_logged_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_leak.py").write_text(
        "from tests.canary import CANARY, canary_stays_silent, pytest_runtest_makereport\n"
        "def test_leak():\n    print(CANARY)\n"
    )
    (tmp_path / "conftest.py").write_text("from tests.canary import canary_stays_silent, pytest_runtest_makereport\n")
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_leak.py")]
    argv += ["--rootdir", str(tmp_path), "-c", "/dev/null", "--basetemp", str(tmp_path / "base")]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "secrets were shown" in ended.stdout and "test_leak.py::test_leak: Captured stdout call" in ended.stdout
    assert CANARY in ended.stdout
