"""The worst that an editor can leave behind, under a daemon that runs: it says so, and works on."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.whole.customers import Customers, is_acknowledgement

pytestmark = pytest.mark.xdist_group("whole")

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
WORST = [
    pytest.param(BOMB.encode(), id="a bomb of aliases"),
    pytest.param(b"a: &a [*a]\n", id="a circle"),
    pytest.param(b"queues:\n\tDYNAMICS: {}\n", id="tabs"),
    pytest.param(b"!!python/object/apply:os.system ['true']\n", id="a tag that runs programs"),
    pytest.param(b"[" * 200_000, id="very deep"),
    pytest.param(b"\xff\xfe\x00\x00" * 1000, id="no text"),
    pytest.param(b"", id="empty"),
]


def test_no_broken_file_ends_a_running_daemon_by_watch_or_by_signal(
    tmp_path: Path, dovecot: Dovecot, sink: Sink
) -> None:
    office = Office(tmp_path, dovecot, sink, f"sqlite:///{tmp_path / 'helpdesk.db'}")
    good, daemon = office.rules.read_text(), office.start()
    try:
        office.wait_for("daemon.started")
        office.wait_for("rules.unchanged")  # the first look
        for number, row in enumerate(WORST, start=1):
            (content,) = row.values
            assert isinstance(content, bytes)
            office.rules.write_bytes(content)
            if number % 2:
                daemon.send_signal(signal.SIGHUP)
            office.wait_for("rules.refused", number)
            assert daemon.poll() is None
        assert office.rows("status")[0]["rules"], "status names what is wrong"
        customers = Customers(seed=5)
        office.deliver(*_one(customers.new_question()))
        sink.wait_for(len(WORST) + 2, seconds=30)  # a mail to the admin for each file, an acknowledgement, a notice
        office.rules.write_text(good + "\n# corrected\n")
        office.wait_for("rules.accepted")
    finally:
        assert office.end(daemon) == 0
    assert len(sink.to("admin@desk.example.org")) == len(WORST)
    assert sum(is_acknowledgement(copy.content) for copy in sink.copies) == 1


def _one(mail: tuple[str, bytes]) -> tuple[str, list[bytes]]:
    return mail[0], [mail[1]]
