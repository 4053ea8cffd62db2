"""The digest at each opening, and the admin's warning of contracts that end."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.desk.plans import Light
from helpdesk.desk.spans import DateRange
from helpdesk.services import absences, actions
from helpdesk.services.contracts import contracts, warn_of_contracts
from helpdesk.services.desk import Unit
from helpdesk.services.digests import send_digests
from helpdesk.store.unit_of_work import Database
from tests.desk.calendars import local
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import JAN, answer, write
from tests.services.shipped_desk import COMMUNITY, STANDARD, START, ShippedDesk

EWA, ANNA, PIOTR = "ewa@helpdesk.example", "anna@helpdesk.example", "piotr@helpdesk.example"


@pytest.fixture
def desk(database: Database) -> ShippedDesk:
    return ShippedDesk(database)


def digests_at(desk: ShippedDesk, time: str) -> list[str]:
    before = len(desk.outbox())
    desk.at(time)
    send_digests(desk.database, desk.desk, desk.clock)
    return [recipient for kind, recipient in desk.told(before) if kind == "notice_digest"]


def test_in_the_morning_who_has_something_before_them_gets_a_digest_once(desk: ShippedDesk) -> None:
    number = desk.asked(START, queue="DYNAMICS")
    assert desk.ticket(number).assignee == PIOTR
    times = ("2026-11-25T08:59", "2026-11-25T09:00", "2026-11-25T09:01", "2026-11-26T09:00")

    assert [digests_at(desk, time) for time in times] == [[], [PIOTR], [], [PIOTR]]


def test_what_is_nobodys_stands_in_the_digest_of_everyone_in_the_queue(database: Database) -> None:
    desk = DeskAtWork(database)
    desk.receive(write(JAN))
    before = len(desk.outbox())
    desk.now = local("2026-11-25T09:00")
    send_digests(desk.database, desk.desk, desk.clock)
    told = [recipient for kind, recipient in desk.told(before) if kind == "notice_digest"]
    assert told == ["anna@desk.example.org", "piotr@desk.example.org"]
    assert str(desk.letter("notice_digest", "anna@desk.example.org")["Subject"]) == "DYNAMICS: zgłoszenia na dziś (1)"


def test_a_digest_begins_with_what_expires_first(desk: ShippedDesk) -> None:
    answered = desk.asked(COMMUNITY, "Trzeci", "2026-11-24T11:00")
    desk.does(actions.comment, answered, "Patrzę.")
    desk.asked(START, "Drugi", "2026-11-24T12:00")
    desk.asked(STANDARD, "Pierwszy", "2026-11-24T12:05")
    desk.wait(minutes=5)
    desk.receive(answer(desk.letter("comment"), COMMUNITY))

    digests_at(desk, "2026-11-25T09:00")

    text = text_of(desk.letter("notice_digest", EWA)).replace("\r", "")
    assert text.index("Pierwszy") < text.index("Drugi") < text.index("Trzeci")
    assert "Pierwszy\n  Reakcja do: wtorek, 24 listopada 2026, 16:05 (po terminie)\n  Klient: BUDEX" in text
    assert "Zajmuje się: nikt\n\nPRO-" in text
    assert text.index("Najbliższe terminy:") < text.index("Drugi") < text.index("Nowe od poprzedniego zestawienia:")
    assert "Klient czeka od: wtorek, 24 listopada 2026, 12:10" in text
    assert str(desk.letter("notice_digest", EWA)["Subject"]) == "PROPHIX, TARGIT: zgłoszenia na dziś (3)"


def test_a_digest_that_was_missed_comes_once_while_the_day_lasts(desk: ShippedDesk) -> None:
    desk.asked(START, time="2026-11-24T12:00")

    assert digests_at(desk, "2026-11-25T15:30") == [EWA]
    assert digests_at(desk, "2026-11-25T15:31") == []


@pytest.mark.parametrize("time", ["2026-11-25T17:00", "2026-11-28T10:00", "2026-12-24T10:00"])
def test_no_digest_comes_after_closing_or_on_a_day_off(desk: ShippedDesk, time: str) -> None:
    desk.asked(START)

    assert digests_at(desk, time) == []


def test_where_nothing_waits_there_is_no_digest(desk: ShippedDesk) -> None:
    desk.does(actions.close, desk.asked(START), "Zrobione.")

    assert digests_at(desk, "2026-11-25T09:00") == []


def test_who_is_away_gets_none_and_their_tickets_are_marked(desk: ShippedDesk) -> None:
    number = desk.asked(START, queue="DYNAMICS", time="2026-12-28T08:00")
    desk.does(actions.assign, number, "", PIOTR)

    assert digests_at(desk, "2026-12-28T09:00") == [ANNA]
    assert "Zajmuje się: Piotr Zieliński (dziś poza biurem)" in text_of(desk.letter("notice_digest"))


def test_who_said_so_themselves_is_away_as_well(desk: ShippedDesk) -> None:
    number = desk.asked(START, queue="DYNAMICS", time="2026-11-24T12:00")
    desk.does(actions.assign, number, "", PIOTR)
    with desk.database.begin() as session:
        days = DateRange(date(2026, 11, 25), date(2026, 11, 25))
        absences.note(Unit(session, desk.desk, desk.now), PIOTR, days, None)

    assert digests_at(desk, "2026-11-25T09:00") == [ANNA]
    assert "(dziś poza biurem)" in text_of(desk.letter("notice_digest"))


def test_what_is_new_stands_apart_from_what_waits(desk: ShippedDesk) -> None:
    old = desk.asked(COMMUNITY, "Stary", "2026-11-23T12:00")
    digests_at(desk, "2026-11-24T09:00")
    new = desk.asked(COMMUNITY, "Nowy", "2026-11-24T12:00")

    assert digests_at(desk, "2026-11-25T09:00") == [EWA]
    text = text_of(desk.letter("notice_digest", EWA)).replace("\r", "")
    assert text.index("Nowe od poprzedniego") < text.index("Nowy") < text.index("Czekają") < text.index("Stary")
    assert old != new


def test_a_colleagues_ticket_is_not_in_my_digest(desk: ShippedDesk) -> None:
    desk.does(actions.assign, desk.asked(START, queue="DYNAMICS"), "", PIOTR)
    assert digests_at(desk, "2026-11-25T09:00") == [PIOTR]


def test_mail_kept_apart_is_one_line_of_the_next_digest(desk: ShippedDesk) -> None:
    desk.at("2026-11-24T12:00")
    spam = write("promo@spam.example", "PomocPROPHIX@helpdesk.example", fields={"X-Spam-Flag": "YES"})
    desk.receive(spam, mailbox="prophix")

    assert digests_at(desk, "2026-11-25T09:00") == [EWA]
    assert "spam albo reguła): 1." in text_of(desk.letter("notice_digest"))
    assert digests_at(desk, "2026-11-26T09:00") == []


def contracts_at(desk: ShippedDesk, time: str) -> str:
    """Tick at that time; return the text of the mail to the admin, if one was written."""
    before = len(desk.outbox())
    desk.at(time)
    warn_of_contracts(desk.database, desk.desk, desk.clock)
    assert {row.recipient for row in desk.outbox()[before:]} <= {"admin@helpdesk.example"}
    return text_of(desk.letter("notice_contracts")) if len(desk.outbox()) > before else ""


# ACME's contract ends on 31 December 2027, a Friday.
def test_the_admin_is_told_once_whenever_a_contracts_light_changes(desk: ShippedDesk) -> None:
    assert contracts_at(desk, "2027-10-01T12:00") == ""
    assert "pozostało dni: 88 (światło żółte)" in contracts_at(desk, "2027-10-04T09:00")
    assert contracts_at(desk, "2027-11-30T12:00") == ""
    assert "pozostało dni: 29 (światło czerwone)" in contracts_at(desk, "2027-12-02T09:00")
    assert contracts_at(desk, "2027-12-02T09:01") == ""
    assert "umowa wygasła" in contracts_at(desk, "2028-01-03T09:00")
    assert contracts_at(desk, "2028-06-01T09:00") == ""


def test_a_light_that_changed_twice_unseen_is_told_of_once(desk: ShippedDesk) -> None:
    assert "światło czerwone" in contracts_at(desk, "2027-12-15T09:00")
    assert contracts_at(desk, "2027-12-15T09:05") == ""


def test_the_admin_is_left_alone_at_night(desk: ShippedDesk) -> None:
    assert contracts_at(desk, "2027-12-15T03:00") == ""


def test_lights_are_listed_with_what_ends_first_on_top(desk: ShippedDesk) -> None:
    [acme] = contracts(desk.desk.rules, local("2026-11-24T12:00").date())

    assert (acme.organisation, acme.plan, acme.light) == ("ACME", "START", Light.GREEN)
