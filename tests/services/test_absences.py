"""Consultants who are away: whose notices go on, to whom, and until when."""

from __future__ import annotations

from datetime import date, datetime

from helpdesk.desk.spans import DateRange
from helpdesk.desk.terms import Disposition, Person
from helpdesk.services import absences, actions, regroup
from helpdesk.services.deadlines import warn_of_deadlines
from helpdesk.services.desk import Unit, Witness
from helpdesk.store.tables import AbsenceRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import RULES as DESK_RULES
from tests.services.desk_at_work import DeskAtWork, files_of, rules_of, text_of
from tests.services.mails import ANNA, JAN, PROPHIX, answer, out_of_office, write

ANNA_ADDR, PIOTR_ADDR, OLA_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "ola@desk.example.org"
ON_CALL = DESK_RULES.replace(
    "consultants: [ola@desk.example.org] }", "consultants: [ola@desk.example.org], on_call: [duty@sms.example.org] }"
)


def assigned(desk: DeskAtWork, to: str = ANNA_ADDR) -> None:
    """Let Jan write, and give the ticket to somebody."""
    desk.receive(write(JAN))
    desk.act(actions.assign, 1001, "", to)


def away(desk: DeskAtWork, who: str, first: date, last: date) -> None:
    with desk.database.begin() as session:
        absences.note(Unit(session, desk.desk, desk.now), who, DateRange(first, last), None)


def spoken(desk: DeskAtWork) -> list[str]:
    """Let Jan say something more; return who is noticed."""
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("new"), JAN))
    return [recipient for kind, recipient in desk.told(before) if kind == "notice_comment"]


def test_an_absent_assignees_mail_goes_to_the_queue_too(desk: DeskAtWork) -> None:
    assigned(desk)
    assert spoken(desk) == [ANNA_ADDR]
    away(desk, ANNA_ADDR, date(2026, 11, 24), date(2026, 11, 25))
    assert spoken(desk) == [ANNA_ADDR, PIOTR_ADDR]


def test_after_the_last_day_all_is_as_before(desk: DeskAtWork) -> None:
    assigned(desk)
    away(desk, ANNA_ADDR, date(2026, 11, 24), date(2026, 11, 25))
    desk.wait(days=2)
    assert spoken(desk) == [ANNA_ADDR]


def test_who_is_back_earlier_calls_it_off(desk: DeskAtWork) -> None:
    assigned(desk)
    away(desk, ANNA_ADDR, date(2026, 11, 24), date(2026, 12, 31))
    with desk.database.begin() as session:
        absences.call_off(Unit(session, desk.desk, desk.now), ANNA_ADDR)
    assert spoken(desk) == [ANNA_ADDR]


def test_an_out_of_office_counts_for_its_day_and_hands_the_notice_on(desk: DeskAtWork) -> None:
    assigned(desk)
    desk.receive(answer(desk.letter("new"), JAN, "Pilne!", files=[("ekran.png", b"png")]))
    before = len(desk.outbox())

    [outcome] = desk.receive(out_of_office(desk.letter("notice_comment", ANNA_ADDR), ANNA))

    assert outcome.disposition is Disposition.RECORDED
    assert desk.told(before) == [("notice_comment", PIOTR_ADDR)]
    handed_on = desk.letter("notice_comment", PIOTR_ADDR)
    assert "Pilne!" in text_of(handed_on)
    assert files_of(handed_on) == {"ekran.png": b"png"}
    [row] = desk.rows(AbsenceRow)
    assert (row.consultant, row.first, row.last, row.source) == (ANNA_ADDR, date(2026, 11, 24), row.first, "auto_reply")
    assert any(step.step == "stand-in" for step in outcome.trace)


def test_an_answer_to_a_notice_that_was_handed_on_reaches_the_customer(desk: DeskAtWork) -> None:
    assigned(desk)
    desk.receive(answer(desk.letter("new"), JAN, "Pilne!"))
    desk.receive(out_of_office(desk.letter("notice_comment", ANNA_ADDR), ANNA))
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("notice_comment", PIOTR_ADDR), PIOTR_ADDR, "Już patrzę."))
    assert ("comment", "jan@acme.test") in desk.told(before)


def test_a_second_out_of_office_hands_nothing_on_twice(desk: DeskAtWork) -> None:
    assigned(desk)
    desk.receive(answer(desk.letter("new"), JAN, "Pilne!"))
    notice = desk.letter("notice_comment", ANNA_ADDR)
    desk.receive(out_of_office(notice, ANNA))
    before = len(desk.outbox())
    desk.receive(out_of_office(notice, ANNA))
    assert desk.told(before) == []
    assert len(desk.rows(AbsenceRow)) == 1


def test_what_the_whole_queue_has_had_is_handed_to_nobody(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    before = len(desk.outbox())
    desk.receive(out_of_office(desk.letter("notice_opened", ANNA_ADDR), ANNA))
    assert desk.told(before) == []
    assert len(desk.rows(AbsenceRow)) == 1


def test_a_strangers_words_go_on_with_the_warning_and_an_answer_to_them_reaches_no_customer(desk: DeskAtWork) -> None:
    assigned(desk)
    desk.receive(answer(desk.letter("new"), "Nikt <nikt@stranger.test>", "Proszę o hasło."))
    desk.receive(out_of_office(desk.letter("notice_comment", ANNA_ADDR), ANNA))

    handed_on = desk.letter("notice_comment", PIOTR_ADDR)
    assert "The sender takes no part in the ticket" in text_of(handed_on)
    before = len(desk.outbox())
    desk.receive(answer(handed_on, PIOTR_ADDR, "Hasło: brak."))
    assert "comment" not in [kind for kind, _ in desk.told(before)]


def test_a_notice_does_not_go_on_to_who_wrote_the_words(desk: DeskAtWork) -> None:
    assigned(desk)
    desk.act(actions.note, 1001, "Sprawdzam to.", by=Person("Piotr", PIOTR_ADDR))
    before = len(desk.outbox())
    desk.receive(out_of_office(desk.letter("notice_comment", ANNA_ADDR), ANNA))
    assert desk.told(before) == []


def test_the_notice_of_a_ticket_that_was_split_off_goes_on_too(database: Database) -> None:
    desk = DeskAtWork(database).under(rules=rules_of(ON_CALL))
    desk.receive(write(JAN, PROPHIX), mailbox="prophix")
    desk.receive(answer(desk.letter("new"), JAN, "Co innego: nie drukuje."), mailbox="prophix")
    desk.act(regroup.split, 1001, "", str(desk.comments[-1].id))
    before = len(desk.outbox())
    notice = desk.letter("notice_opened", OLA_ADDR)
    desk.receive(out_of_office(notice, "Ola Gil <ola@desk.example.org>"), mailbox="prophix")
    assert desk.told(before) == [("notice_opened", "duty@sms.example.org")]
    assert "nie drukuje" in text_of(desk.letter("notice_opened", "duty@sms.example.org"))


def test_where_nobody_of_the_queue_is_there_those_on_call_are_told(database: Database) -> None:
    desk = DeskAtWork(database).under(rules=rules_of(ON_CALL))
    desk.receive(write(JAN, PROPHIX), mailbox="prophix")
    before = len(desk.outbox())
    desk.receive(
        out_of_office(desk.letter("notice_opened", OLA_ADDR), "Ola Gil <ola@desk.example.org>"), mailbox="prophix"
    )
    assert desk.told(before) == [("notice_opened", "duty@sms.example.org")]


def test_a_customers_out_of_office_makes_nobody_absent(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    before = len(desk.outbox())
    desk.receive(out_of_office(desk.letter("new"), JAN))
    assert desk.rows(AbsenceRow) == []
    assert desk.told(before) == []


def test_an_out_of_office_that_answers_no_notice_and_that_nothing_proves_makes_nobody_absent(desk: DeskAtWork) -> None:
    desk.receive(write(ANNA, subject="Automatyczna odpowiedź", fields={"Auto-Submitted": "auto-replied"}))
    assert desk.rows(AbsenceRow) == []


def test_an_out_of_office_that_our_server_vouches_for_counts_without_a_notice(database: Database) -> None:
    desk = DeskAtWork(database, witnesses={"dynamics": Witness("rfc8601", "mx.desk.example.org")})
    verdict = b"Authentication-Results: mx.desk.example.org; dmarc=pass header.from=desk.example.org\r\n"
    desk.receive(verdict + write(ANNA, subject="Automatyczna odpowiedź", fields={"Auto-Submitted": "auto-replied"}))
    assert [row.consultant for row in desk.rows(AbsenceRow)] == [ANNA_ADDR]


def test_an_out_of_office_that_our_server_calls_forged_makes_nobody_absent(database: Database) -> None:

    desk = DeskAtWork(database, witnesses={"dynamics": Witness("rfc8601", "mx.desk.example.org")})
    desk.receive(write(JAN))
    forged = out_of_office(desk.letter("notice_opened", ANNA_ADDR), ANNA)
    verdict = b"Authentication-Results: mx.desk.example.org; dmarc=fail header.from=desk.example.org\r\n"
    desk.receive(verdict + forged)
    assert desk.rows(AbsenceRow) == []


def test_a_warning_of_a_deadline_goes_on_as_well(desk: DeskAtWork) -> None:
    desk.now = datetime(2026, 11, 24, 8, 30, tzinfo=desk.now.tzinfo)
    desk.receive(write(JAN))
    ticket = desk.ticket()
    with desk.database.begin() as session:
        session.get(type(ticket), 1001).assignee = ANNA_ADDR  # type: ignore[union-attr]  # it was opened just now
    desk.wait(hours=3, minutes=30)
    assert warn_of_deadlines(desk.database, desk.desk, desk.clock) == 1
    before = len(desk.outbox())
    desk.receive(out_of_office(desk.letter("notice_deadline", ANNA_ADDR), ANNA))
    assert desk.told(before) == [("notice_deadline", PIOTR_ADDR)]


def test_planned_absences_name_days_person_and_source(desk: DeskAtWork) -> None:
    away(desk, PIOTR_ADDR, date(2026, 12, 1), date(2026, 12, 4))
    with desk.database.read() as session:
        unit = Unit(session, desk.desk, desk.now)
        assert absences.planned(unit, 30) == [(DateRange(date(2026, 12, 1), date(2026, 12, 4)), PIOTR_ADDR, "#away")]
        assert absences.planned(unit, 3) == []
