"""How much room the database has to grow: asked by intake before it takes more."""

from __future__ import annotations

import shutil

from helpdesk.store.unit_of_work import Database


def free_bytes(database: Database) -> int | None:
    """Return what is free where SQLite's file lies; None for a server, whose disk is its own to watch."""
    return shutil.disk_usage(database.file.parent).free if database.file is not None else None
