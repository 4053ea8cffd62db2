"""The demo, as somebody meets it who has just installed the helpdesk: by its command, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpdesk.cli import main

PATIENCE = 90.0  # seconds; it takes ten on an idle machine
HURRIED = (  # the demo with so little patience that the first mail is missed
    "import sys; from helpdesk.sandbox import story; story.PATIENCE = 0; "
    "from helpdesk.cli import main; sys.exit(main(['demo', '--exit']))"
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The demo's folders go below tmp_path, and a desk of one's own is configured, which it must leave alone."""
    return os.environ | {"TMPDIR": str(tmp_path), "HELPDESK_DATABASE__URL": f"sqlite:///{tmp_path}/own.db"}


@contextmanager
def demo(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "helpdesk", "demo", *words], env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Return what the demo has printed, up to the line with these words."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"the demo ended before it said {words!r}:\n{''.join(lines)}")


def wait_until(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds()


def processes_of(folder: Path) -> list[str]:
    """Return the command lines that name the folder: the mail server's does."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:  # it ended while we looked
            continue
    return [line for line in found if str(folder) in line]


def nothing_is_left(folder: Path) -> bool:
    return not list(folder.iterdir()) and not processes_of(folder)


def test_the_story_comes_out_and_nothing_stays_behind(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk", "demo", "--exit"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"✓ \d\d claims checked, all true", done.stdout)
    assert re.search(r"DYN-\d+ +closed +Dorota Klimek +START", done.stdout)
    assert nothing_is_left(tmp_path)


def test_the_desk_stays_up_to_be_tried_until_ctrl_c(environment: dict[str, str], tmp_path: Path) -> None:
    with demo(environment) as process:
        told = read_until(process, "Ctrl-C ends it")
        config = re.search(r"HELPDESK_CONFIG=(\S+)", told)
        assert config is not None
        command = [sys.executable, "-m", "helpdesk", "tickets", "list", "--json", "--config", config[1]]
        listed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=PATIENCE).stdout
        assert [json.loads(line)["state"] for line in listed.splitlines()].count("new") == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"])
def test_a_story_cut_short_by_a_signal_tidies_up_and_says_so(
    number: signal.Signals, code: int, environment: dict[str, str], tmp_path: Path
) -> None:
    with demo(environment, "--exit") as process:
        read_until(process, "Paweł Stec writes")
        assert processes_of(tmp_path)
        process.send_signal(number)
        assert process.wait(PATIENCE) == code
    assert nothing_is_left(tmp_path)


def test_even_a_killed_demo_takes_its_mail_server_along(environment: dict[str, str], tmp_path: Path) -> None:
    with demo(environment, "--exit") as process:
        read_until(process, "Paweł Stec writes")
        assert processes_of(tmp_path)
        process.kill()
        assert wait_until(lambda: not processes_of(tmp_path))


def test_a_story_that_fails_names_the_claim_and_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HURRIED],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "helpdesk: Dorota Klimek got no mail within 0 s that would be an acknowledgement\n"
    assert "daemon.started" in done.stdout  # the log's last lines, which are gone with the folder
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize("library", ["pymap", "pysasl", "aiosmtpd"])
def test_without_its_libraries_the_demo_says_how_to_install_them(
    library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert main(["demo", "--exit"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert library in said
    assert "pip install 'helpdesk[demo]'" in said
