"""A whole desk for tests: its files in a temporary folder, real mailboxes on Dovecot, a real SMTP sink.

Commands run as their users run them, in a process of their own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.canary import heard_in, told
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.maildir import StoredMail
from tests.servers.preloaded import PRELOADED, Forked
from tests.servers.sink import Sink

QUEUES = {"DYNAMICS": "DYN", "PROPHIX": "PRO", "TARGIT": "TAR", "POWERBI": "PBI"}
CONSULTANT = "anna@desk.example.org"

RULES = """\
version: 1
timezone: Europe/Warsaw
desk: {{ name: Centrum Wsparcia, admin: [admin@desk.example.org], phone: "+48 22 000 00 00", footer: "Firma" }}
calendars:
  cwt: {{ hours: {{ mon-fri: "09:00-17:00" }}, holidays: PL, receipt: next_business_day }}
  always: {{ hours: always }}
plans:
  GOLD: {{ calendar: always, reaction: 4h, mail: all }}
queues:
{queues}
consultants:
  anna@desk.example.org: {{ name: Anna Nowak, language: pl }}
  piotr@desk.example.org: {{ name: Piotr Lis, language: en }}
organisations:
  ACME: {{ domains: [acme.test], plan: GOLD, contacts: [jan@acme.test] }}
{extra}"""


def address(queue: str) -> str:
    """Return the queue's mail address."""
    return f"pomoc{queue.lower()}@desk.example.org"


STARTED: list[subprocess.Popen[bytes] | Forked] = []  # ended after each test, whatever became of it


class Office:
    """A desk with one mailbox for each queue; see `start` for the daemon."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: Sink, database_url: str, extra_rules: str = "") -> None:
        self.folder, self.dovecot, self.sink = folder, dovecot, sink
        self.users = {queue: dovecot.new_user() for queue in QUEUES}
        self.config = folder / "helpdesk.toml"
        self.rules = folder / "routing_rules.yaml"
        self._environment = os.environ | {"HELPDESK_CONFIG": str(self.config), "HELPDESK_CONSULTANT": CONSULTANT}
        (folder / "imap.secret").write_text(PASSWORD + "\n")
        (folder / "imap.secret").chmod(0o600)
        self.config.write_text(self._settings(database_url))
        self.write_rules(extra_rules)

    def write_rules(self, extra: str = "") -> None:
        """Write the rules file, with lines of the test's own at its end."""
        queues = "\n".join(
            f"  {name}: {{ prefix: {prefix}, addresses: [{address(name)}], from_name: Pomoc {name}, calendar: cwt, "
            f"languages: [pl, en], consultants: [{CONSULTANT}] }}"
            for name, prefix in QUEUES.items()
        )
        self.rules.write_text(RULES.format(queues=queues, extra=extra))

    def through(self, port: int) -> None:
        """Let the mailboxes be reached by a plain port of this machine: a proxy's."""
        settings = self.config.read_text().replace(f'port = {self.dovecot.tls_port}\nsecurity = "tls"', "port = 0")
        self.config.write_text(settings.replace("port = 0", f'port = {port}\nsecurity = "plain"'))

    def deliver(self, queue: str, mails: Iterable[bytes], at: datetime | None = None) -> None:
        """Put mails into the queue's mailbox, as its server would."""
        self.dovecot.maildir(self.users[queue]).deliver_many(mails, at)

    def mails(self, queue: str, folder: str = "INBOX") -> list[StoredMail]:
        """Return what lies in a folder of the queue's mailbox."""
        return self.dovecot.maildir(self.users[queue]).mails(folder)

    def cli(self, *words: str, check: bool = True, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command of the helpdesk; `check` makes a bad end fail the test with what was said."""
        done = PRELOADED.run("helpdesk.cli:main", words, self._environment, seconds)
        if heard_in((done.stdout, done.stderr)):
            told(f"helpdesk {' '.join(words)}")
        if check and done.returncode:
            raise AssertionError(f"helpdesk {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
        return done

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Run a command with --json; return its rows."""
        return [json.loads(line) for line in self.cli(*words, "--json").stdout.splitlines()]

    def run_once(self, seconds: float = 120) -> None:
        """Take in, process and send all that waits."""
        self.cli("run", "--once", "--log-level", "warning", seconds=seconds)

    def start(self, program: str = "helpdesk", **environment: str) -> subprocess.Popen[bytes]:
        """Start the daemon, or a start script of a test's own that stands for it; `end` ends it."""
        command = [sys.executable, "-m", program, "run"]
        with (self.folder / "daemon.log").open("ab") as log:
            daemon = subprocess.Popen(command, env=self._environment | environment, stdout=log, stderr=log)
        STARTED.append(daemon)
        return daemon

    def fork(self) -> Forked:
        """Start the daemon without what Python spends on importing it, where it is to be killed many times."""
        log = self.folder / "daemon.log"
        log.touch()  # `wait_for` may look before the process has begun to write
        daemon = PRELOADED.start("helpdesk.cli:main", ["run"], self._environment, log, log)
        STARTED.append(daemon)
        return daemon

    def wait_for(self, event: str, count: int = 1, seconds: float = 60) -> None:
        """Wait until the daemons' log has so many lines of an event."""
        deadline = time.monotonic() + seconds
        while (self.folder / "daemon.log").read_text().count(f'"event": "{event}"') < count:
            assert time.monotonic() < deadline, f"no {event} within {seconds} s"
            time.sleep(0.02)

    @staticmethod
    def end(daemon: subprocess.Popen[bytes]) -> int:
        """End the daemon politely; return its exit code."""
        daemon.send_signal(signal.SIGTERM)
        return daemon.wait(timeout=60)

    def _settings(self, database_url: str) -> str:
        mailboxes = "\n".join(
            f"""
[mailbox.{name.lower()}]
host = "localhost"
port = {self.dovecot.tls_port}
security = "tls"
ca_file = "{self.dovecot.ca_file}"
username = "{user}"
password = {{ file = "imap.secret" }}
queue = "{name}"
poll = "1s"
"""
            for name, user in self.users.items()
        )
        return f"""\
instance = "desk.example.org"

[database]
url = "{database_url}"

[smtp]
host = "127.0.0.1"
port = {self.sink.port}
security = "plain"
{mailboxes}"""
