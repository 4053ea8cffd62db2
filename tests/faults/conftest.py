"""Fixtures of the fault cases: those of the services' tests."""

from tests.services.conftest import (
    database,
    desk,
    postgres_original,
    postgres_ready,
    ready_url,
    sqlite_database,
    sqlite_original,
    sqlite_ready,
)

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
