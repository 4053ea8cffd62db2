"""What is remembered of contacts from one ticket to the next: so far their language."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from helpdesk.store.tables import ContactRow

_TABLE = ContactRow.__table__
_ASKED = sa.select(_TABLE.c.language).where(_TABLE.c.addr == sa.bindparam("who"))


def language_of(session: Session, addr: str) -> str | None:
    """Return the language in which a person last wrote beyond doubt; None if they never did."""
    found: str | None = session.connection().execute(_ASKED, {"who": addr}).scalar()
    return found


def note_language(session: Session, addr: str, language: str, now: datetime) -> None:
    """Remember the language in which a person writes; one that is known already is not written again."""
    connection = session.connection()
    values = {"addr": addr, "language": language, "noted_at": now}
    connection.execute(_note(connection.dialect.name), values)


@cache
def _note(dialect: str) -> Any:
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(_TABLE)
    return statement.on_conflict_do_update(
        index_elements=["addr"],
        set_={"language": statement.excluded.language, "noted_at": statement.excluded.noted_at},
        where=_TABLE.c.language != statement.excluded.language,
    )
