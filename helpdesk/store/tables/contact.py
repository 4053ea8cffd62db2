"""What is remembered of people on the customers' side from one ticket to the next."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from helpdesk.store.tables.base import Row


class ContactRow(Row, table=True):
    """A person who wrote to us, and the language in which they last did so beyond doubt."""

    __tablename__ = "contact"
    addr: str = Field(primary_key=True)  # case-folded
    language: str
    noted_at: datetime
