"""M-10: what was held back by a budget is told in one mail an address and day, and never becomes a flood of its own."""

from __future__ import annotations

from collections import Counter

import pytest

from helpdesk.desk.gate import Limits
from helpdesk.desk.keys import format_key
from helpdesk.services import timers
from helpdesk.services.heldback import tell_held_back
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import JAN, STRANGER, write


def told(desk: DeskAtWork) -> Counter[str]:
    """Return who got how many such mails."""
    return Counter(row.recipient for row in desk.outbox(notification="held_back") if row.state == "queued")


def tick(desk: DeskAtWork) -> int:
    return tell_held_back(desk.database, desk.desk, desk.clock)


def test_M_10_what_was_held_back_is_told_in_one_mail_on_the_next_day(desk: DeskAtWork) -> None:
    desk.receive(*(write(STRANGER, subject=f"Prośba {number}") for number in range(6)))
    assert tick(desk) == 0, "the day is not over"
    desk.wait(hours=14)
    assert [tick(desk) for _ in range(3)] == [1, 0, 0]
    assert told(desk) == {"zed@elsewhere.test": 1}
    letter = desk.letter("held_back")
    text = text_of(letter)
    keys = [format_key("DYN", number) for number in range(1001, 1007)]
    assert [key for key in keys if key in text] == keys[3:], "the three that were not acknowledged"
    assert "Prośba" not in str(letter), "nothing that a stranger chose"
    assert letter["Auto-Submitted"] == "auto-generated" and letter["X-Helpdesk-Loop"]
    desk.wait(days=1)
    assert tick(desk) == 0, "a day without anything held has none"


def test_M_10_contacts_are_told_as_well_and_machines_never(desk: DeskAtWork) -> None:
    desk.under(limits=Limits(contact_per_hour=1, stranger_per_hour=1))
    desk.receive(*(write(JAN, subject=f"Sprawa {number}") for number in range(3)))
    desk.wait(days=1)
    timers.all_due(desk.database, desk.desk, desk.clock)
    assert told(desk) == {"jan@acme.test": 1}


@pytest.mark.parametrize("strangers", [8])
def test_M_10_a_flood_of_forged_addresses_is_no_flood_of_ours_a_day_later(desk: DeskAtWork, strangers: int) -> None:
    desk.under(limits=Limits(strangers_per_hour=2, domain_per_hour=2))
    desk.receive(*(write(f"z{number}@domain{number}.test") for number in range(strangers)))
    desk.wait(days=1)
    assert tick(desk) == 2, "as many an hour as ever"
    assert tick(desk) == 0
    desk.wait(hours=1, minutes=1)
    assert tick(desk) == 2, "the rest follows in its own time"
    assert max(told(desk).values()) == 1
