"""A consultant's day: what an absence is known by.

The words of `store.tables.workday`; `services.absences` decides by them who stands in.
"""

from __future__ import annotations

from enum import StrEnum


class AbsenceSource(StrEnum):
    """How the desk came to know that somebody is away."""

    COMMAND = "command"  # `#away`
    AUTO_REPLY = "auto_reply"  # their out-of-office answered a notice: it counts for that day
