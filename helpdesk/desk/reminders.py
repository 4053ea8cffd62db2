"""When silence is spoken into: the turns of a reminder, and whether it is a decent hour to write.

Called by the services of the clock. A turn is the first opening after its span is over, so that nobody is written to
at night or on a holiday.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from helpdesk.desk.hours import BusinessHours
from helpdesk.desk.spans import Span

GRACE = timedelta(hours=1)  # after an instant that is itself a closing, as the end of a span of business days is


def turns(span: Span, times: int, since: datetime, hours: BusinessHours, until: datetime) -> Iterator[datetime]:
    """Yield when each of so many reminders is due, counted from the instant since which all is silent.

    None that would come after `until`.
    """
    for number in range(1, times + 1):
        at = hours.next_opening(Span(number * span.elapsed, number * span.business_days).after(since, hours))
        if at > until:
            return
        yield at


def is_decent(hours: BusinessHours, due: datetime, now: datetime) -> bool:
    """Return whether what is due may be written now: on time, or in working hours if it is late."""
    return due <= now and (now - due <= GRACE or hours.is_open(now))
