"""`helpdesk db`: the database's schema, and a consistent copy of it while it is in use."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_json, say
from helpdesk.config import load_settings
from helpdesk.errors import HelpdeskError, UsageError
from helpdesk.store import schema
from helpdesk.store.unit_of_work import Database

db_app = typer.Typer(no_args_is_help=True, help="Upgrade the database's schema; copy it while it is in use.")


@db_app.command("upgrade")
def upgrade(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Bring the schema up to date; a SQLite file is copied aside first. `run` does so by itself."""
    with closing(_database(config)) as database:
        done = schema.upgrade(database)
    if as_json:
        print_json({"schema": schema.newest(), "changed": done})
    else:
        say(f"the schema is {schema.newest()}" + ("" if done else ", as it was"))


@db_app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; must not exist yet.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a consistent copy of the live database: SQLite by its backup API, PostgreSQL by pg_dump."""
    if file.exists():
        raise UsageError(f"{file} exists already: a backup never overwrites")
    with closing(_database(config)) as database:
        if database.file is None:
            _dump(database, file)
        elif not database.file.exists():
            raise UsageError(f"{database.file} does not exist yet")
        else:
            schema.backup_sqlite(database.file, file)
    file.chmod(0o600)
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "size": size})
    else:
        say(f"{file}: {size} bytes")


def _database(config: Path | None) -> Database:
    return Database(load_settings(config).database.connect_url())


def _dump(database: Database, file: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise HelpdeskError("pg_dump is not installed: on Debian, apt install postgresql-client")
    url = database.url.set(drivername="postgresql")
    command = [program, "--format=custom", "--file", str(file), "--dbname", url.set(password=None).render_as_string()]
    environment = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        raise HelpdeskError(f"pg_dump failed: {done.stderr.strip()}")
