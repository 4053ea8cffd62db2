"""What all tables share: the metadata's names, the types of columns that differ by database, the bare row.

Every module of this package builds on it, and nobody else does but what needs `Row` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY


class JSON(sa.TypeDecorator[Any]):
    """A column type for lists and mappings: PostgreSQL's JSONB, elsewhere JSON."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name != "postgresql":
            return super().load_dialect_impl(dialect)
        from sqlalchemy.dialects.postgresql import JSONB  # the dialect's drivers come along

        return dialect.type_descriptor(JSONB())


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

    model_config = {"defer_build": True}  # nothing is ever validated by Pydantic
    __table__: ClassVar[sa.Table]

    def __init__(self, **values: Any) -> None:
        plain, made = _defaults(type(self))
        # Past the attributes' events, which a row that nobody has stored yet has no need of: five times as fast.
        vars(self).update(plain)
        vars(self).update((name, make()) for name, make in made if name not in values)
        vars(self).update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


@cache
def _defaults(table: type[Row]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """Return the values that fields have by themselves: those that all rows can share, and those made for each."""
    optional = {name: field for name, field in table.model_fields.items() if not field.is_required()}
    made = {name: field.default_factory for name, field in optional.items() if field.default_factory is not None}
    plain = {name: field.default for name, field in optional.items() if name not in made}
    return plain, tuple(made.items())  # type: ignore[arg-type]  # our factories take nothing
