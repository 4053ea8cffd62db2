"""The schema's versions: the migrations make exactly the tables of the models, and no other version is worked on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from helpdesk.errors import SchemaError
from helpdesk.store import copies, schema
from helpdesk.store.tables import CounterRow, metadata
from helpdesk.store.unit_of_work import Database
from tests.store.rows import NOW

STEP = '''
"""A step of the future."""
import sqlalchemy as sa
from alembic import op
revision = "9998"
down_revision = "{before}"

def upgrade():
    op.create_table("future", sa.Column("id", sa.Integer(), primary_key=True))
    {then}
'''


class FullDisk:
    """Opens SQLite files, but not those that are to be written anew."""

    def __init__(self, connect: Callable[..., sqlite3.Connection]) -> None:
        self.connect = connect

    def __call__(self, file: str | Path, **options: Any) -> sqlite3.Connection:
        if str(file).endswith(".partial"):
            raise sqlite3.OperationalError("database or disk is full")
        return self.connect(file, **options)


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """A database with nothing in it."""
    with closing(Database(database_url)) as database:
        yield database


def tables(database: Database) -> set[str]:
    """Return the names of the tables there are."""
    with database.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def add_step(folder: Path, monkeypatch: pytest.MonkeyPatch, then: str = "pass") -> None:
    """Make this a program that knows one step more."""
    before = schema.newest()
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9998_future.py").write_text(STEP.format(before=before, then=then))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)


def test_an_empty_database_is_brought_to_the_newest_schema(empty: Database) -> None:
    assert schema.current(empty) is None

    assert schema.upgrade(empty) is True

    assert schema.current(empty) == schema.newest()
    schema.require_current(empty)
    assert tables(empty) >= set(metadata.tables)


def test_a_second_upgrade_does_nothing(empty: Database) -> None:
    schema.upgrade(empty)

    assert schema.upgrade(empty) is False


def test_the_migrations_make_exactly_what_the_models_say(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_a_database_of_a_newer_program_is_refused_with_the_cure(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.begin() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    for refuse in (schema.upgrade, schema.require_current):
        with pytest.raises(SchemaError, match=r"schema 9999, which this program does not know: install the newer"):
            refuse(empty)


def test_an_empty_database_is_refused_by_who_must_not_change_it(empty: Database) -> None:
    with pytest.raises(SchemaError, match=r"is at schema none, .* run `helpdesk db upgrade`"):
        schema.require_current(empty)

    assert tables(empty) == set()


def test_a_sqlite_file_is_copied_aside_before_a_step_changes_it(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(empty)
    before = schema.newest()
    with empty.begin() as session:
        session.add(CounterRow(name="of the old days", value=7))
    add_step(tmp_path / "migrations", monkeypatch)

    assert schema.upgrade(empty) is True

    assert "future" in tables(empty)
    copies = list(tmp_path.glob("*.before-*"))
    assert len(copies) == (1 if empty.is_sqlite else 0)
    for copy in copies:
        assert copy.name == f"helpdesk.db.before-{before}"
        with closing(Database(f"sqlite:///{copy}")) as old, old.read() as session:
            assert session.get(CounterRow, "of the old days") is not None
            assert "future" not in tables(old)


def test_a_step_that_fails_leaves_the_database_as_it_was(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(empty)
    before = schema.newest()
    add_step(tmp_path / "migrations", monkeypatch, "raise RuntimeError('the power went')")

    with pytest.raises(RuntimeError, match="the power went"):
        schema.upgrade(empty)

    assert schema.current(empty) == before
    assert "future" not in tables(empty)


def test_a_backup_is_a_whole_database_of_its_own(tmp_path: Path) -> None:
    file, copy = tmp_path / "helpdesk.db", tmp_path / "copy.db"
    with closing(Database(f"sqlite:///{file}")) as live:
        schema.upgrade(live)
        with live.begin() as session:
            session.add(CounterRow(name="committed, perhaps still in the WAL", value=1))
            session.flush()
        schema.backup_sqlite(file, copy)

    with closing(Database(f"sqlite:///{copy}")) as second, second.read() as session:
        assert session.get(CounterRow, "committed, perhaps still in the WAL") is not None
    assert not list(tmp_path.glob("*.partial"))


def test_a_copy_is_nobody_elses_to_read_from_its_first_byte(sqlite_ready: str, tmp_path: Path) -> None:
    file, copy = tmp_path / "helpdesk.db", tmp_path / "copy.db"
    before = os.umask(0o022)
    try:
        with schema.begun(copy) as partial:
            assert stat.S_IMODE(partial.stat().st_mode) == 0o600
        schema.backup_sqlite(file, copy)
    finally:
        os.umask(before)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_of_a_copy_that_fails_nothing_is_left_and_a_restore_that_fails_leaves_the_database(
    sqlite_ready: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, copy = tmp_path / "helpdesk.db", tmp_path / "copy.db"
    schema.backup_sqlite(file, copy)
    held = file.read_bytes()
    monkeypatch.setattr(sqlite3, "connect", FullDisk(sqlite3.connect))

    with closing(Database(sqlite_ready)) as database, pytest.raises(sqlite3.OperationalError, match="disk is full"):
        copies.restore(database, copy, NOW)
    assert file.read_bytes() == held
    assert not [*tmp_path.glob("*.partial"), *tmp_path.glob("*.incoming"), *tmp_path.glob("*.replaced*")]
