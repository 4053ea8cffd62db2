"""What all tables share: the metadata's names, the types of columns that differ by database, the bare row.

Every module of this package builds on it, and nobody else does but what needs `Row` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY


def words(enum: type[StrEnum]) -> sa.Enum:
    """A column type for a closed set of words, stored by value; a wrong word is refused on writing."""
    return sa.Enum(
        enum,
        native_enum=False,
        length=24,
        validate_strings=True,
        create_constraint=False,
        values_callable=lambda members: [member.value for member in members],
    )


def identity() -> Any:
    return Field(default=None, primary_key=True, sa_type=ID)


class Row(SQLModel):
    """What all tables share: values go straight to SQLAlchemy.

    SQLModel hands them to Pydantic as well, which checks nothing for tables and takes 0.3 ms for a ticket.
    """

    __table__: ClassVar[sa.Table]

    def __init__(self, **values: Any) -> None:
        for name, field in type(self).model_fields.items():
            if name in values:
                setattr(self, name, values[name])
            elif not field.is_required():
                make: Callable[[], Any] | None = field.default_factory  # type: ignore[assignment]  # ours take nothing
                setattr(self, name, make() if make else field.default)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
