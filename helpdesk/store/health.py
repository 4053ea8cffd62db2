"""How the database is, as a value: for `helpdesk check`, which must survive what it finds. Creates nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass

import sqlalchemy as sa

from helpdesk.store import schema
from helpdesk.store.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """Whether the database answers, and at which schema it is; `trouble` is a sentence, "" if there is none."""

    trouble: str = ""
    revision: str | None = None  # None: there is no desk in it yet

    @property
    def is_current(self) -> bool:
        return self.revision == schema.newest()


def examine(url: str) -> DatabaseHealth:
    """Return how the database is; one that can't be reached is an answer, not an error."""
    try:
        database = Database(url)
    except (sa.exc.ArgumentError, ValueError):  # its words repeat the URL, and that may hold a password
        return DatabaseHealth("the URL can't be read")
    if database.file is not None and not database.file.exists():
        folder = database.file.parent
        can_be_made = folder.is_dir() and os.access(folder, os.W_OK)
        return DatabaseHealth("" if can_be_made else f"{folder} does not exist or can't be written to")
    try:
        return DatabaseHealth(revision=schema.current(database))
    except sa.exc.DBAPIError as error:
        return DatabaseHealth(" ".join(str(error.orig).split()))
    finally:
        database.close()
