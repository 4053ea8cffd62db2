"""The daemons of one office: started, killed, put to sleep, and watched for how much memory they take."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from tests.office import Office


class Crew:
    """So many daemons; `keep_up` starts those that are missing."""

    def __init__(
        self, office: Office, size: int, *, program: str = "helpdesk", environment: dict[str, str] | None = None
    ) -> None:
        self._office, self._program, self._environment = office, program, environment or {}
        self._daemons: list[subprocess.Popen[bytes] | None] = [None] * size
        self.peak = 0  # MiB, of the largest daemon ever seen

    def __len__(self) -> int:
        return len(self._daemons)

    def keep_up(self) -> None:
        """Start what is not running."""
        for place, daemon in enumerate(self._daemons):
            if daemon is None:
                self._daemons[place] = self._office.start(self._program, **self._environment)
            else:
                assert daemon.poll() is None, f"a daemon ended by itself with {daemon.poll()}"
                self._look(daemon)

    def kill(self, place: int) -> None:
        """End a daemon by SIGKILL."""
        daemon = self._daemons[place]
        if daemon is not None:
            self._look(daemon)
            daemon.kill()
            daemon.wait()
            self._daemons[place] = None

    def sleep(self, place: int, seconds: float) -> None:
        """Stop a daemon and let it go on later: it knows nothing of the time between. Returns at once."""
        daemon = self._daemons[place]
        if daemon is not None:
            daemon.send_signal(signal.SIGSTOP)
            threading.Timer(seconds, self._wake, [daemon]).start()

    def end(self) -> None:
        """End all politely, as a service manager would."""
        for place, daemon in enumerate(self._daemons):
            if daemon is not None:
                self._wake(daemon)
                self._look(daemon)
                assert self._office.end(daemon) in (0, -signal.SIGTERM), "-15: it had not begun yet"
                self._daemons[place] = None

    def kill_all(self) -> None:
        for place in range(len(self._daemons)):
            self.kill(place)

    def anyone(self, chance: random.Random) -> int:
        return chance.randrange(len(self._daemons))

    @staticmethod
    def _wake(daemon: subprocess.Popen[bytes]) -> None:
        if daemon.poll() is None:
            daemon.send_signal(signal.SIGCONT)

    def _look(self, daemon: subprocess.Popen[bytes]) -> None:
        """Note the most memory that the process ever had (VmHWM of proc(5))."""
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{daemon.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.peak = max(self.peak, int(line.split()[1]) // 1024)
