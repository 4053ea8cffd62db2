"""Lists of visits: the days ahead for the operator, the day for a consultant's morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpdesk.desk.visit import Answer, VisitState
from helpdesk.services import actions, visits
from helpdesk.services.agenda import agenda
from helpdesk.services.appointments import visits_today
from helpdesk.services.digests import send_digests
from helpdesk.services.reminders import remind
from tests.calendar_programs import ACCEPTED, Reply, apple
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import JAN, write

ANNA, PIOTR, JAN_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "jan@acme.test"


def arranged(desk: DeskAtWork, words: str) -> None:
    desk.receive(write(JAN))
    desk.act(visits.visit, desk.tickets[-1].number, "", words)


def planned(desk: DeskAtWork) -> list[str]:
    with desk.database.read() as session:
        found = agenda(session, desk.desk, desk.now, desk.now + timedelta(days=7))
        return [each.why for each in found if each.event == "visit"]


def test_the_agenda_lists_the_visits_ahead_with_what_the_customer_says(desk: DeskAtWork) -> None:
    arranged(desk, "2026-12-25 10:00 60m")
    arranged(desk, "2026-11-25 10:00 60m remote")
    arranged(desk, "2026-11-26 10:00 60m Łódź")
    assert planned(desk) == [
        f"remote help, ACME; {ANNA} comes; waits for the customer's consent",
        f"visit (Łódź), ACME; {ANNA} comes; not answered yet",
    ]
    desk.receive(apple(Reply(desk.letter("invitation", JAN_ADDR), JAN, ACCEPTED, desk.now)))
    assert planned(desk)[1] == f"visit (Łódź), ACME; {ANNA} comes; accepted"


def test_a_morning_has_the_visits_of_that_day_and_consultant(desk: DeskAtWork) -> None:
    arranged(desk, "2026-11-25 16:00 60m")
    arranged(desk, "2026-11-25 08:00 60m remote")
    arranged(desk, "2026-11-26 00:00 60m")
    desk.wait(hours=18)  # six in the morning of the 25th
    with desk.database.read() as session:
        lines = visits_today(session, desk.desk, desk.now, ANNA)
        assert [(line.state, line.answer) for line in lines] == [
            (VisitState.PROPOSED, Answer.NONE), (VisitState.CONFIRMED, Answer.NONE),
        ]  # fmt: skip
        assert visits_today(session, desk.desk, desk.now) == lines
        assert visits_today(session, desk.desk, desk.now, PIOTR) == ()


def test_what_is_called_off_is_in_no_list(desk: DeskAtWork) -> None:
    arranged(desk, "2026-11-25 10:00 60m")
    desk.act(visits.visit, 1001, "", "cancel")
    assert planned(desk) == []


def test_a_consultant_s_morning_names_the_visits_of_the_day(desk: DeskAtWork) -> None:
    arranged(desk, "2026-11-25 10:00 60m Łódź")
    desk.act(actions.resolve, 1001)  # nothing else is waiting
    desk.now = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    send_digests(desk.database, desk.desk, desk.clock)
    text = text_of(desk.letter("notice_digest", ANNA))
    assert "Wizyty na dziś:" in text
    assert "środa, 25 listopada 2026, 10:00 (1 h) · wizyta na miejscu (Łódź)" in text
    assert "Klient: ACME · jeszcze bez odpowiedzi" in text
    assert desk.outbox(notification="notice_digest", recipient=PIOTR) == []


def test_a_ticket_that_waits_for_its_visit_is_not_stale(desk: DeskAtWork) -> None:
    arranged(desk, "2026-12-10 10:00 60m")
    desk.receive(write(JAN))
    desk.now = datetime(2026, 12, 4, 9, 0, tzinfo=UTC)
    remind(desk.database, desk.desk, desk.clock)
    assert {row.ticket for row in desk.outbox(notification="notice_stale")} == {1002}
