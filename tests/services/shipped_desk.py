"""A desk at work under the rules that come with the program, and who writes to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpdesk.desk.terms import Person
from helpdesk.services.actions import Done
from helpdesk.store.unit_of_work import Database
from tests.desk.calendars import local
from tests.desk.shipped import shipped_rules
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import write

ANNA = Person("Anna Nowak", "anna@helpdesk.example")
START, STANDARD = "Jan Kowal <jan@acme.example>", "Iga Sowa <it@budex.example>"
PREMIUM, EMAIL, COMMUNITY = "noc@klinika.example", "solo.firma@gmail.com", "Olaf Sum <szef@warsztat.example>"


class ShippedDesk(DeskAtWork):
    """Times are written as Warsaw's wall clock shows them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.under(rules=shipped_rules())

    def at(self, time: str) -> datetime:
        """Turn the clock to that time."""
        self.now = local(time)
        return self.now

    def asked(self, author: str, subject: str = "Błąd zapisu", time: str = "2026-11-24T12:00", queue: str = "") -> int:
        """Take a mail in at that time; return the number of its ticket."""
        self.at(time)
        [outcome] = self.receive(write(author, f"Pomoc{queue or 'PROPHIX'}@helpdesk.example", subject))
        assert outcome.ticket is not None
        return outcome.ticket

    def does(self, action: Any, number: int, text: str = "", *words: str, **how: Any) -> Done:
        """Let Anna act."""
        return self.act(action, number, text, *words, by=ANNA, **how)
