"""What is remembered of contacts from one ticket to the next: so far their language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from helpdesk.store.inserts import inserter
from helpdesk.store.tables import ContactRow

_TABLE = ContactRow.__table__
_ASKED = sa.select(_TABLE.c.language).where(_TABLE.c.addr == sa.bindparam("who"))


def language_of(session: Session, addr: str) -> str | None:
    """Return the language in which a person last wrote beyond doubt; None if they never did."""
    found: str | None = session.connection().execute(_ASKED, {"who": addr}).scalar()
    return found


def note_language(session: Session, addr: str, language: str, now: datetime) -> None:
    """Remember the language in which a person writes; one that is known already is not written again."""
    values = {"addr": addr, "language": language, "noted_at": now}
    session.connection().execute(_note(inserter(session)), values)


@cache
def _note(insert: Callable[[Any], Any]) -> Any:
    statement = insert(_TABLE)
    return statement.on_conflict_do_update(
        index_elements=["addr"],
        set_={"language": statement.excluded.language, "noted_at": statement.excluded.noted_at},
        where=_TABLE.c.language != statement.excluded.language,
    )
