"""Short processes of the helpdesk, forked by one that has its modules in memory: importing them is most of a start.

Each is a process of its own: it has its own environment and output, and may end by a signal. That a new Python starts
the same commands is shown by the daemons, the demo and `tests.cli`. `python -m tests.servers.preloaded FD` is the
server.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

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


class Preloaded:
    """The server, started when first asked for; one command at a time."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def run(
        self, main: str, words: Sequence[str], environment: Mapping[str, str], seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run `main`, as "module:function", with these words; return how it ended. Raises TimeoutExpired."""
        if heard_in(words):
            told(f"arguments of {main}")
        with self._lock, tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("out", "err")]
            order = {
                "main": main,
                "words": list(words),
                "environment": dict(environment),
                "files": list(map(str, files)),
            }
            code = self._ended(order, seconds)
            out, err = (file.read_text(errors="replace") for file in files)
        return subprocess.CompletedProcess([main, *words], code, out, err)

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._ours.close()
            self._server.wait(timeout=10)
            self._server = None

    def _ended(self, order: dict[str, Any], seconds: float) -> int:
        if self._server is None:
            self._start()
        self._ours.send(order)
        pid: int = self._ours.recv()
        late = not self._ours.poll(seconds)
        if late:
            os.kill(pid, 9)
        code: int = self._ours.recv()
        if late:
            raise subprocess.TimeoutExpired(order["words"], seconds)
        return code

    def _start(self) -> None:
        self._ours, theirs = Pipe()
        argv = [sys.executable, "-m", "tests.servers.preloaded", str(theirs.fileno())]
        root = Path(__file__).parents[2]
        self._server = subprocess.Popen(argv, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd=root)
        theirs.close()


def serve(orders: Connection) -> int:
    """Fork for each order and say how it ended, until nobody is left who could order; return an exit code."""
    for name in MODULES:
        import_module(name)
    gc.freeze()
    while True:
        try:
            order = orders.recv()
        except EOFError:
            return 0
        pid = os.fork()
        if not pid:
            orders.close()
            return _obey(**order)
        orders.send(pid)
        orders.send(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _obey(main: str, words: list[str], environment: dict[str, str], files: list[str]) -> int:
    """Be the process that was ordered."""
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(files, start=1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), number)
    module, _, function = main.partition(":")
    sys.argv = [module, *words]
    code: int = getattr(import_module(module), function)(words)
    return code


PRELOADED = Preloaded()

if __name__ == "__main__":
    sys.exit(serve(Connection(int(sys.argv[1]))))
