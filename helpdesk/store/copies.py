"""Whole copies of a database, made while it is in use, and put back in its place (RELIABILITY 2.4, D-09).

Called by `helpdesk db backup` and `db restore`. SQLite is copied by its own backup interface, PostgreSQL by pg_dump
and pg_restore, which must be installed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

from helpdesk.errors import HelpdeskError, UsageError
from helpdesk.lock import daemon_lock
from helpdesk.store import restoration, schema
from helpdesk.store.unit_of_work import Database

_PACKAGE = "on Debian, apt install postgresql-client"


def backup(database: Database, target: Path) -> None:
    """Write a consistent copy of a live database, readable by its owner only.

    From then on the original is newer than the copy, so that the copy is known for one when it is put back.
    """
    if database.file is None:
        with schema.begun(target) as partial:
            _run("pg_dump", database, "--format=custom", "--file", str(partial))
    elif not database.file.exists():
        raise UsageError(f"{database.file} does not exist yet")
    else:
        schema.backup_sqlite(database.file, target)
    if schema.current(database) == schema.newest():
        restoration.beat(database)


def restore(database: Database, source: Path, now: datetime) -> Path | None:
    """Put a copy in the database's place; return where the one it replaces was put aside, None if nowhere.

    Its outbox is held and its numbers jump ahead (see `restoration`). Raises AlreadyRunning while a daemon works on
    a SQLite database, UsageError for a file that is no copy of a desk.
    """
    aside: Path | None = None
    if database.file is None:
        _run("pg_restore", database, "--clean", "--if-exists", "--no-owner", "--single-transaction", source=source)
    else:
        with daemon_lock(database.file):
            _require_desk(source)
            incoming = database.file.with_name(f"{database.file.name}.incoming")
            schema.backup_sqlite(source, incoming)  # the present one stays until the copy has found room beside it
            aside = _put_aside(database.file, now)
            incoming.replace(database.file)
    schema.upgrade(database)
    restoration.declare(database, f"{source.name} was put back", now)
    return aside


def _require_desk(source: Path) -> None:
    """Raise UsageError unless the file is a sound SQLite database of a desk."""
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA quick_check").fetchone()[0]
            copy.execute("SELECT count(*) FROM alembic_version, counter").fetchone()
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{source} is no copy of a desk: {error}") from error
    if sound != "ok":
        raise UsageError(f"{source} is damaged: {sound}")


def _put_aside(file: Path, now: datetime) -> Path | None:
    """Rename the present database, its log with it: the log must never be applied to another file."""
    if not file.exists():
        return None
    aside = file.with_name(f"{file.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def _run(name: str, database: Database, *options: str, source: Path | None = None) -> None:
    """Run one of PostgreSQL's programs on the database; its password goes by the environment, never by arguments."""
    program = shutil.which(name)
    if program is None:
        raise HelpdeskError(f"{name} is not installed: {_PACKAGE}")
    url = database.url.set(drivername="postgresql")
    where = ["--dbname", url.set(password=None).render_as_string(), *([str(source)] if source else [])]
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    command = [program, *options, *where]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        raise HelpdeskError(f"{name} failed: {done.stderr.strip()}")
