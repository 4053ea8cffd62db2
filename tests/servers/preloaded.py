"""Short processes of the helpdesk, forked by one that has its modules in memory: importing them is most of a start.

Each is a process of its own: it has its own environment and output, and may end by a signal. That a new Python starts
the same commands is shown by the daemons, the demo and `tests.cli`. `python -m tests.servers.preloaded FD` is the
server.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock

from tests.canary import heard_in, told

MODULES = (
    "alembic.command",
    "alembic.config",
    "alembic.ddl",
    "encodings.idna",
    "helpdesk.cli.outbox",
    "helpdesk.cli.reconcile",
    "helpdesk.cli.run",
    "helpdesk.cli.status",
    "helpdesk.cli.tickets",
    "helpdesk.daemon",
    "holidays.countries.poland",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "tests.faults.crashing",
    "tests.faults.migrating",
)


class Forked:
    """A process of the server's, to be killed and waited for as one of ours."""

    def __init__(self, server: Preloaded, pid: int) -> None:
        self._server, self.pid = server, pid
        self.returncode: int | None = None

    def kill(self) -> None:
        """End it by SIGKILL, unless its end has been noticed."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float = 60) -> int:
        """Return how it ended. Raises TimeoutExpired, after killing it."""
        deadline = time.monotonic() + timeout
        while self.returncode is None:
            self.returncode = self._server.ask(self.pid)
            if self.returncode is None and time.monotonic() > deadline:
                self.kill()
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.005)
        return self.returncode


class Preloaded:
    """The server, started when first asked for."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def run(
        self, main: str, words: Sequence[str], environment: Mapping[str, str], seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run `main`, as "module:function", with these words; return how it ended. Raises TimeoutExpired."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = (Path(folder) / name for name in ("out", "err"))
            code = self.start(main, words, environment, out, err).wait(seconds)
            said = [file.read_text(errors="replace") for file in (out, err)]
        return subprocess.CompletedProcess([main, *words], code, *said)

    def start(self, main: str, words: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> Forked:
        """Start `main`; what it says is added to these files, which may be one."""
        if heard_in(words):
            told(f"arguments of {main}")
        return Forked(self, self.ask((main, list(words), dict(environment), (str(out), str(err)))) or 0)

    def ask(self, what: object) -> int | None:
        """Return the process id of what is to be started, or how a process ended, None while it has not."""
        with self._lock:
            if self._server is None:
                self._start()
            self._ours.send(what)
            answer: int | None = self._ours.recv()
            return answer

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._ours.close()
            self._server.wait(timeout=10)
            self._server = None

    def _start(self) -> None:
        self._ours, theirs = Pipe()
        argv = [sys.executable, "-m", "tests.servers.preloaded", str(theirs.fileno())]
        root = Path(__file__).parents[2]
        self._server = subprocess.Popen(argv, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd=root)
        theirs.close()


def serve(orders: Connection) -> int:
    """Fork for each order, and say how processes ended, until nobody is left who could ask; return an exit code."""
    for name in MODULES:
        import_module(name)
    gc.freeze()
    while True:
        try:
            order = orders.recv()
        except EOFError:
            return 0
        if isinstance(order, int):
            ended, status = os.waitpid(order, os.WNOHANG)
            orders.send(os.waitstatus_to_exitcode(status) if ended else None)
        elif pid := os.fork():
            orders.send(pid)
        else:
            orders.close()
            return _obey(*order)


def _obey(main: str, words: list[str], environment: dict[str, str], files: tuple[str, str]) -> int:
    """Be the process that was ordered."""
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(files, start=1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    module, _, function = main.partition(":")
    sys.argv = [module, *words]
    code: int = getattr(import_module(module), function)(words)
    return code


PRELOADED = Preloaded()

if __name__ == "__main__":
    sys.exit(serve(Connection(int(sys.argv[1]))))
