"""How old a database is, known outside of it: beside SQLite's file, and by PostgreSQL's own identity.

`store.restoration` compares it with the database's own word. A copy that was put back, by whatever means, is older
than what stands here: SQLite's file has a small one beside it with a generation that grows all the time; a dump read
into PostgreSQL has other tables, a copied cluster that was promoted another timeline (RELIABILITY 2.4).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from helpdesk import logs

log = logs.get_logger(__name__)

_TIMELINE = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)"
_CLUSTER = "SELECT system_identifier::text FROM pg_control_system()"
_TABLE = "SELECT oid::text || '.' || 'mark'::regclass::oid::text FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands beside a SQLite file."""

    desk: str
    generation: int
    last_number: int = 0  # the last ticket there was when this was written


def path_of(database: Path) -> Path:
    """Return where the mark of a database file is."""
    return database.with_name(database.name + ".mark")


def read(database: Path) -> Mark | None:
    """Return the mark beside a database; None if there is none that can be read."""
    try:
        found = json.loads(path_of(database).read_text(encoding="ascii"))
        return Mark(str(found["desk"]), int(found["generation"]), int(found["last_number"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("mark.unreadable", file=str(path_of(database)), detail=type(error).__name__)
        return None


def write(database: Path, mark: Mark) -> None:
    """Put the mark beside the database; one that can't be written is logged, since the work must go on."""
    path = path_of(database)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            json.dump(asdict(mark), file)
        partial.replace(path)
    except OSError as error:
        log.warning("mark.not_written", file=str(path), detail=str(error.strerror))


def server_identity(session: Session) -> str:
    """Return what PostgreSQL says of cluster, timeline, database and table; "-" for what this role may not know."""
    return "/".join(_asked(session, question) for question in (_CLUSTER, _TIMELINE, _TABLE))


def _asked(session: Session, question: str) -> str:
    try:
        with session.begin_nested():
            return str(session.connection().execute(sa.text(question)).scalar_one())
    except sa.exc.ProgrammingError:  # a hosted server may forbid it; the other two still tell a dump
        return "-"
