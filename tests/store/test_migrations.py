"""The schema's versions: the migrations make exactly the tables of the models, and no other version is worked on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from helpdesk.errors import SchemaError
from helpdesk.store import schema
from helpdesk.store.tables import CounterRow, metadata
from helpdesk.store.unit_of_work import Database

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
