"""M: what a refusal says, and of whom: the account, the sender, the recipient, the words; and what an answer proves."""

from __future__ import annotations

import asyncio

import pytest

from helpdesk.desk.terms import OutboxState
from helpdesk.services.ports import (
    Accepted,
    DeliveryResult,
    Envelope,
    Rejected,
)
from helpdesk.store import accounts, gate, outbox
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import JAN, STRANGER, bounce, write
from tests.services.smtp_account import OK, Account, ack, delivery, send


def states(desk: DeskAtWork) -> list[OutboxState]:
    return [row.state for row in desk.outbox()]


def retry(desk: DeskAtWork) -> None:
    """Let what is held be sent, as `outbox retry` does."""
    with desk.database.begin() as session:
        accounts.release(session, "default")
        for row in outbox.listed(session, states=[OutboxState.HELD]):
            outbox.set_state(session, row["id"], [OutboxState.HELD], OutboxState.QUEUED, "queued again by hand")


def test_M_06_refusals_by_policy_hold_the_account_and_mute_nobody_and_a_retry_sends_each_once(desk: DeskAtWork) -> None:
    desk.receive(*(write(f"k{number}@acme.test") for number in range(5)))
    account = Account(lambda _: Rejected(550, "5.7.1", "SPF check failed"))
    sender = delivery(desk, account)
    asyncio.run(sender.deliver_due())
    asyncio.run(sender.deliver_due())
    assert states(desk).count(OutboxState.HELD) == accounts.REFUSALS == len(account.asked), "then nothing is tried"
    assert OutboxState.FAILED not in states(desk)
    assert [str(trouble) for trouble in sender.troubles], "the fault is in health"
    send(desk, account)
    assert len(account.asked) == accounts.REFUSALS, "a new start remembers"
    with desk.database.read() as session:
        assert gate.muted(session, desk.now) == []
    account.script = lambda _: OK
    retry(desk)
    send(desk, account)
    assert set(states(desk)) == {OutboxState.SENT}
    assert len(account.taken) == len(desk.outbox())


def test_M_06_one_mail_refused_for_its_words_does_not_stop_the_account(desk: DeskAtWork) -> None:
    desk.receive(*(write(f"k{number}@acme.test") for number in range(8)))
    account = Account(lambda to: Rejected(554, "5.7.1", "looks like spam") if to.recipient[1] in "246" else OK)
    send(desk, account)
    assert states(desk).count(OutboxState.HELD) == 3
    assert set(states(desk)) == {OutboxState.HELD, OutboxState.SENT}


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Rejected(550, "5.7.60", "no permission to send as this sender"), id="by policy, at any step"),
        pytest.param(Rejected(550, "", "sender rejected", at_sender=True), id="at MAIL, without a word of why"),
        pytest.param(Rejected(501, "5.1.7", "bad sender address", at_sender=True), id="at MAIL, as a bad address"),
    ],
)
def test_M_09_a_refused_null_sender_is_replaced_at_once_and_remembered(desk: DeskAtWork, refusal: Rejected) -> None:
    def script(to: Envelope) -> DeliveryResult:
        return OK if to.sender else refusal

    account = Account(script)
    desk.receive(write(STRANGER))
    assert ack(desk).sender == ""
    send(desk, account)
    acks = [mail for mail in account.taken if mail.recipient == "zed@elsewhere.test"]
    assert [mail.sender for mail in acks] == ["pomocdynamics@desk.example.org"]
    assert set(states(desk)) == {OutboxState.SENT}
    desk.receive(write("Ada <ada@elsewhere.test>"))
    account.asked.clear()
    send(desk, account)
    assert all(mail.sender for mail in account.asked), "a new start remembers: the null sender is not even tried"


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Rejected(550, "", "no such user here"), id="of the recipient, without a code"),
        pytest.param(Rejected(550, "5.1.1", "no such user"), id="of the recipient, with one"),
    ],
)
def test_M_09_a_refused_recipient_says_nothing_about_the_null_sender(desk: DeskAtWork, refusal: Rejected) -> None:
    desk.receive(write(STRANGER))
    account = Account(lambda to: OK if to.sender else refusal)
    send(desk, account)
    assert ack(desk).state is OutboxState.FAILED
    with desk.database.read() as session:
        assert accounts.states(session) == {}


def test_M_09_a_mail_too_large_for_any_sender_fails_and_blames_none(desk: DeskAtWork) -> None:
    desk.receive(write(STRANGER))
    send(desk, Account(lambda to: Rejected(552, "5.3.4", "message size exceeds limit", at_sender=True)))
    assert ack(desk).state is OutboxState.FAILED
    with desk.database.read() as session:
        assert accounts.states(session) == {}


def test_a_sender_of_ours_that_is_refused_holds_the_mail_and_mutes_nobody(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    send(desk, Account(lambda to: Rejected(550, "5.1.1", "no such sender", at_sender=True)))
    assert set(states(desk)) == {OutboxState.HELD}
    with desk.database.read() as session:
        assert gate.muted(session, desk.now) == []


@pytest.mark.parametrize("reply", ["Ok 0102018f-aa11bb22-000001", "2.0.0 OK <0102018f-aa11bb22-000001@relay.test> [x]"])
def test_M_12_an_answer_to_the_id_that_a_relay_put_in_place_of_ours_joins_the_ticket(
    desk: DeskAtWork, reply: str
) -> None:
    desk.receive(write(JAN))
    send(desk, Account(lambda _: Accepted(250, reply) if "jan@" in _.recipient else OK))
    untagged = f"Re: {desk.ticket().subject}"
    phone = write(JAN, subject=untagged, fields={"In-Reply-To": "<0102018f-aa11bb22-000001@relay.test>"})
    [outcome] = desk.receive(phone)
    assert outcome.ticket == desk.ticket().number and outcome.reason == "reply"


def test_M_12_without_that_id_the_tag_and_the_participant_are_enough(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    tagged = f"Odp: {desk.letter('new')['Subject']}"
    [outcome] = desk.receive(write(JAN, subject=tagged))
    assert outcome.ticket == desk.ticket().number


def test_a_bounce_mutes_its_recipient_by_its_code_and_a_forged_one_nobody(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    send(desk, Account())
    desk.receive(bounce(desk.letter("new"), recipient="ewa@acme.test"))
    with desk.database.read() as session:
        assert gate.muted(session, desk.now) == [], "it speaks of somebody to whom that mail did not go"
    desk.receive(bounce(desk.letter("new"), recipient="jan@acme.test"))
    with desk.database.read() as session:
        assert [row.addr for row in gate.muted(session, desk.now)] == ["jan@acme.test"]
    assert ack(desk).state is OutboxState.FAILED
    assert desk.outbox(notification="notice_undelivered"), "the consultants are told at once"
