"""Big contents in and out of the database, each held in memory once.

Called by `unit_of_work` for what is written, by `claims` and `sending` for what is read. Bound as a parameter, a mail
of 48 MB would be held three times while SQLite writes it, and one copy would stay until the statement is used again;
fetched as a column, it would be held twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

import sqlalchemy as sa

BIG = 1024 * 1024  # bytes, from which a content goes its own way; for a smaller one that would only be slower
PIECE = 4 * 1024 * 1024


def big_in(table: sa.Table, values: Mapping[str, Any]) -> dict[str, bytes]:
    """Return which of a row's values are big."""
    return {name: values[name] for name in _binary(table) if len(values[name] or b"") >= BIG}


def set_apart(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> dict[str, bytes]:
    """Return which of a new row's values are to be written by `fill`, once the row is there without them.

    On PostgreSQL none are, but the connection is closed after its use: the driver's buffer for what it sends would stay
    as large as the mail, at each connection that ever wrote one.
    """
    big = big_in(table, values)
    if big and connection.dialect.name != "sqlite":
        connection.detach()
        return {}
    return big


def fill(connection: sa.Connection, table: sa.Table, key: int, contents: Mapping[str, bytes]) -> None:
    """Write contents into a row of SQLite's: room is made for each, then it is copied there."""
    for name, content in contents.items():
        room = f"UPDATE {table.name} SET {name} = zeroblob(?) WHERE rowid = ?"  # noqa: S608  # names of our own
        connection.exec_driver_sql(room, (len(content), key))
        with _open(connection, table.c[name], key) as blob:
            blob.write(content)


def unless_big(column: sa.Column[bytes]) -> sa.ColumnElement[bytes | None]:
    """Return what selects a content, and NULL in place of one for which `read` is to be asked."""
    return sa.case((sa.func.length(column) < BIG, column))


def rows(
    connection: sa.Connection, statement: sa.Select[Any], name: str, column: sa.Column[bytes]
) -> list[dict[str, Any]]:
    """Return the rows of a statement that has `id`, and `unless_big` of the column under that name, now complete."""
    found = [dict(row) for row in connection.execute(statement).mappings()]
    for row in found:
        if row[name] is None:
            row[name] = read(connection, column, row["id"])
    return found


def read(connection: sa.Connection, column: sa.Column[bytes], key: int) -> bytes:
    """Return the content of a row that is there."""
    if connection.dialect.name == "sqlite":
        with _open(connection, column, key) as blob:
            return blob.read()
    whole = BytesIO()
    whole.writelines(_pieces(connection, column, key))
    return whole.getvalue()


def _pieces(connection: sa.Connection, column: sa.Column[bytes], key: int) -> Iterator[bytes]:
    """Yield a content of PostgreSQL's: the driver's buffer would stay as large as the whole, twice over."""
    (primary,) = column.table.primary_key
    start = sa.bindparam("start", type_=sa.Integer)
    statement = sa.select(sa.func.substring(column, start, PIECE, type_=sa.LargeBinary)).where(primary == key)
    offset = 1
    while piece := connection.execute(statement, {"start": offset}).scalar_one():
        yield piece
        offset += len(piece)


@contextmanager
def _open(connection: sa.Connection, column: sa.Column[bytes], key: int) -> Iterator[sqlite3.Blob]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    try:
        with driver.blobopen(column.table.name, column.name, key) as blob:
            yield blob
    except sqlite3.Error as error:  # SQLAlchemy, past which this goes, would have wrapped it
        raise sa.exc.OperationalError(f"{column}", None, error) from error


@cache
def _binary(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if isinstance(column.type, sa.LargeBinary))
