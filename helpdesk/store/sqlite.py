"""How SQLite is opened, and how its transactions begin: read, write, or write if nobody else does.

Called by `unit_of_work`. WAL, `synchronous=FULL`, and BEGIN taken over from the driver, so that savepoints stay inside
the transaction and every writing unit starts with BEGIN IMMEDIATE (RELIABILITY 2.5). By dialects, not by an event: for
one listener SQLAlchemy would look for listeners at every statement.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

BUSY_TIMEOUT = 30_000  # milliseconds that a unit waits for another's to end
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT}",
    "cache_size=-4096",
    "temp_store=MEMORY",  # savepoints' journals would need a /tmp that can be written to
)


class _Reading(SQLiteDialect_pysqlite):
    """SQLite where every transaction begins when it is said to, not with the first change: savepoints need one."""

    supports_statement_cache = True
    begin = "BEGIN"

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute(self.begin)

    # SQLAlchemy would compile the two below anew each time: twice for every mail.

    def do_savepoint(self, connection: sa.Connection, name: str) -> None:
        connection.exec_driver_sql(f"SAVEPOINT {name}")

    def do_release_savepoint(self, connection: sa.Connection, name: str) -> None:
        connection.exec_driver_sql(f"RELEASE SAVEPOINT {name}")


class _Writing(_Reading):
    """The same for units that write: the lock is had at the start or waited for, not lost on the way."""

    supports_statement_cache = True
    begin = "BEGIN IMMEDIATE"


class _Trying(_Writing):
    """The same for units that would rather come again than wait."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute("PRAGMA busy_timeout=0")
        try:
            super().do_begin(dbapi_connection)
        finally:
            dbapi_connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")


registry.register("sqlite.reading", __name__, _Reading.__name__)
registry.register("sqlite.writing", __name__, _Writing.__name__)
registry.register("sqlite.trying", __name__, _Trying.__name__)


def reading(url: sa.URL) -> sa.Engine:
    """Return the engine whose transactions see one snapshot and lock nobody out."""
    engine = sa.create_engine(
        url.set(drivername="sqlite+reading"),
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def writing(engine: sa.Engine) -> sa.Engine:
    """Return one over the same connections whose transactions have the lock from the start, or wait for it."""
    return _beginning(engine, "writing")


def trying(engine: sa.Engine) -> sa.Engine:
    """Return one over the same connections whose transactions have the lock from the start, or fail at once."""
    return _beginning(engine, "trying")


def _beginning(engine: sa.Engine, how: str) -> sa.Engine:
    return sa.create_engine(engine.url.set(drivername=f"sqlite+{how}"), hide_parameters=True, pool=engine.pool)
