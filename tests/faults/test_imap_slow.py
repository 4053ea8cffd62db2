"""I-10: servers that say nothing, or a byte now and then: a poll ends by its deadline, and nothing else is held up."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest

from helpdesk.errors import MailboxUnavailable
from helpdesk.store.unit_of_work import Database
from tests.faults.test_imap import lied_to, poll
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.liar import Liar
from tests.servers.process import wait_until
from tests.servers.proxy import Drip, FaultProxy, Rule
from tests.servers.sink import Sink
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import write


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
            mailbox.arm()
            deadline = threading.Timer(0.02, mailbox.abort)  # what the daemon does after ten minutes
            deadline.start()
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            deadline.join()
            assert failure.value.reason == "timeout"
        gc.collect()
        assert threading.active_count() == threads
        assert _sockets_to(liar.port) - mine <= 1


def test_I_10_a_deadline_that_passes_before_the_connection_is_there_ends_the_poll(sqlite_database: Database) -> None:
    desk = DeskAtWork(sqlite_database)
    with Liar({}) as liar:
        liar.drip = 0.002
        mailbox = lied_to(liar)
        mailbox.arm()
        mailbox.abort()
        for _ in range(2):  # whatever else that poll would open
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            assert failure.value.reason == "timeout"


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
