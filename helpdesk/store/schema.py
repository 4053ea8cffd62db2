"""The schema's version: asked by every face at start, raised by `helpdesk db upgrade` and `run`.

A daemon never works on a schema it does not know: it upgrades an older one and refuses a newer one
(RELIABILITY 2.3, C16). SQLite gets a copy of the file beside it before a step changes anything.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from helpdesk.errors import SchemaError
from helpdesk.store.unit_of_work import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def current(database: Database) -> str | None:
    """Return the database's revision, None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the revision this program knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


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
        command.upgrade(_config(connection), "head")
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
    known = {step.revision for step in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if present is not None and present not in known:
        raise SchemaError(
            f"the database is at schema {present}, which this program does not know: install the newer helpdesk"
        )


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _copy_aside(file: Path, revision: str) -> None:
    target = file.with_name(f"{file.name}.before-{revision}")
    if not target.exists():
        backup_sqlite(file, target)


def backup_sqlite(file: Path, target: Path) -> None:
    """Write a consistent copy of a live SQLite database; `target` appears only when it is complete."""
    partial = target.with_name(target.name + ".partial")
    with sqlite3.connect(file) as source, sqlite3.connect(partial) as copy:
        source.backup(copy)
    copy.close()
    source.close()
    shutil.move(partial, target)
