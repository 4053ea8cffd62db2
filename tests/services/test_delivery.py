"""Delivery: what each answer of a server does to a mail, and that none is lost or sent twice without need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from helpdesk.desk.terms import OutboxState
from helpdesk.errors import LoginRefused, TransportUnavailable
from helpdesk.services import actions
from helpdesk.services.ports import (
    Ambiguous,
    Deferred,
    Envelope,
    Rejected,
)
from helpdesk.services.schedule import AccountPause, next_try
from helpdesk.store import sending
from helpdesk.store.tables import SendAttemptRow
from tests.services.desk_at_work import TUESDAY, DeskAtWork, text_of
from tests.services.mails import EWA, JAN, write
from tests.services.smtp_account import OK, Account, Answer, ack, delivery, send

GONE = Rejected(550, "5.1.1", "no such user")
BUSY = Deferred(451, "4.3.2", "try later")
DOUBT = Ambiguous("connection lost after the final dot")
MINUTE = timedelta(minutes=1)


class Server(Account):
    """An SMTP account that answers as told: by the recipient's name, else with OK."""

    def __init__(self, **answers: Answer) -> None:
        super().__init__(self._answer)
        self.answers = dict(answers)
        self.on_send: Callable[[], None] = lambda: None

    def _answer(self, envelope: Envelope) -> Answer:
        self.on_send()
        return self.answers.get(envelope.recipient.partition("@")[0], OK)


def asked(desk: DeskAtWork) -> DeskAtWork:
    """Let Jan's question be waiting for its acknowledgement, and two notices."""
    desk.receive(write(JAN))
    return desk


def test_an_accepted_mail_is_sent_once_with_exactly_its_bytes(desk: DeskAtWork) -> None:
    server, row = Server(), ack(asked(desk))

    assert send(desk, server) == 3
    assert send(desk, server) == 0
    [taken] = [one for one in server.taken if one.recipient == "jan@acme.test"]
    assert (taken.sender, taken.content) == (row.sender, row.content)
    sent = ack(desk)
    assert (sent.state, sent.code, sent.reply, sent.sent_at, sent.attempts) == (
        OutboxState.SENT,
        250,
        "2.0.0 queued",
        TUESDAY,
        1,
    )


def test_a_refused_mail_fails_and_is_told_on_the_ticket_once(desk: DeskAtWork) -> None:
    server = Server(jan=GONE)
    before = len(asked(desk).outbox())
    send(desk, server)

    assert ack(desk).state is OutboxState.FAILED
    assert "550" in ack(desk).reason
    assert desk.history(1001).count("undelivered") == 1
    assert desk.told(before) == []  # the notices about it have been sent in the same round
    told = [one.recipient for one in server.taken[2:]]
    assert sorted(told) == ["anna@desk.example.org", "piotr@desk.example.org"]
    assert "jan@acme.test" in text_of(desk.letter("notice_undelivered"))
    send(desk, server)
    assert desk.history(1001).count("undelivered") == 1


def test_a_refused_notice_of_failure_starts_no_other(desk: DeskAtWork) -> None:
    asked(desk)
    send(desk, Server(jan=GONE, anna=GONE, piotr=GONE))
    send(desk, Server(jan=GONE, anna=GONE, piotr=GONE))

    kinds = [row.notification.value for row in desk.outbox()]
    assert kinds.count("notice_undelivered") <= 2 * 3
    assert not desk.outbox(state=OutboxState.QUEUED)


def test_a_mail_put_off_is_tried_again_later_and_later(desk: DeskAtWork) -> None:
    server = Server(jan=BUSY)
    asked(desk)
    waits = []
    for _ in range(4):
        send(desk, server)
        row = ack(desk)
        assert row.state is OutboxState.DEFERRED
        assert row.next_attempt_at is not None
        waits.append(row.next_attempt_at - desk.now)
        desk.now = row.next_attempt_at

    for wait, minutes in zip(waits, (1, 5, 15, 30), strict=True):
        assert 0.8 * minutes * MINUTE <= wait <= 1.2 * minutes * MINUTE
    assert (ack(desk).attempts, len(desk.rows(SendAttemptRow, outbox=ack(desk).id))) == (4, 4)
    assert send(desk, Server()) == 1
    assert ack(desk).state is OutboxState.SENT


def test_a_mail_that_is_put_off_is_not_tried_before_its_time(desk: DeskAtWork) -> None:
    asked(desk)
    send(desk, Server(jan=BUSY))
    desk.now += 0.7 * MINUTE

    assert send(desk, Server()) == 0


def test_after_two_days_a_mail_that_nobody_takes_is_given_up_and_told(desk: DeskAtWork) -> None:
    asked(desk)
    send(desk, Server(jan=BUSY))
    desk.wait(hours=47)
    send(desk, Server(jan=BUSY))

    assert ack(desk).state in (OutboxState.DEFERRED, OutboxState.FAILED)
    desk.wait(hours=5)
    send(desk, Server(jan=BUSY))
    assert ack(desk).state is OutboxState.FAILED
    assert "given up" in ack(desk).reason
    assert "undelivered" in desk.history(1001)


@pytest.mark.parametrize("attempt", range(1, 12))
def test_a_greylisting_server_is_not_asked_again_before_five_minutes(attempt: int) -> None:
    for _ in range(50):
        again = next_try(attempt, TUESDAY, TUESDAY, greylisted=True)
        assert again is not None
        assert again - TUESDAY >= 5 * MINUTE


def test_a_mail_in_doubt_is_sent_once_more_with_the_same_bytes_and_then_left_to_a_person(desk: DeskAtWork) -> None:
    server = Server(jan=DOUBT)
    asked(desk)
    send(desk, server)
    first = ack(desk)
    assert (first.state, first.ambiguous, first.next_attempt_at) == (OutboxState.UNKNOWN, 1, TUESDAY + 15 * MINUTE)
    desk.wait(minutes=14)
    assert send(desk, server) == 0
    desk.wait(minutes=1)
    send(desk, server)

    again = ack(desk)
    assert (again.state, again.ambiguous, again.next_attempt_at) == (OutboxState.UNKNOWN, 2, None)
    copies = [one.content for one in server.taken if one.recipient == "jan@acme.test"]
    assert copies == [first.content] * 2
    desk.wait(days=30)
    assert send(desk, server) == 0


def test_a_mail_in_doubt_that_is_then_taken_is_sent(desk: DeskAtWork) -> None:
    asked(desk)
    send(desk, Server(jan=DOUBT))
    desk.wait(minutes=15)

    assert send(desk, Server()) == 1
    assert ack(desk).state is OutboxState.SENT


TROUBLES: dict[str, tuple[Exception, timedelta]] = {
    "a server that can't be reached rests half a minute": (
        TransportUnavailable("default", "connect", "refused"),
        timedelta(seconds=30),
    ),
    "a refused login rests ten minutes": (LoginRefused("default", "535"), timedelta(minutes=10)),
}


@pytest.mark.parametrize(("error", "pause"), TROUBLES.values(), ids=TROUBLES)
def test_an_accounts_trouble_charges_no_mail(desk: DeskAtWork, error: Exception, pause: timedelta) -> None:
    server, asked_desk = Server(jan=error, anna=error, piotr=error), asked(desk)
    at_work = delivery(asked_desk, server)
    asyncio.run(at_work.deliver_due())

    assert {(row.state, row.attempts, row.claimed_by) for row in desk.outbox()} == {(OutboxState.QUEUED, 0, None)}
    assert at_work.troubles == [error]
    server.answers = {}
    desk.now += pause - timedelta(seconds=1)
    assert asyncio.run(at_work.deliver_due()) == 0
    desk.now += timedelta(seconds=1)
    assert asyncio.run(at_work.deliver_due()) == 3
    assert at_work.troubles == []


def test_a_session_that_ends_half_way_keeps_what_was_accepted(desk: DeskAtWork) -> None:
    asked(desk)
    first = desk.outbox()[0].recipient.partition("@")[0]
    others = {"jan", "anna", "piotr"} - {first}
    send(desk, Server(**{who: TransportUnavailable("default", "lost", "gone") for who in others}))

    assert [row.state for row in desk.outbox()] == [OutboxState.SENT, OutboxState.QUEUED, OutboxState.QUEUED]


def test_an_account_rests_longer_each_time_until_it_goes_well() -> None:
    pause, trouble, rests = AccountPause(), TransportUnavailable("default", "connect", "refused"), []
    news = []
    for _ in range(8):
        news.append(pause.begin(TUESDAY, trouble))
        assert pause.until is not None
        rests.append((pause.until - TUESDAY).total_seconds())

    assert rests == [30, 60, 120, 300, 600, 900, 900, 900]
    assert news == [True] + [False] * 7  # said once
    pause.well()
    assert pause.over(TUESDAY)


def test_a_later_mail_does_not_overtake_one_that_was_put_off(desk: DeskAtWork) -> None:
    asked(desk)
    desk.act(actions.comment, 1001, "Proszę spróbować teraz.")
    server = Server(jan=BUSY)
    send(desk, server)
    server.answers = {}
    assert send(desk, server) == 0
    desk.wait(minutes=2)
    send(desk, server)

    kinds = [row.notification.value for row in desk.outbox(recipient="jan@acme.test", state=OutboxState.SENT)]
    assert kinds == ["new", "comment"]
    contents = [one.content for one in server.taken if one.recipient == "jan@acme.test"]
    assert contents == [ack(desk).content, desk.outbox(notification="comment")[0].content]


def test_who_lost_the_claim_meanwhile_records_nothing_and_sends_no_more(desk: DeskAtWork) -> None:
    server = Server()
    asked(desk)

    def steal() -> None:
        desk.now += timedelta(hours=1)
        with desk.database.begin() as session:
            sending.recover_dead(session, desk.now, desk.now + timedelta(minutes=15))  # another daemon
        server.on_send = lambda: None

    server.on_send = steal
    send(desk, server)

    assert [row.state for row in desk.outbox()] == [OutboxState.UNKNOWN, OutboxState.SENT, OutboxState.SENT]
    assert len(server.taken) == 3


def test_a_stop_ends_after_the_mail_at_hand_and_gives_the_rest_back(desk: DeskAtWork) -> None:
    server = Server()
    at_work = delivery(asked(desk), server)
    server.on_send = at_work.stopping.set
    asyncio.run(at_work.deliver_due())

    assert [row.state for row in desk.outbox()] == [OutboxState.SENT, OutboxState.QUEUED, OutboxState.QUEUED]
    assert len(server.taken) == 1


def test_the_content_of_a_mail_leaves_only_once_it_is_marked_and_the_answer_before_it_recorded(
    desk: DeskAtWork,
) -> None:
    server = Server()
    asked(desk)
    seen: list[list[tuple[OutboxState, bool]]] = []
    server.on_send = lambda: seen.append([(row.state, row.in_data) for row in desk.outbox()])
    send(desk, server)

    sent, leaving, waits = (OutboxState.SENT, False), (OutboxState.SENDING, True), (OutboxState.SENDING, False)
    assert seen == [[leaving, waits, waits], [sent, leaving, waits], [sent, sent, leaving]]


def test_no_transaction_is_open_while_a_mail_is_on_its_way(desk: DeskAtWork) -> None:
    server = Server()
    asked(desk)

    def meanwhile() -> None:
        server.on_send = lambda: None
        desk.receive(write(EWA))  # would wait in vain for the sender's lock

    server.on_send = meanwhile
    send(desk, server)

    assert len(desk.tickets) == 2


def test_mail_of_an_account_that_is_not_configured_waits(desk: DeskAtWork) -> None:
    desk.under(default_account="other")
    asked(desk)

    assert send(desk, Server()) == 0
    assert {row.state for row in desk.outbox()} == {OutboxState.QUEUED}
