"""When the clock speaks up about a promise: before it ends, when it ends, and once more to those above.

Asked by the timers, which send the warnings, and by `helpdesk agenda`, which foretells them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.desk.hours import BusinessHours

LONGEST_LEAD = timedelta(hours=1)  # of working time


class Stage(StrEnum):
    """How far a promise has come, in the order in which it comes there."""

    SOON = "soon"  # it ends soon: the assignee is told, else the queue
    EXPIRED = "expired"  # it has ended: the same people
    ESCALATED = "escalated"  # it has ended for a while: the queue's escalation address


def stages(hours: BusinessHours, began: datetime, react_by: datetime) -> tuple[tuple[Stage, datetime], ...]:
    """Return the instants at which a warning is due.

    The lead is an hour of working time, or a quarter of the reaction time where that is less; the same time after
    the end it is escalated.
    """
    whole = hours.working_time_between(began, react_by)
    lead = min(LONGEST_LEAD, whole / 4)
    soon = hours.add_working_time(began, whole - lead) if whole else react_by
    return (
        (Stage.SOON, soon),
        (Stage.EXPIRED, react_by),
        (Stage.ESCALATED, hours.add_working_time(react_by, lead)),
    )
