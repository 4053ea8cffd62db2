"""M: faults on the way out. A scripted account stands for the server where its timing must be exact."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlmodel import col

from helpdesk.adapters.smtp import SmtpAccount, SmtpTransport
from helpdesk.desk.terms import OutboxState
from helpdesk.errors import TransportUnavailable
from helpdesk.services.bookkeeping import LEASE
from helpdesk.services.delivery import Delivery
from helpdesk.services.ports import (
    Ambiguous,
    Deferred,
    DeliveryResult,
    Envelope,
)
from helpdesk.store import sending
from helpdesk.store.tables import OutboxRow
from helpdesk.store.unit_of_work import Database
from tests.servers.sink import Sink
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import JAN, answer, write
from tests.services.smtp_account import OK, Account, ack, delivery, send


def states(desk: DeskAtWork) -> list[OutboxState]:
    return [row.state for row in desk.outbox()]


def to_smtp(sink: Sink, **changes: float) -> SmtpTransport:
    return SmtpTransport(SmtpAccount("default", "127.0.0.1", sink.port, "plain", **changes))  # type: ignore[arg-type]


def test_M_01_a_connection_cut_after_the_dot_is_tried_once_more_after_fifteen_minutes_with_the_same_bytes(
    desk: DeskAtWork, sink: Sink
) -> None:
    desk.receive(write("Jan <cut-dot@acme.test>"))

    async def round_() -> None:
        transport = to_smtp(sink)
        await delivery(desk, transport).deliver_due()
        await transport.close()

    asyncio.run(round_())
    assert ack(desk).state is OutboxState.UNKNOWN
    desk.wait(minutes=14)
    asyncio.run(round_())
    assert len(sink.to("cut-dot@acme.test")) == 1, "nothing for fifteen minutes"
    desk.wait(minutes=1)
    asyncio.run(round_())
    desk.wait(days=3)
    asyncio.run(round_())
    copies = sink.to("cut-dot@acme.test")
    assert len(copies) == 2 and copies[0].digest == copies[1].digest
    assert ack(desk).state is OutboxState.UNKNOWN and ack(desk).next_attempt_at is None
    assert desk.history(desk.ticket().number).count("in_doubt") == 2, "the ticket shows both tries"


def test_M_01_an_answer_to_the_mail_in_doubt_proves_that_it_arrived(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    account = Account(lambda to: Ambiguous("cut") if "jan@" in to.recipient else OK)
    send(desk, account)
    desk.receive(answer(desk.letter("new")))
    assert ack(desk).state is OutboxState.SENT
    desk.wait(hours=1)
    send(desk, account)
    assert sum("jan@" in mail.recipient for mail in account.taken) == 1


def test_M_03_an_answer_that_takes_longer_than_any_command_may_is_waited_for(
    sqlite_database: Database, sink: Sink
) -> None:
    """Nine minutes, two hundred times as fast: 2.7 s, where a command may take 0.3 s and the content 3 s."""
    desk, usual = DeskAtWork(sqlite_database), SmtpAccount("default", "mail.example.org", 587, "starttls")
    desk.receive(write("Jan <slow2.7@acme.test>"))

    async def run() -> None:
        scaled = {"command_timeout": usual.command_timeout / 200, "data_timeout": usual.data_timeout / 200}
        assert scaled == {"command_timeout": 0.3, "data_timeout": 3.0}
        transport = to_smtp(sink, **scaled)
        await delivery(desk, transport).deliver_due()
        await transport.close()

    asyncio.run(run())
    assert ack(desk).state is OutboxState.SENT
    assert len(sink.to("slow2.7@acme.test")) == 1
    assert usual.data_timeout < LEASE.total_seconds(), "nobody takes the mail over meanwhile"


def test_M_03_while_one_account_waits_for_its_answer_the_others_send(desk: DeskAtWork, sink: Sink) -> None:
    desk.receive(write("Jan <slow1.5@acme.test>"))
    with desk.database.begin() as session:
        session.execute(sa.update(OutboxRow).values(account="slow").where(col(OutboxRow.recipient).like("slow%")))
    desk.receive(write("Ewa <ewa@acme.test>"))

    async def run() -> None:
        transports = {"slow": to_smtp(sink), "default": to_smtp(sink)}
        sender = Delivery(desk.database, transports, "sender", desk.clock, lambda: desk.desk)
        tasks = {account: asyncio.create_task(sender.deliver(account)) for account in await sender.due_accounts()}
        await tasks["default"]
        assert sink.to("ewa@acme.test") and not tasks["slow"].done()
        desk.receive(write("Piotr <piotr@acme.test>"))
        desk.wait(minutes=19)
        assert await sender.due_accounts() == ["default"], "an account at work is left to it"
        assert await sender.deliver("slow") == 0
        assert await sender.deliver("default") > 0
        assert await tasks["slow"] == 1
        await sender.close()

    asyncio.run(run())
    assert {row.state for row in desk.outbox()} == {OutboxState.SENT}
    assert len(sink.to("slow1.5@acme.test")) == 1


def test_the_lease_of_a_mail_counts_from_when_it_may_leave_not_from_when_its_session_began(desk: DeskAtWork) -> None:
    for name in ("jan", "ewa"):
        desk.receive(write(f"{name} <{name}@acme.test>"))

    def slow(_: Envelope) -> DeliveryResult:
        desk.wait(minutes=9)
        with desk.database.begin() as session:  # what another daemon does at each of its rounds
            sending.recover_dead(session, desk.now, desk.now)
        return OK

    account = Account(slow)
    send(desk, account)
    assert set(states(desk)) == {OutboxState.SENT}
    assert len(account.taken) == len(states(desk)), "none twice"


def test_M_04_a_mail_refused_four_times_for_now_follows_the_schedule_and_tells_nobody_before_four_hours(
    desk: DeskAtWork,
) -> None:
    tries: list[timedelta] = []
    start = desk.now

    def script(to: Envelope) -> DeliveryResult:
        if "jan@" not in to.recipient:
            return OK
        tries.append(desk.now - start)
        return Deferred(451, "4.3.2", "not yet") if len(tries) <= 4 else OK

    desk.receive(write(JAN))
    account = Account(script)
    for _ in range(100):
        send(desk, account)
        desk.wait(minutes=1)
    assert ack(desk).state is OutboxState.SENT
    gaps = [(later - earlier).total_seconds() / 60 for earlier, later in pairwise(tries)]
    assert [round(gap) for gap in gaps] == [pytest.approx(minutes, abs=0.2 * minutes + 1) for minutes in (1, 5, 15, 30)]
    assert sum("jan@" in mail.recipient for mail in account.taken) == 1
    assert not desk.outbox(notification="notice_undelivered")


def test_M_04_after_four_hours_the_consultants_hear_of_it_once(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    account = Account(lambda to: Deferred(451, "4.3.2", "not yet") if "jan@" in to.recipient else OK)
    for _ in range(10):
        send(desk, account)
        desk.wait(hours=1)
    notices = desk.outbox(notification="notice_undelivered")
    assert len({row.recipient for row in notices}) == len(notices) > 0
    assert desk.history(desk.ticket().number).count("delayed") == 1


def test_M_07_a_server_that_takes_ten_mails_a_session_gets_all_and_nobody_is_charged(desk: DeskAtWork) -> None:
    desk.receive(*(write(f"k{number}@acme.test") for number in range(25)))
    assert len(desk.outbox()) >= 50
    taken = 0

    def script(_: Envelope) -> DeliveryResult | Exception:
        nonlocal taken
        if taken == 10:
            taken = 0
            return TransportUnavailable("default", "busy", "421 enough for one session")
        taken += 1
        return OK

    account = Account(script)
    sender = delivery(desk, account)
    asyncio.run(sender.deliver_due())
    assert states(desk).count(OutboxState.SENT) == 10
    assert {row.attempts for row in desk.outbox() if row.state is OutboxState.QUEUED} == {0}
    for _ in range(12):
        desk.wait(minutes=1)
        asyncio.run(sender.deliver_due())
    assert set(states(desk)) == {OutboxState.SENT}
    assert {row.attempts for row in desk.outbox()} == {1}
    digests = [mail.content for mail in account.taken]
    assert len(digests) == len(set(digests)) == len(desk.outbox()), "each once"


def test_M_07_a_mail_at_which_the_server_ends_every_session_lets_the_others_go_first(desk: DeskAtWork) -> None:
    desk.receive(write("Zła <killer@acme.test>"), write("Ewa <ewa@acme.test>"))
    busy = TransportUnavailable("default", "busy", "the server says 421 4.3.0 Not now", at_mail=True)
    account = Account(lambda to: busy if "killer@" in to.recipient else OK)
    send(desk, account)
    assert set(states(desk)) == {OutboxState.QUEUED}, "once may be chance: the order stands"
    desk.wait(minutes=1)
    send(desk, account)
    [killer] = [row for row in desk.outbox() if "killer@" in row.recipient]
    assert (killer.state, killer.attempts, killer.interruptions) == (OutboxState.DEFERRED, 0, 2)
    assert "421 4.3.0" in killer.reason and killer.next_attempt_at == desk.now + timedelta(minutes=5)
    send(desk, account)
    assert {row.state for row in desk.outbox() if row.id != killer.id} == {OutboxState.SENT}
    for hours in (1, 4, 4, 4):
        desk.wait(hours=hours)
        send(desk, account)
    assert desk.history(desk.tickets[0].number).count("delayed") == 1, "after four hours somebody hears of it, once"
    account.script = lambda _: OK
    desk.wait(hours=4)
    send(desk, account)
    send(desk, account)
    assert set(states(desk)) == {OutboxState.SENT} and {row.attempts for row in desk.outbox()} == {1}


def test_M_07_an_account_that_is_away_changes_the_order_of_no_mail(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    account = Account(lambda _: TransportUnavailable("default", "connect", "mail.example.org:587 refuses connections"))
    for _ in range(3):
        desk.wait(minutes=20)
        send(desk, account)
    assert {(row.state, row.interruptions) for row in desk.outbox()} == {(OutboxState.QUEUED, 0)}


def test_a_mail_caught_by_the_end_of_the_program_inside_data_is_in_doubt_and_the_rest_untouched(
    desk: DeskAtWork, sink: Sink
) -> None:
    desk.receive(write("Jan <hang-dot@acme.test>"), write("Ewa <ewa@acme.test>"))

    async def run() -> None:
        transport = to_smtp(sink)
        sender = delivery(desk, transport)
        task = asyncio.create_task(sender.deliver_due())
        await asyncio.to_thread(sink.wait_for, 1)
        sender.stopping.set()
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task], timeout=5)
        await sender.close()

    asyncio.run(run())
    found = {row.recipient: row.state for row in desk.outbox(notification="new")}
    assert found == {"hang-dot@acme.test": OutboxState.UNKNOWN, "ewa@acme.test": OutboxState.QUEUED}
