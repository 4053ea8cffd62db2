"""Machines: none ever gets an answer, and what they say moves nothing."""

from __future__ import annotations

import pytest

from helpdesk.desk.terms import Disposition, OutboxState, Standing, State, Visibility
from helpdesk.services import actions
from helpdesk.store.tables import MuteRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import STRANGER, answer, bounce, out_of_office, read_receipt, write


def resolved(desk: DeskAtWork) -> int:
    """Let a ticket be resolved; return how many mails have been written so far."""
    desk.receive(write())
    desk.act(actions.resolve, 1001, "Zrobione.")
    return len(desk.outbox())


def test_an_automatic_reply_is_recorded_on_its_ticket_and_does_not_reopen_it(desk: DeskAtWork) -> None:
    before = resolved(desk)
    [outcome] = desk.receive(out_of_office(desk.letter("resolved")))

    assert (outcome.disposition, outcome.reason, outcome.ticket) == (Disposition.RECORDED, "auto_replied", 1001)
    assert desk.ticket().state is State.RESOLVED
    assert desk.told(before) == []
    assert desk.comments[-1].visibility is Visibility.INTERNAL
    assert desk.history(1001)[-1] == "auto_replied"


def test_an_automatic_reply_to_nothing_of_ours_stands_in_the_journal_alone(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write(subject="Automatyczna odpowiedź: urlop", fields={"Auto-Submitted": "auto-replied"}))

    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "auto_replied_without_ticket")
    assert (desk.tickets, desk.outbox()) == ([], [])


def test_a_read_receipt_is_recorded_and_moves_nothing(desk: DeskAtWork) -> None:
    before = resolved(desk)
    [outcome] = desk.receive(read_receipt(desk.letter("resolved")))

    assert (outcome.disposition, outcome.ticket) == (Disposition.RECORDED, 1001)
    assert (desk.ticket().state, desk.told(before)) == (State.RESOLVED, [])


def test_a_failed_delivery_marks_the_mail_and_is_told_to_consultants(desk: DeskAtWork) -> None:
    desk.receive(write())
    before = len(desk.outbox())
    [outcome] = desk.receive(bounce(desk.letter("new"), "jan@acme.test"))

    assert (outcome.disposition, outcome.reason, outcome.ticket) == (Disposition.RECORDED, "report_failed", 1001)
    [ack] = desk.outbox(notification="new")
    assert ack.state is OutboxState.FAILED
    assert "5.1.1" in ack.reason
    assert desk.told(before) == [
        ("notice_undelivered", "anna@desk.example.org"),
        ("notice_undelivered", "piotr@desk.example.org"),
    ]
    assert "jan@acme.test" in text_of(desk.letter("notice_undelivered"))
    assert "undelivered" in desk.history(1001)
    assert len(desk.tickets) == 1


def test_a_second_report_about_the_same_mail_is_not_told_again(desk: DeskAtWork) -> None:
    desk.receive(write())
    desk.receive(bounce(desk.letter("new"), "jan@acme.test"))
    before = len(desk.outbox())
    desk.receive(bounce(desk.letter("new"), "jan@acme.test", status="5.2.1"))

    assert desk.told(before) == []


def test_a_delayed_delivery_is_only_noted(desk: DeskAtWork) -> None:
    desk.receive(write())
    before = len(desk.outbox())
    [outcome] = desk.receive(bounce(desk.letter("new"), "jan@acme.test", "delayed", "4.4.1"))

    assert outcome.reason == "report_delayed"
    assert desk.outbox(notification="new")[0].state is OutboxState.QUEUED
    assert (desk.told(before), desk.history(1001)[-1]) == ([], "report_delayed")


def test_a_report_about_no_mail_of_ours_is_only_recorded(desk: DeskAtWork) -> None:
    desk.receive(write())
    ack = desk.letter("new")
    ack.replace_header("Message-ID", "<somebody.elses@acme.test>")
    [outcome] = desk.receive(bounce(ack, "jan@acme.test"))

    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "report_on_no_mail_of_ours")
    assert desk.outbox(notification="new")[0].state is OutboxState.QUEUED


def test_a_report_about_another_recipient_silences_nobody(desk: DeskAtWork) -> None:
    desk.receive(write())
    [outcome] = desk.receive(bounce(desk.letter("new"), "ewa@acme.test"))

    assert outcome.reason == "report_on_another_recipient"
    assert desk.outbox(notification="new")[0].state is OutboxState.QUEUED


def test_a_report_that_names_nobody_is_told_once_and_marks_and_silences_nobody(desk: DeskAtWork) -> None:
    desk.receive(write())
    before = len(desk.outbox())
    nameless = [bounce(desk.letter("new"), "").replace(b"Final-Recipient: rfc822; \r\n", b"") for _ in range(2)]
    outcomes = desk.receive(*nameless)

    assert {(one.reason, one.ticket) for one in outcomes} == {("report_names_nobody", 1001)}
    [ack] = desk.outbox(notification="new")
    assert ack.state is OutboxState.QUEUED
    assert desk.rows(MuteRow) == []
    assert desk.told(before) == [
        ("notice_undelivered", "anna@desk.example.org"),
        ("notice_undelivered", "piotr@desk.example.org"),
    ]
    assert "jan@acme.test" in text_of(desk.letter("notice_undelivered"))
    assert desk.history(1001)[-1] == "report_names_nobody"


def test_a_failed_notice_of_failure_is_told_to_nobody(desk: DeskAtWork) -> None:
    desk.receive(write())
    desk.receive(bounce(desk.letter("new"), "jan@acme.test"))
    before = len(desk.outbox())
    desk.receive(bounce(desk.letter("notice_undelivered", "anna@desk.example.org"), "anna@desk.example.org"))

    assert desk.told(before) == []
    assert desk.history(1001)[-1] == "undelivered"


MACHINES: dict[str, dict[str, str | None]] = {
    "a monitor's alarm": {"Auto-Submitted": "auto-generated"},
    "a list": {"List-Id": "<news.acme.test>"},
    "bulk mail": {"Precedence": "bulk"},
    "a sender who wants no answer": {"X-Auto-Response-Suppress": "All"},
    "mail without a way back": {"Return-Path": "<>"},
    "another ticket system": {"X-OTRS-Loop": "yes"},
}


@pytest.mark.parametrize("fields", MACHINES.values(), ids=MACHINES)
def test_mail_that_a_machine_wrote_opens_a_ticket_and_gets_no_answer(
    desk: DeskAtWork, fields: dict[str, str | None]
) -> None:
    [outcome] = desk.receive(write(fields=fields))

    assert outcome.disposition is Disposition.OPENED
    assert {kind for kind, _ in desk.told()} == {"notice_opened"}


def test_a_list_is_read_by_people_and_written_by_them(desk: DeskAtWork) -> None:
    resolved(desk)
    [outcome] = desk.receive(answer(desk.letter("resolved"), fields=MACHINES["a list"]))

    assert (outcome.disposition, desk.ticket().state) == (Disposition.COMMENTED, State.OPEN)


@pytest.mark.parametrize("sign", [sign for sign in MACHINES if sign != "a list"])
def test_what_a_machine_writes_on_a_ticket_is_recorded_and_told_to_consultants_and_moves_nothing(
    desk: DeskAtWork, sign: str
) -> None:
    desk.receive(write(fields={"Cc": "ewa@acme.test"}))
    desk.act(actions.resolve, 1001, "Zrobione.")
    before, waiting = len(desk.outbox()), desk.ticket().waiting_since
    text = f"Zgłoszenie 17 zamknięto.\n\n{text_of(desk.letter('resolved'))}"
    [outcome] = desk.receive(answer(desk.letter("resolved"), text=text, fields=MACHINES[sign]))

    assert (outcome.disposition, outcome.reason, outcome.ticket) == (Disposition.RECORDED, "auto_generated", 1001)
    assert (desk.ticket().state, desk.ticket().waiting_since) == (State.RESOLVED, waiting)
    assert {kind for kind, _ in desk.told(before)} == {"notice_comment"}
    comment = desk.comments[-1]
    assert (comment.visibility, comment.standing) == (Visibility.INTERNAL, Standing.CONFIRMED)
    assert comment.new_text == "Zgłoszenie 17 zamknięto."
    assert desk.history(1001)[-1] == "auto_generated"


def test_a_machines_word_by_somebody_who_takes_no_part_is_marked(desk: DeskAtWork) -> None:
    desk.receive(write())
    machine = "Monitor <monitor@elsewhere.test>"
    desk.receive(answer(desk.letter("new"), machine, fields=MACHINES["a monitor's alarm"]))

    assert desk.comments[-1].standing is Standing.UNCONFIRMED
    assert "monitor@elsewhere.test" not in desk.participants(1001)


def test_another_alarm_of_the_same_monitor_finds_its_ticket_by_the_thread_it_names(desk: DeskAtWork) -> None:
    thread = {"Auto-Submitted": "auto-generated", "References": "<problem-17@acme.test>"}
    desk.receive(write(fields={**thread, "References": None, "Message-ID": "<problem-17@acme.test>"}))
    before = len(desk.outbox())
    [outcome] = desk.receive(write(text="Znów odpowiada.", fields=thread))

    assert (outcome.disposition, outcome.ticket, len(desk.tickets)) == (Disposition.RECORDED, 1001, 1)
    assert {kind for kind, _ in desk.told(before)} == {"notice_comment"}


ALARMS_APART = """\
rules:
  - { name: alarms, when: { message_kind: [auto_generated] }, then: { quarantine: true } }
"""


def test_a_rule_can_keep_alarms_from_opening_tickets(database: Database) -> None:
    desk = DeskAtWork(database, ALARMS_APART)
    [outcome] = desk.receive(write(fields=MACHINES["a monitor's alarm"]))

    assert (outcome.disposition, desk.tickets) == (Disposition.HELD, [])


OURS: dict[str, dict[str, str | None]] = {
    "our loop header": {"X-Helpdesk-Loop": "desk.example.org"},
    "our own address in From": {"From": "Pomoc <pomocdynamics@desk.example.org>"},
    "our own address with a detail": {"From": "pomocdynamics+x@desk.example.org"},
    "our address in X-Loop": {"X-Loop": "pomocprophix@desk.example.org"},
}


@pytest.mark.parametrize("fields", OURS.values(), ids=OURS)
def test_our_own_mail_that_comes_back_is_discarded(desk: DeskAtWork, fields: dict[str, str | None]) -> None:
    [outcome] = desk.receive(write(STRANGER, fields=fields))

    assert (outcome.disposition, outcome.reason) == (Disposition.DISCARDED, "own_mail_returned")
    assert (desk.tickets, desk.outbox()) == ([], [])


def test_two_desks_with_our_program_do_not_talk_to_each_other_for_ever(desk: DeskAtWork) -> None:
    desk.receive(write("Other desk <pomoc@other.test>"))
    ack = desk.letter("new").as_bytes().replace(b"desk.example.org", b"desk.other.test")
    before = len(desk.outbox())
    [outcome] = desk.receive(ack)

    assert outcome.disposition is Disposition.RECORDED
    assert desk.told(before) == []
