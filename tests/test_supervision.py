"""What the service manager hears."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpdesk import supervision


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


@pytest.mark.parametrize(
    ("say", "heard"),
    [
        pytest.param(lambda: supervision.ready("4 mailboxes"), "READY=1\nSTATUS=4 mailboxes", id="ready"),
        pytest.param(supervision.ready, "READY=1", id="ready-without-words"),
        pytest.param(lambda: supervision.stopping("bye"), "STOPPING=1\nSTATUS=bye", id="stopping"),
        pytest.param(lambda: supervision.tell("two\nlines"), "STATUS=two lines", id="status"),
        pytest.param(supervision.alive, "WATCHDOG=1", id="watchdog"),
    ],
)
def test_the_manager_hears_it(manager: socket.socket, say: Callable[[], None], heard: str) -> None:
    say()

    assert manager.recv(1000).decode() == heard


def test_a_reload_carries_the_moment_it_began(manager: socket.socket) -> None:
    before = time.monotonic_ns() // 1000
    supervision.reloading()
    state, _, stamp = manager.recv(1000).decode().partition("\nMONOTONIC_USEC=")

    assert state == "RELOADING=1"
    assert before <= int(stamp) <= time.monotonic_ns() // 1000


def test_an_abstract_socket_is_reached_too(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"helpdesk-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        supervision.alive()

        assert listening.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "/nowhere/notify"])
def test_without_a_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    supervision.ready("nobody listens")  # would raise


@pytest.mark.parametrize(
    ("allowed", "process", "seconds"),
    [
        pytest.param("120000000", "", 60.0, id="half-of-it"),
        pytest.param("120000000", str(os.getpid()), 60.0, id="meant-for-us"),
        pytest.param("120000000", "1", None, id="meant-for-another"),
        pytest.param("", "", None, id="no-watchdog"),
        pytest.param("0", "", None, id="switched-off"),
        pytest.param("soon", "", None, id="no-number"),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_it_asks(
    monkeypatch: pytest.MonkeyPatch, allowed: str, process: str, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", allowed)
    monkeypatch.setenv("WATCHDOG_PID", process)

    assert supervision.watchdog_interval() == seconds
