"""Floods, loops and machines at the gate: what is automatic is bounded, what people wait for goes."""

from __future__ import annotations

from collections import Counter

import pytest

from helpdesk.desk.gate import Limits
from helpdesk.desk.mutes import Blame
from helpdesk.desk.terms import Disposition, OutboxState
from helpdesk.services import actions, timers
from helpdesk.services.desk import Witness
from helpdesk.store import gate
from helpdesk.store.tables import AutomaticMailRow
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import ANNA, JAN, STRANGER, answer, write


def acks(desk: DeskAtWork, recipient: str) -> Counter[str]:
    """Return how many acknowledgements to somebody stand in which state."""
    return Counter(row.state.value for row in desk.outbox(notification="new") if row.recipient == recipient)


def test_M_10_another_helpdesk_that_acknowledges_our_acknowledgements_gets_three_an_hour_and_five_a_day(
    desk: DeskAtWork,
) -> None:
    for round_ in range(60):
        desk.receive(write(STRANGER, subject=f"Zgłoszenie {round_} przyjęte"))
        desk.wait(minutes=1)
    assert acks(desk, "zed@elsewhere.test") == {"queued": 3, "held": 57}
    desk.receive(write(JAN))
    assert acks(desk, "jan@acme.test") == {"queued": 1}, "other customers' answers go on time"
    for hour in range(22):
        desk.wait(hours=1)
        desk.receive(write(STRANGER, subject=f"Zgłoszenie po {hour} godzinach"))
    assert acks(desk, "zed@elsewhere.test")["queued"] == 5, "no more than five in the day"
    assert len(desk.tickets) == 60 + 1 + 22, "every mail is recorded"
    held = next(row for row in desk.outbox() if row.state is OutboxState.HELD)
    assert held.reason == "address_budget" and held.content, "it can still be sent by hand"
    assert "held" in desk.history(held.ticket or 0), "the ticket says that nobody was answered"


def test_strangers_of_one_domain_and_all_together_have_a_ceiling_and_contacts_none(desk: DeskAtWork) -> None:
    desk.under(limits=Limits(domain_per_hour=2, strangers_per_hour=4))
    mails = [write(f"z{number}@{domain}.test") for domain in ("one", "two", "three") for number in range(3)]
    desk.receive(*mails)
    strangers = desk.outbox(notification="new")
    assert Counter(row.reason for row in strangers) == {"": 4, "domain_budget": 2, "strangers_budget": 3}
    desk.receive(*(write(f"k{number}@acme.test") for number in range(30)))
    assert sum(row.state is OutboxState.QUEUED for row in desk.outbox(notification="new")) == 4 + 30


def test_one_contact_gets_at_most_so_many_an_hour_and_the_budget_fills_again(desk: DeskAtWork) -> None:
    desk.under(limits=Limits(contact_per_hour=4))
    desk.receive(*(write(JAN, subject=f"Sprawa {number}") for number in range(3)))
    desk.receive(*(write(JAN, subject=f"Druga sprawa {number}") for number in range(3)))
    assert acks(desk, "jan@acme.test") == {"queued": 4, "held": 2}
    desk.wait(hours=1, minutes=1)
    desk.receive(write(JAN, subject="Następna godzina"))
    assert acks(desk, "jan@acme.test") == {"queued": 5, "held": 2}


def test_consultants_words_and_notices_are_never_counted(desk: DeskAtWork) -> None:
    desk.under(limits=Limits(0, 0, 0, 0, 0))
    desk.receive(write(STRANGER))
    number = desk.ticket().number
    assert [row.state for row in desk.outbox(notification="new")] == [OutboxState.HELD]
    desk.act(actions.comment, number, "Już sprawdzam.")
    desk.act(actions.resolve, number)
    told = desk.told()
    assert ("comment", "zed@elsewhere.test") in told and ("resolved", "zed@elsewhere.test") in told
    assert ("notice_opened", "anna@desk.example.org") in told


def test_the_seventh_mail_in_ten_minutes_from_one_address_quiets_the_thread_for_a_day(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, fields={"Cc": "ewa@acme.test"}))
    ack = desk.letter("new")
    number = desk.ticket().number
    for _ in range(5):
        desk.receive(answer(ack, JAN))
        desk.wait(seconds=5)
    assert "quieted" not in desk.history(number)
    desk.receive(answer(ack, JAN), answer(ack, JAN))
    assert desk.history(number).count("quieted") == 1
    relays = [row for row in desk.outbox(notification="comment") if row.recipient == "ewa@acme.test"]
    assert [row.reason for row in relays] == [""] * 5 + ["quiet_thread"] * 2
    desk.act(actions.comment, number, "Dziękujemy, wystarczy.")
    assert desk.told()[-1] and ("comment", "jan@acme.test") in desk.told(), "a person's words still go"
    desk.wait(hours=25)
    desk.receive(answer(ack, JAN))
    newest = [row for row in desk.outbox(notification="comment") if row.recipient == "ewa@acme.test"][-1]
    assert newest.state is OutboxState.QUEUED


def test_mails_of_a_whole_day_taken_in_at_once_are_no_loop(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    ack = desk.letter("new")
    for _ in range(9):
        desk.journal(answer(ack, JAN), delivered_at=desk.now)
        desk.wait(hours=1)
    desk.process()
    assert "quieted" not in desk.history(desk.ticket().number)


def test_a_mail_that_went_round_more_than_fifty_servers_is_not_answered(desk: DeskAtWork) -> None:
    trace = b"".join(
        b"Received: from a%d.test by b%d.test; Fri, 20 Nov 2026 10:00:00 +0100\r\n" % (n, n) for n in range(51)
    )
    [outcome] = desk.receive(trace + write(JAN))
    assert outcome.disposition is Disposition.DISCARDED
    assert desk.told() == []


def test_relays_that_outnumber_the_mails_behind_them_are_held_and_acknowledgements_are_not(desk: DeskAtWork) -> None:
    others = ", ".join(f"k{number}@acme.test" for number in range(9))
    for case in range(6):
        desk.receive(write(f"autor{case}@acme.test", fields={"Cc": others}))
        desk.receive(answer(desk.letter("new"), f"autor{case}@acme.test"))
    relays = desk.outbox(notification="comment")
    assert Counter(row.reason for row in relays)["surge"] > 0
    assert all(row.state is OutboxState.QUEUED for row in desk.outbox(notification="new"))
    desk.wait(minutes=11)
    desk.receive(answer(desk.letter("new"), "autor5@acme.test"))
    assert desk.outbox(notification="comment")[-1].state is OutboxState.QUEUED


def test_nothing_goes_to_a_muted_address_until_somebody_opens_it_again(desk: DeskAtWork) -> None:
    desk.under(witnesses={"dynamics": Witness("rfc8601", "mx.desk.example")})
    with desk.database.begin() as session:
        assert gate.strike(session, "jan@acme.test", Blame.NO_SUCH_ADDRESS, "5.1.1 no such user", desk.now)
    desk.receive(write(JAN))
    [row] = desk.outbox(notification="new")
    assert (row.state, row.reason, row.content) == (OutboxState.MUTED, "muted", b"")
    assert "muted" in desk.history(desk.ticket().number), "the consultant sees that no answer arrives"
    with desk.database.begin() as session:
        assert gate.unmute(session, "Jan@acme.test")
    desk.receive(write(JAN))
    assert acks(desk, "jan@acme.test") == {"muted": 1, "queued": 1}


def test_a_forged_mail_from_a_muted_address_opens_nothing(desk: DeskAtWork) -> None:
    desk.under(witnesses={"dynamics": Witness("rfc8601", "mx.desk.example")})
    with desk.database.begin() as session:
        gate.strike(session, "jan@acme.test", Blame.NO_SUCH_ADDRESS, "5.1.1 no such user", desk.now)
    desk.receive(write(JAN))
    assert acks(desk, "jan@acme.test") == {"muted": 1}
    proof = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=acme.test\r\n"
    desk.receive(proof + write(JAN))
    assert acks(desk, "jan@acme.test") == {"muted": 1, "queued": 1}


def test_where_nobody_can_authenticate_a_person_who_writes_is_reachable_again(desk: DeskAtWork) -> None:
    with desk.database.begin() as session:
        gate.strike(session, "jan@acme.test", Blame.NO_SUCH_ADDRESS, "5.1.1 no such user", desk.now)
    desk.receive(write(JAN))
    assert acks(desk, "jan@acme.test") == {"queued": 1}


def test_a_full_mailbox_is_muted_for_a_day_and_the_third_time_in_a_week_for_good(desk: DeskAtWork) -> None:
    def strike() -> None:
        with desk.database.begin() as session:
            gate.strike(session, "jan@acme.test", Blame.MAILBOX_FULL, "5.2.2 full", desk.now)

    def muted() -> bool:
        with desk.database.read() as session:
            return bool(gate.muted(session, desk.now))

    strike()
    assert muted()
    desk.wait(hours=25)
    assert not muted()
    strike()
    desk.wait(hours=25)
    strike()
    desk.wait(days=100)
    assert muted()


@pytest.mark.parametrize("trouble", [Blame.OURS, Blame.THE_MAIL])
def test_what_is_not_the_recipients_fault_mutes_nobody(desk: DeskAtWork, trouble: Blame) -> None:
    with desk.database.begin() as session:
        assert not gate.strike(session, "jan@acme.test", trouble, "5.7.1 policy", desk.now)
        assert gate.muted(session, desk.now) == []


def test_what_budgets_no_longer_look_at_is_forgotten(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.wait(days=3)
    desk.receive(write(JAN))
    timers.all_due(desk.database, desk.desk, desk.clock)
    assert len(desk.rows(AutomaticMailRow)) == 1


def test_a_mail_of_a_consultant_is_no_machines(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    number = desk.ticket().number
    desk.receive(*(answer(desk.letter("notice_opened"), ANNA) for _ in range(8)))
    assert "quieted" not in desk.history(number)
