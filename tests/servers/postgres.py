"""A private PostgreSQL cluster in a temporary directory, reached by Unix socket only; one a test session.

PostgreSQL refuses to run as root, so as root it runs as nobody. Nothing is synced to disk, since only speed counts
here, unless `durable` is asked for.
"""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from tests.servers.process import ServerProcess, as_account, missing, private_directory

_OPTIONS = ("listen_addresses=", "max_connections=200")
_CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class Postgres:
    """One cluster; every test gets a database of its own."""

    def __init__(self, *, durable: bool = False) -> None:
        binaries = _binaries()
        self.base, self._numbers = private_directory("hd-pg-"), itertools.count(1)
        self._initialise(binaries)
        chosen = _OPTIONS if durable else (*_OPTIONS, *_CARELESS)
        options = [part for option in chosen for part in ("-c", option)]
        argv = [str(binaries / "postgres"), "-D", str(self.base / "data"), "-k", str(self.base), *options]
        self._process = ServerProcess(argv, self.base / "log", death_signal="INT")
        self._process.wait_ready(self._answers, "PostgreSQL")

    def create_database(self, template: str = "template0") -> str:
        """Return the name of a new database, a copy of `template`."""
        name = f"desk_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whatever is still connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """Return what helpdesk.toml would say to use the database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.base}"

    def close(self) -> None:
        """End the cluster and remove its files. SIGINT, since SIGTERM would wait for clients to leave."""
        self._process.stop(signal.SIGINT)
        shutil.rmtree(self.base, ignore_errors=True)

    def _initialise(self, binaries: Path) -> None:
        argv = [str(binaries / "initdb"), "-D", str(self.base / "data"), "-A", "trust", "-U", "postgres"]
        argv += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        made = subprocess.run(as_account(argv), cwd="/", capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr[-2000:]}")

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.base), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def _binaries() -> Path:
    """Return the directory of initdb and postgres; Debian keeps them off PATH, one directory a version."""
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if on_path is None and not found:
        missing("PostgreSQL's server")
    directory = Path(on_path).resolve().parent if on_path else found[-1].parent
    if not (directory / "postgres").exists():
        missing("PostgreSQL's server")
    return directory
