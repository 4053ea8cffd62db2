"""`run --once` beside other daemons on PostgreSQL: a dead one is waited for, a living one is named."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from helpdesk.store import leases
from helpdesk.store.unit_of_work import Database
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.process import wait_until
from tests.servers.sink import Sink
from tests.services.mails import write

pytestmark = pytest.mark.xdist_group("crashes")


def test_a_lease_that_a_dead_daemon_left_is_waited_for_and_the_mail_taken_in(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, postgres_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, postgres_ready)
    office.deliver("DYNAMICS", [write()])
    log = tmp_path / "once.log"
    with closing(Database(postgres_ready)) as database:
        with database.begin() as session:
            leases.take(session, "dynamics", "dead:1")
        with log.open("wb") as stderr:
            environment = os.environ | {"HELPDESK_CONFIG": str(office.config)}
            once = subprocess.Popen([sys.executable, "-m", "helpdesk", "run", "--once"], env=environment, stderr=stderr)
        wait_until(lambda: "mailbox.waited_for" in log.read_text(), "the lease to be waited for", 60)
        with database.begin() as session:
            leases.give_back(session, "dead:1")  # as if its time had run out
        assert once.wait(timeout=60) == 0
    assert "dead:1" in log.read_text()
    assert len(office.rows("tickets", "list")) == 1


def test_a_living_daemons_mailbox_is_left_to_it_and_said(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, postgres_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, postgres_ready)
    office.deliver("DYNAMICS", [write()])
    ended = threading.Event()
    with closing(Database(postgres_ready)) as database:

        def live() -> None:
            while not ended.wait(0.5):
                with database.begin() as session:
                    leases.take(session, "dynamics", "alive:2")

        with database.begin() as session:
            leases.take(session, "dynamics", "alive:2")
        daemon = threading.Thread(target=live)
        daemon.start()
        try:
            done = office.cli("run", "--once", check=False)
        finally:
            ended.set()
            daemon.join()
    assert done.returncode == 75
    assert "mailbox dynamics: another daemon polls it (alive:2), so nothing was taken in here" in done.stderr
    assert office.rows("tickets", "list") == []
