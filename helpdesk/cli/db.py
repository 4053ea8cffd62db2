"""`helpdesk db`: the database's schema, a consistent copy of it while it is in use, and the way back."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_json, say
from helpdesk.config import load_settings
from helpdesk.errors import UsageError
from helpdesk.premises import utc_now
from helpdesk.store import copies, schema
from helpdesk.store.unit_of_work import Database

db_app = typer.Typer(no_args_is_help=True, help="Upgrade the database's schema; copy it while it is in use; restore.")


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
    if not (file.parent.is_dir() and os.access(file.parent, os.W_OK)):
        raise UsageError(f"{file.parent} is no folder that can be written to")
    with closing(_database(config)) as database:
        copies.backup(database, file)
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "size": size})
    else:
        say(f"{file}: {size} bytes")


@db_app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `db backup` wrote.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a copy in the database's place, while no daemon works on it.

    Nothing goes out afterwards until `helpdesk outbox release`; the daemon, or `helpdesk reconcile`, fetches from the
    mailboxes what the copy does not know; new tickets get numbers well above all that were given before.
    """
    if not file.is_file():
        raise UsageError(f"{file} does not exist")
    with closing(_database(config)) as database:
        aside = copies.restore(database, file, utc_now())
    if as_json:
        print_json({"file": str(file), "replaced": str(aside) if aside else None})
        return
    say(f"{file} is the database now" + (f"; the one before is {aside}" if aside else ""))
    say("next: helpdesk run (or reconcile), look at `helpdesk status` and `outbox list --state held`, outbox release")


def _database(config: Path | None) -> Database:
    return Database(load_settings(config).database.connect_url())
