"""Who is away today, beside those that the rules name: asked once for a unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from helpdesk.store import absences
from helpdesk.store.unit_of_work import Session


@dataclass(slots=True)
class Attendance:
    """The answer for one day; `forget` after it was changed."""

    day: date | None = None
    away: frozenset[str] = frozenset()

    def away_on(self, session: Session, day: date) -> frozenset[str]:
        """Return the registered addresses of those who said that they are away on that day."""
        if self.day != day:
            self.day, self.away = day, absences.away_on(session, day)
        return self.away

    def forget(self) -> None:
        self.day = None
