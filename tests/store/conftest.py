"""Fixtures of the store's tests: a real, migrated database of each kind."""

from tests.databases import (
    database,
    postgres_original,
    postgres_ready,
    ready_url,
    sqlite_database,
    sqlite_original,
    sqlite_ready,
)

__all__ = [
    "database",
    "postgres_original",
    "postgres_ready",
    "ready_url",
    "sqlite_database",
    "sqlite_original",
    "sqlite_ready",
]
