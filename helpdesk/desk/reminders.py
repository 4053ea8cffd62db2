"""When silence is spoken into: the turns of a reminder, and whether it is a decent hour to write.

Called by the services of the clock. A turn is the first opening after its span is over, so that nobody is written to
at night or on a holiday.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta

from helpdesk.desk.hours import BusinessHours
from helpdesk.desk.spans import Span

GRACE = timedelta(hours=1)  # after an instant that is itself a closing, as the end of a span of business days is


def turns(
    span: Span, times: int, since: datetime, hours: BusinessHours, start: datetime, until: datetime
) -> Iterator[tuple[int, datetime]]:
    """Yield when each of so many reminders is due, with its number from 1, counted from the instant of the last word.

    Only those that come between `start` and `until`: of a silence of years most turns are long past.
    """

    def at(number: int) -> datetime:
        return hours.next_opening(Span(number * span.elapsed, number * span.business_days).after(since, hours))

    if not times or (first := at(1)) > until:
        return
    numbers = range(1, times + 1)
    for number in numbers if first >= start else numbers[bisect_left(numbers, start, key=at) :]:
        if (due := at(number)) > until:
            return
        yield number, due


def is_decent(hours: BusinessHours, due: datetime, now: datetime) -> bool:
    """Return whether what is due may be written now: on time, or in working hours if it is late."""
    return due <= now and (now - due <= GRACE or hours.is_open(now))
