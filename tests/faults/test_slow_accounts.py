"""M: a server that takes its time. Each account has a task of its own, so it holds up nobody else's mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.services.mails import write

pytestmark = pytest.mark.xdist_group("crashes")


def test_a_daemon_answers_through_one_account_while_another_waits_for_its_server(
    tmp_path: Path, dovecot: Dovecot, sink: Sink
) -> None:
    office = Office(tmp_path, dovecot, sink, f"sqlite:///{tmp_path}/helpdesk.db")
    with office.config.open("a") as config:
        config.write(f'[mailbox.targit.smtp]\nhost = "127.0.0.1"\nport = {sink.port}\nsecurity = "plain"\n')
    office.deliver("TARGIT", [write("Jan <wait-dot@acme.test>", to="pomoctargit@desk.example.org")])
    daemon = office.start()
    sink.wait_for(1, 20)
    assert sink.to("wait-dot@acme.test")
    office.deliver("DYNAMICS", [write("Ewa <ewa@acme.test>")])
    sink.wait_for(3, 60)  # and the first is not answered yet
    assert sink.to("ewa@acme.test")
    sink.answer()
    assert office.end(daemon) == 0
    assert {row["state"] for row in office.rows("outbox", "list")} <= {"sent", "queued"}
    assert len(sink.to("wait-dot@acme.test")) == 1
