"""Databases at the present schema, copied from one that was migrated once: both kinds, empty, of one test alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from helpdesk.store import schema
from helpdesk.store.tables import metadata
from helpdesk.store.unit_of_work import Database
from tests.servers.postgres import Postgres

_KEPT = ("counter", "ledger")
_EMPTY = ";".join(
    (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "TRUNCATE ledger",  # its rows can't be deleted
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables) if table.name not in _KEPT),
        "UPDATE counter SET value = CASE name WHEN 'ticket' THEN 1000 ELSE 0 END",
        "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'",
    )
)


def migrate(url: str) -> None:
    """Bring an empty database to the present schema."""
    with closing(Database(url)) as database:
        schema.upgrade(database)


@pytest.fixture(scope="session")
def sqlite_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that nobody writes to."""
    file = tmp_path_factory.mktemp("original") / "helpdesk.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_original(postgres: Postgres) -> str:
    """The URL of a migrated PostgreSQL database; tests ask for `postgres_ready`, which empties it first."""
    url = postgres.url(postgres.create_database())
    migrate(url)
    return url


@pytest.fixture
def sqlite_ready(sqlite_original: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database."""
    shutil.copyfile(sqlite_original, tmp_path / "helpdesk.db")
    return f"sqlite:///{tmp_path / 'helpdesk.db'}"


@pytest.fixture
def postgres_ready(postgres_original: str) -> str:
    """The URL of a migrated PostgreSQL database, as good as new: emptying takes 2 ms, making one 300."""
    url = make_url(postgres_original)
    with psycopg.connect(host=str(url.query["host"]), user="postgres", dbname=url.database) as connection:
        connection.execute(_EMPTY.encode())
    return postgres_original


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database; the test runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_ready" if request.param == "sqlite" else "postgres_ready")
    return url


class _Statements(dict[Any, Any]):
    """SQLAlchemy's cache of compiled statements, for all engines of one kind: each test opens some of its own.

    Its keys begin with the engine's dialect, and those of one kind are alike.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(key[1:], value)


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """Let all databases of this process share what was compiled: else it is a quarter of what the tests do."""
    opens, compiled = Database.__init__, {True: _Statements(), False: _Statements()}

    def opens_sharing(database: Database, url: str) -> None:
        opens(database, url)
        for engine in (database.engine, database._writer, database._trier):
            engine._compiled_cache = compiled[database.is_sqlite]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "__init__", opens_sharing)
        yield


@pytest.fixture
def database(ready_url: str) -> Iterator[Database]:
    """An open, migrated database; the test runs once on each kind."""
    with closing(Database(ready_url)) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_ready: str) -> Iterator[Database]:
    """An open, migrated SQLite database, for what concerns SQLite alone."""
    with closing(Database(sqlite_ready)) as opened:
        yield opened


def statements_of(database: Database) -> list[str]:
    """Return a list that every statement to come is added to, whoever begins the unit."""
    seen: list[str] = []
    for engine in {database.engine, database._writer, database._trier}:
        sa.event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    return seen
