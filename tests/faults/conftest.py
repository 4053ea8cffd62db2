"""Fixtures of the fault cases: databases of both kinds at the present schema, and a desk at work on one."""

from __future__ import annotations

import pytest

from helpdesk.store.unit_of_work import Database
from tests.databases import (
    database,
    postgres_original,
    postgres_ready,
    ready_url,
    sqlite_database,
    sqlite_original,
    sqlite_ready,
)
from tests.services.desk_at_work import DeskAtWork

__all__ = [
    "database",
    "desk",
    "postgres_original",
    "postgres_ready",
    "ready_url",
    "sqlite_database",
    "sqlite_original",
    "sqlite_ready",
]


@pytest.fixture
def desk(database: Database) -> DeskAtWork:
    """A desk at work; the test runs once on each kind of database."""
    return DeskAtWork(database)
