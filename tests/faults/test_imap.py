"""I: faults on the way in. A real Dovecot behind a proxy; a server that lies where Dovecot doesn't."""

from __future__ import annotations

import gc
import os
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from helpdesk.adapters.imap import ImapAccount, ImapMailbox
from helpdesk.desk.terms import Disposition
from helpdesk.errors import MailboxUnavailable
from helpdesk.services.intake import Collected, IntakePolicy, collect
from helpdesk.store.tables import JournalRow
from helpdesk.store.unit_of_work import Database
from tests.adapters.imap_support import account, mail, opened, proxied
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.liar import Liar
from tests.servers.process import wait_until
from tests.servers.proxy import Cut, Drip, FaultProxy, Replace, Rule
from tests.servers.sink import Sink
from tests.servers.tls import Authority
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import write


def poll(desk: DeskAtWork, mailbox: ImapMailbox) -> Collected:
    return collect(mailbox, desk.database, IntakePolicy(), desk.clock)


def subjects(desk: DeskAtWork) -> list[str]:
    return sorted(ticket.subject for ticket in desk.tickets)


def test_I_01_a_connection_cut_inside_a_literal_leaves_nothing_and_the_next_poll_takes_all(
    desk: DeskAtWork, dovecot: Dovecot
) -> None:
    user, other = dovecot.new_user(), dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1, size=300_000), mail(2)])
    dovecot.maildir(other).deliver_many([mail(3)])
    with proxied(dovecot, user, name="dynamics") as (mailbox, proxy), opened(dovecot, other, name="prophix") as second:
        rule = proxy.add(Rule("server", Cut(), pattern=rb"BODY\[\] \{\d+\}\r\n.{12000}"))
        with pytest.raises(MailboxUnavailable):
            poll(desk, mailbox)
        assert rule.fired == 1
        assert desk.rows(JournalRow) == [], "nothing partial"
        assert poll(desk, second).taken == 1, "other mailboxes are polled on time"
        proxy.heal()
        assert poll(desk, mailbox) == Collected(taken=2, filed=2)
        assert len(desk.rows(JournalRow)) == 3
        assert b" EXPUNGE" not in proxy.seen("client").replace(b"UID EXPUNGE", b"")


def test_I_03_uidvalidity_change_opens_nothing_twice_and_is_told_once(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(number) for number in range(30)])
    with opened(dovecot, user, name="dynamics", after_intake="keep") as mailbox:
        poll(desk, mailbox)
    desk.process()
    acks = len(desk.outbox(notification="new"))
    dovecot.maildir(user).deliver_many([mail(40), mail(41)])
    dovecot.reset_uidvalidity(user)
    with opened(dovecot, user, name="dynamics", after_intake="keep") as mailbox, capture_logs() as logged:
        assert poll(desk, mailbox).taken == 32
        poll(desk, mailbox)
    assert [line["event"] for line in logged].count("mailbox.renumbered") == 1
    found = Counter(outcome.disposition for outcome in desk.process())
    assert found == {Disposition.DUPLICATE: 30, Disposition.OPENED: 2}
    assert len(desk.tickets) == 32
    assert len(desk.outbox(notification="new")) - acks <= 2, "known mail is not answered again"


def test_I_04_nothing_is_moved_under_a_numbering_that_has_just_changed(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    with opened(dovecot, user, name="dynamics") as mailbox:
        with pytest.raises(MailboxUnavailable):
            collect(mailbox, desk.database, IntakePolicy(), desk.clock, lambda: dovecot.reset_uidvalidity(user))
        assert len(dovecot.maildir(user).mails()) == 2
        assert poll(desk, mailbox).filed == 2
    assert dovecot.maildir(user).mails() == []
    found = Counter(outcome.disposition for outcome in desk.process())
    assert found == {Disposition.OPENED: 2, Disposition.DUPLICATE: 2}
    assert len(desk.tickets) == 2


def test_I_06_a_missing_folder_is_made_and_a_full_one_stops_no_intake(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1)])
    with opened(dovecot, user, name="dynamics") as mailbox:
        assert poll(desk, mailbox).filed == 1
        mailbox.close()
        dovecot.maildir(user).remove_folder("Helpdesk/Taken")
        dovecot.maildir(user).deliver_many([mail(2)])
        assert poll(desk, mailbox).filed == 1, "the folder was made anew"
    with proxied(dovecot, user, name="dynamics") as (mailbox, proxy):
        proxy.add(Rule("client", Replace(b"UID MOVEX"), pattern=rb"UID MOVE", times=10**6))
        proxy.add(Rule("server", Replace(b"NO [OVERQUOTA] full"), pattern=rb"BAD [^\r]*", times=10**6))
        dovecot.maildir(user).deliver_many([mail(3)])
        troubles = {poll(desk, mailbox).trouble for _ in range(30)}
        assert len(troubles) == 1 and "OVERQUOTA" in troubles.pop(), "one trouble, which is news once"
        dovecot.maildir(user).deliver_many([mail(4)])
        assert poll(desk, mailbox).taken == 1, "intake goes on"
        proxy.heal()
        assert poll(desk, mailbox).filed == 2
    assert len(desk.process()) == 4 == len(desk.tickets)


def test_I_07_flags_are_peoples_and_decide_nothing(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    phone = dovecot.client(user)
    phone.store("1:*", "+FLAGS", "(\\Seen)")
    phone.logout()
    with opened(dovecot, user, name="dynamics", after_intake="keep") as mailbox:
        assert poll(desk, mailbox).taken == 2
        dovecot.maildir(user).deliver_many([mail(3)])
        assert poll(desk, mailbox).taken == 1
    assert sorted("S" in stored.flags for stored in dovecot.maildir(user).mails()) == [False, True, True]
    assert len(desk.process()) == len(desk.tickets) == 3


def lied_to(liar: Liar, connect_timeout: float = 15.0) -> ImapMailbox:
    """Return a mailbox at the server that lies."""
    return ImapMailbox(
        ImapAccount(
            "dynamics",
            "127.0.0.1",
            liar.port,
            "plain",
            "jan",
            "x",
            after_intake="keep",
            connect_timeout=connect_timeout,
            command_timeout=2.0,
        )
    )


def test_I_09_noise_is_passed_over_and_a_mail_that_vanishes_meanwhile_is_gone(desk: DeskAtWork) -> None:
    with Liar({uid: write(subject=f"Mail {uid}") for uid in (3, 5, 9)}) as liar:
        liar.noise = b"* 7 FETCH (UID 99 FLAGS (\\Seen))\r\n* 2 EXISTS\r\n* OK [ALERT] hello\r\n"
        liar.vanish = {5}
        mailbox = lied_to(liar)
        assert poll(desk, mailbox).taken == 2
        mailbox.close()
    desk.process()
    assert subjects(desk) == ["Mail 3", "Mail 9"]


def test_I_09_a_body_that_is_nil_three_times_becomes_a_ticket_of_its_envelope(desk: DeskAtWork) -> None:
    with Liar({3: write(subject="Mail 3"), 5: write(subject="unseen")}) as liar, capture_logs() as logged:
        liar.bodiless = {5}
        mailbox = lied_to(liar)
        assert [poll(desk, mailbox).taken for _ in range(4)] == [1, 0, 1, 0]
        mailbox.close()
    assert [line["event"] for line in logged].count("mail.without_body") == 1
    desk.process()
    assert subjects(desk) == ["Bez tresci", "Mail 3"]
    assert {ticket.requester_addr for ticket in desk.tickets} == {"jan@acme.test"}


def test_I_10_a_hundred_polls_of_a_server_that_says_nothing_leak_no_thread_and_no_socket(desk: DeskAtWork) -> None:
    with Liar({}) as liar:
        liar.silent = True
        mailbox = lied_to(liar, connect_timeout=0.02)
        gc.collect()
        threads, mine = threading.active_count(), _sockets_to(liar.port)
        for _ in range(100):
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            assert failure.value.reason == "timeout"
        gc.collect()
        assert threading.active_count() == threads
        assert _sockets_to(liar.port) - mine <= 1


def test_I_10_a_hundred_polls_of_a_server_that_drips_end_by_their_deadline_and_leak_nothing(
    sqlite_database: Database,
) -> None:
    desk = DeskAtWork(sqlite_database)
    with Liar({}) as liar:
        liar.drip = 0.002
        mailbox = lied_to(liar)
        gc.collect()
        threads, mine = threading.active_count(), _sockets_to(liar.port)
        for _ in range(100):
            deadline = threading.Timer(0.02, mailbox.abort)  # what the daemon does after ten minutes
            deadline.start()
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            deadline.join()
            assert failure.value.reason == "timeout"
        gc.collect()
        assert threading.active_count() == threads
        assert _sockets_to(liar.port) - mine <= 1


def test_I_10_a_byte_now_and_then_holds_up_its_own_mailbox_until_the_deadline_and_no_other(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, sqlite_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, sqlite_ready)
    office.deliver("DYNAMICS", [write("Jan <jan@acme.test>")])
    with FaultProxy(dovecot.port) as proxy:
        drip = proxy.add(Rule("server", Drip(0.3), pattern=rb"BODY\[\] \{\d+\}\r\n"))
        office.through(proxy.port)
        daemon = office.start("tests.faults.scaled", HELPDESK_POLL_DEADLINE="6")
        wait_until(lambda: drip.fired == 1, "the body to drip", 60)
        office.deliver("TARGIT", [write("Ewa <ewa@acme.test>", to="pomoctargit@desk.example.org")])
        wait_until(lambda: bool(sink.to("ewa@acme.test")), "the other mailbox's mail to be answered", 60)
        assert "timeout" not in (log := tmp_path / "daemon.log").read_text(), "while the first poll still drips"
        office.wait_for("mailbox.unavailable")
        wait_until(lambda: bool(sink.to("jan@acme.test")), "the next poll to take it", 60)
        office.wait_for("mailbox.recovered")
        assert office.end(daemon) == 0
    assert log.read_text().count('"event": "mailbox.unavailable"') == 1, "said once"


def _sockets_to(port: int) -> int:
    """Return how many sockets of this process are connected to a port of this machine."""
    inodes = set()
    for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[2].endswith(f":{port:04X}"):
            inodes.add(f"socket:[{fields[9]}]")
    return sum(_link(f"/proc/self/fd/{number}") in inodes for number in os.listdir("/proc/self/fd"))  # noqa: PTH208


def _link(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115
    except OSError:
        return ""


@pytest.mark.parametrize("lie", ["another name", "expired", "nobody we trust"])
def test_I_12_no_word_is_said_to_a_server_whose_certificate_is_wrong(
    desk: DeskAtWork, dovecot: Dovecot, authority: Authority, tmp_path: Path, lie: str
) -> None:
    name = "mail.example.org" if lie == "another name" else "localhost"
    signer = Authority.create(tmp_path) if lie == "nobody we trust" else authority
    yesterday = datetime.now(UTC) - timedelta(days=1) if lie == "expired" else None
    with Liar({3: write()}, signer.server_context(name, not_after=yesterday)) as liar:
        mailbox = ImapMailbox(account(dovecot, "jan", port=liar.port))
        for _ in range(2):
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            assert failure.value.reason == "tls", "and not that the login was refused"
        assert liar.seen == [], "what the server reads once the encryption is taken off"
    with Liar({3: write()}, authority.server_context()) as liar:
        mailbox = ImapMailbox(account(dovecot, "jan", port=liar.port, after_intake="keep"))
        assert poll(desk, mailbox).taken == 1 and liar.seen, "a right one is spoken to"
        mailbox.close()


STRIPPED = {
    "the offer is hidden": Rule("server", Replace(b""), pattern=rb" STARTTLS", times=99),
    "the command is spoilt": Rule("client", Replace(b" STARTTLX"), pattern=rb" STARTTLS", times=99),
    "it answers yes and goes on in the open": Rule("client", Replace(b" NOOP"), pattern=rb" STARTTLS", times=99),
}


@pytest.mark.parametrize("lie", STRIPPED)
def test_I_12_no_byte_of_a_login_leaves_where_starttls_is_stripped(
    desk: DeskAtWork, dovecot: Dovecot, lie: str
) -> None:
    with FaultProxy(dovecot.port) as proxy:
        proxy.add(replace(STRIPPED[lie]))
        changes = {"host": "127.0.0.1", "port": proxy.port, "security": "starttls", "connect_timeout": 1.0}
        mailbox = ImapMailbox(account(dovecot, "jan", **changes, command_timeout=1.0))
        for _ in range(2):
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            assert failure.value.reason in ("tls", "timeout" if "goes on" in lie else "")
        sent = proxy.seen("client").upper()
        assert b"LOGIN" not in sent and b"AUTHENTICATE" not in sent, "and no fallback"
