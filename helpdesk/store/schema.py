"""The schema's version: asked by every face at start, raised by `helpdesk db upgrade` and `run`.

A daemon never works on a schema it does not know: it upgrades an older one and refuses a newer one
(RELIABILITY 2.3, C16). SQLite gets a copy of the file beside it before a step changes anything.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from helpdesk.errors import SchemaError
from helpdesk.store.unit_of_work import Database

MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String()))  # Alembic's own


def current(database: Database) -> str | None:
    """Return the database's revision, None when it is empty."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table(_VERSION.name):
            return None
        return connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()


def newest() -> str:
    """Return the revision this program knows."""
    return max(_known())


def _known() -> set[str]:
    """Return all revisions; the files of the steps begin with them, and they ascend."""
    return {file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py")}


def upgrade(database: Database) -> bool:
    """Bring the schema up to date; return whether anything was done.

    Raises SchemaError when the database is newer than this program.
    """
    present = current(database)
    if present == newest():
        return False
    _refuse_newer(present)
    if database.file is not None and present is not None:
        _copy_aside(database.file, present)
    with database.engine.connect() as connection:
        _climb(connection)
        connection.commit()
    return True


def require_current(database: Database) -> None:
    """Raise SchemaError, naming the cure, unless the schema is exactly this program's."""
    present = current(database)
    if present != newest():
        _refuse_newer(present)
        raise SchemaError(
            f"the database is at schema {present or 'none'}, this program needs {newest()}: run `helpdesk db upgrade`"
        )


def _refuse_newer(present: str | None) -> None:
    if present is not None and present not in _known():
        raise SchemaError(
            f"the database is at schema {present}, which this program does not know: install the newer helpdesk"
        )


def _climb(connection: sa.Connection) -> None:
    from alembic import command  # 0.1 s that only a change of the schema is worth
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy_aside(file: Path, revision: str) -> None:
    target = file.with_name(f"{file.name}.before-{revision}")
    if not target.exists():
        backup_sqlite(file, target)


def backup_sqlite(file: Path, target: Path) -> None:
    """Write a consistent copy of a live SQLite database, as `begun` has it."""
    with begun(target) as partial, closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)


@contextmanager
def begun(target: Path) -> Iterator[Path]:
    """Yield a file that nobody else can read, and that becomes `target` once it is complete.

    Of one that fails nothing is left: what stopped it may be a full disk.
    """
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
