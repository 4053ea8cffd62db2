"""How the test servers are started and stopped: unprivileged, on free loopback ports, dying with their parent."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test for want of a server; with CI=true that is a failure, so that nothing is skipped unseen."""
    reason = f"{what} is not installed: `make servers` says how to get it"
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def account() -> tuple[str, str, int, int]:
    """Return user, group, uid and gid that servers run as: ourselves, or nobody when we are root."""
    uid = os.getuid() or pwd.getpwnam("nobody").pw_uid
    gid = os.getgid() if os.getuid() else pwd.getpwnam("nobody").pw_gid
    return pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name, uid, gid


def as_account(argv: Sequence[str], death_signal: str = "TERM") -> list[str]:
    """Return the command that runs `argv` unprivileged and ends it when this process dies."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if os.getuid() == 0:
            missing("setpriv (util-linux)")
        return list(argv)
    user, group, _, _ = account()
    identity = [] if os.getuid() else [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    return [setpriv, *identity, f"--pdeathsig={death_signal}", *argv]


def private_directory(prefix: str) -> Path:
    """Return a new directory that belongs to the servers' account; its path is short enough for Unix sockets."""
    path = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    _, _, uid, gid = account()
    os.chown(path, uid, gid)
    return path


def free_port() -> int:
    """Return a loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Return as soon as `condition` holds; TimeoutError naming `what` if it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.01)


class ServerProcess:
    """A server in a process group of its own, so that its workers end with it."""

    def __init__(self, argv: Sequence[str], log: Path, death_signal: str = "TERM") -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                as_account(argv, death_signal),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_ready(self, probe: Callable[[], bool], what: str) -> None:
        """Return once `probe` holds; RuntimeError with the server's own words if it gave up."""

        def ready() -> bool:
            if not self.running:
                raise RuntimeError(f"{what} ended at once: {self._log.read_text(errors='replace')[-2000:]}")
            return probe()

        wait_until(ready, f"{what} to answer")

    def stop(self, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        """End the server and all its workers."""
        if self.running:
            self._process.send_signal(stop_signal)
        try:
            self._process.wait(timeout=10)
        finally:
            self._kill_group()
            self._process.wait()

    def _kill_group(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:  # the last worker has ended by itself
            return

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the server and all its workers (SIGSTOP makes it hang, SIGCONT heals it)."""
        os.killpg(self._process.pid, number)


def answers(port: int) -> bool:
    """Tell whether something accepts connections on the loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
