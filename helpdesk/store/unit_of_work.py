"""The one door to the database: opening it, and the only commit in the program.

How SQLite is opened, and its transactions begin, stands in `sqlite`; PostgreSQL is used as it comes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session

from helpdesk.errors import DatabaseConflict, DatabaseUnavailable
from helpdesk.store import bulk, sqlite
from helpdesk.store.steady import SteadyClock
from helpdesk.store.tables import Row

__all__ = ["Database", "Session", "keep", "keep_open", "spoils_transaction", "write"]


class Database:
    """An opened database: hands out units of work, and is closed by whoever opened it."""

    def __init__(self, url: str) -> None:
        """Open lazily: nothing is connected before the first unit of work."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = (
            sqlite.reading(self.url)
            if self.is_sqlite
            else sa.create_engine(self.url, pool_pre_ping=True, hide_parameters=True)
        )
        self._writer = sqlite.writing(self.engine) if self.is_sqlite else self.engine
        self._trier = sqlite.trying(self.engine) if self.is_sqlite else self.engine
        self.lease_clock: Callable[[Session], datetime] = SteadyClock(of_server=not self.is_sqlite)

    @property
    def file(self) -> Path | None:
        """The database file of SQLite, None for a server."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Yield a session of a writing unit: committed on a clean exit, rolled back on an exception.

        Raises DatabaseUnavailable for what cost the whole transaction (see `spoils_transaction`).
        """
        with _translated(), _session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def begin_if_free(self) -> Iterator[Session | None]:
        """Yield as `begin` does, but None at once where another unit is writing to SQLite at the moment."""
        with _translated(), _session(self._trier) as session:
            if not _begins(session):
                yield None
                return
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that only reads: one consistent snapshot, never a write lock."""
        with _translated(), _session(self.engine) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _session(engine: sa.Engine) -> Session:
    """Return a session that neither asks again for what it wrote nor writes before it is told to."""
    return Session(engine, expire_on_commit=False, autoflush=False)


def write(session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows at once and past the ORM: six times as fast, for what this unit does not read or change again.

    Every column must be given, and rows that these refer to must have been flushed.
    """
    connection, target = session.connection(), table.__table__
    if any(bulk.big_in(target, row) for row in rows):
        for row in rows:
            _write_one(connection, target, row)
    elif rows:
        connection.execute(_insert(target), rows)


def keep(session: Session, rows: Iterable[Row]) -> None:
    """Insert row objects past the ORM and give them their ids; what is set on them later is not written.

    Rows that these refer to must have been flushed.
    """
    connection = session.connection()
    for row in rows:
        table = row.__table__
        names = _columns(table)
        key = _write_one(connection, table, {name: value for name, value in vars(row).items() if name in names})
        if "id" in table.c:
            row.id = key


def keep_open(session: Session, row: Row) -> None:
    """Insert a row object past the ORM, as `keep` does; what is set on it later is written by the next flush."""
    keep(session, [row])
    make_transient_to_detached(row)
    stale = session.identity_map.get(sa.inspect(row).key)
    if stale is not None:  # its row went with a savepoint that was rolled back
        session.expunge(stale)
    session.add(row)


def _write_one(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> Any:
    """Insert a row, its big contents apart; return the first column of its key."""
    apart = bulk.set_apart(connection, table, values)
    key = connection.execute(_insert(table), {**values, **dict.fromkeys(apart, b"")}).inserted_primary_key
    assert key is not None
    bulk.fill(connection, table, key[0], apart)
    return key[0]


@cache
def _columns(table: sa.Table) -> frozenset[str]:
    """Return the columns whose values a row object brings: all but the number that the database gives it."""
    return frozenset(column.name for column in table.columns) - {"id"}


@cache
def _insert(table: sa.Table) -> sa.Insert:
    """Return the statement, always the same object: SQLAlchemy then knows at once what it compiled for it."""
    return sa.insert(table)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        if spoils_transaction(error):
            said = " ".join(str(_first(error).orig).split())
            kind = DatabaseConflict if _collided(_first(error)) else DatabaseUnavailable
            raise kind(f"the database can't be used now: {said}") from error
        raise


def _collided(error: sa.exc.DBAPIError) -> bool:
    """Return whether PostgreSQL chose this unit to end a deadlock (40P01), or could not put it in order (40001)."""
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


def _first(error: sa.exc.DBAPIError) -> sa.exc.DBAPIError:
    """Return what went wrong first: a full disk takes the savepoints along, and their end then fails as well."""
    while isinstance(error.__context__, sa.exc.DBAPIError):
        error = error.__context__
    return error


def _begins(session: Session) -> bool:
    """Return whether a transaction could begin; not if another unit is writing."""
    try:
        session.connection()
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def spoils_transaction(error: BaseException) -> bool:
    """Return whether an error has cost the whole transaction, not one statement of it.

    A full disk, a lost connection, a deadlock, a lock not got: SQLite then has dropped the transaction with all
    its savepoints, and PostgreSQL wants it repeated. The mail at hand is not to blame (RELIABILITY 2.5, D-06).
    """
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    first = _first(error)
    grave = isinstance(first, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.InternalError)
    return error.connection_invalidated or (grave and not _is_statements_fault(first.orig))


def _is_statements_fault(error: BaseException | None) -> bool:
    """Return whether it would fail again however often it was repeated: then the mail at hand is to blame after all.

    The drivers call these operational too: any SQL that SQLite can't run, and PostgreSQL's program limits (class 54).
    """
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return bool(code & 0xFF == sqlite3.SQLITE_ERROR)
    return (getattr(error, "sqlstate", None) or "").startswith("54")
