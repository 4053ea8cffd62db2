"""One measured run: mailboxes filled, one program over them in a process of its own, what it took, what it did.

Called by `__main__`. Both programs get the same mails on the same Dovecot and write to the same SMTP sink; neither
is running while mails are generated or delivered.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.mails import MACHINES, Mail
from bench.sink import QuickSink
from tests.office import QUEUES, Office
from tests.servers.dovecot import PASSWORD, Dovecot

HERE = Path(__file__).parent


# A few people write thousands of mails in a minute here; all of them are to be answered.
WITHOUT_LIMITS = {
    f"HELPDESK_LIMITS__{name}": "1000000"
    for name in ("STRANGER_PER_HOUR", "STRANGER_PER_DAY", "DOMAIN_PER_HOUR", "STRANGERS_PER_HOUR", "CONTACT_PER_HOUR")
}


@dataclass(frozen=True)
class Run:
    """What one run took. `sent` counts the mails that reached the sink."""

    mails: int
    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak: int  # bytes, resident
    sent: int

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.mails / self.wall


class Grounds:
    """The servers that all runs share, and a folder for their files."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: QuickSink) -> None:
        self.folder, self.dovecot, self.sink = folder, dovecot, sink
        self._count = 0

    def floor(self, mails: Sequence[Mail]) -> Run:
        """Run the bare script over the mails."""
        users = {queue: self.dovecot.new_user() for queue in QUEUES}
        self._deliver(users, mails)
        settings = {
            "database": str(self._fresh() / "floor.db"),
            "ca_file": str(self.dovecot.ca_file),
            "imap_port": self.dovecot.tls_port,
            "smtp_port": self.sink.port,
            "users": list(users.values()),
            "password": PASSWORD,
        }
        run = self._measured([sys.executable, str(HERE / "floor.py"), json.dumps(settings)], len(mails))
        expected = sum(mail.kind not in (*MACHINES, "alarm") for mail in mails)
        if run.sent != expected:
            raise AssertionError(f"the floor sent {run.sent} acknowledgements, not {expected}")
        return run

    def desk(self, mails: Sequence[Mail], url: str = "", database: Path | None = None) -> Run:
        """Run `helpdesk run --once` over the mails, on a new database, a copy of `database`, or the one at `url`."""
        folder = self._fresh()
        if database is not None:
            shutil.copy(database, folder / "helpdesk.db")
        url = url or f"sqlite:///{folder / 'helpdesk.db'}"
        office = Office(folder, self.dovecot, self.sink, url)
        self._deliver(office.users, mails)
        command = [sys.executable, "-m", "helpdesk", "run", "--once", "--log-level", "warning"]
        run = self._measured(command, len(mails), {"HELPDESK_CONFIG": str(office.config)} | WITHOUT_LIMITS)
        _check(office, mails, run.sent)
        return run

    def _deliver(self, users: dict[str, str], mails: Sequence[Mail]) -> None:
        for queue, user in users.items():
            self.dovecot.maildir(user).deliver_many(mail.raw for mail in mails if mail.queue == queue)
            self.dovecot.client(user).logout()  # the server makes its index now, not on anybody's time

    def _measured(self, command: list[str], mails: int, environment: dict[str, str] | None = None) -> Run:
        self.sink.clear()
        done = subprocess.run(
            [sys.executable, "-IS", str(HERE / "stopwatch.py"), *command],
            env=os.environ | (environment or {}),
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[:4])} ended with {done.returncode}")
        took = json.loads(done.stdout)
        return Run(mails, took["wall"], took["cpu"], took["peak_kib"] * 1024, len(self.sink.copies))

    def _fresh(self) -> Path:
        self._count += 1
        folder = self.folder / f"run-{self._count}"
        folder.mkdir()
        return folder


def _check(office: Office, mails: Sequence[Mail], sent: int) -> None:
    """Fail unless every mail came to what it should: a figure for half the work would be worth nothing."""
    kinds = Counter(mail.kind for mail in mails)
    moved = sum(len(office.mails(queue, "Helpdesk/Taken")) for queue in QUEUES)
    if moved != len(mails):
        raise AssertionError(f"{moved} of {len(mails)} mails were moved to Helpdesk/Taken")
    expected = 2 * kinds["new"] + kinds["reply"] + kinds["alarm"]  # to the customer and the consultant; to the latter
    if sent != expected:
        raise AssertionError(f"the desk sent {sent} mails, not {expected}")
