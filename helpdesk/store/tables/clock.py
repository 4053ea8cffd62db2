"""What the clock has done, so that a restart repeats nothing."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from helpdesk.store.tables.base import Row


class ClockEventRow(Row, table=True):
    """Something that the clock has done, so that it is done once: a restart loses nothing and repeats nothing."""

    __tablename__ = "clock_event"
    name: str = Field(primary_key=True)  # "deadline:1001:2026-11-23T15:00:00+00:00:expired", "digest:DYNAMICS:…"
    due_at: datetime
    done_at: datetime
