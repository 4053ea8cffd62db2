"""The files of a small desk without servers, for commands that work on its database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.conftest import Call, Outcome

ANNA, PIOTR = "anna@desk.example.org", "piotr@desk.example.org"
TOML = """\
instance = "desk.example.org"
[smtp]
host = "127.0.0.1"
port = 1
security = "plain"
[mailbox.dynamics]
host = "127.0.0.1"
port = 1
security = "plain"
username = "dynamics"
password = { file = "imap.secret" }
queue = "DYNAMICS"
"""
RULES = """\
version: 1
timezone: Europe/Warsaw
calendars:
  cwt: { hours: { mon-fri: "09:00-17:00" }, holidays: PL, receipt: next_opening }
plans:
  GOLD: { calendar: cwt, reaction: 4h, mail: all }
queues:
  DYNAMICS: { prefix: DYN, addresses: [pomoc@desk.example.org], calendar: cwt,
              consultants: [anna@desk.example.org, piotr@desk.example.org] }
  PROPHIX: { prefix: PRO, addresses: [prophix@desk.example.org], calendar: cwt, consultants: [piotr@desk.example.org] }
consultants:
  anna@desk.example.org: { name: Anna Nowak, language: pl }
  piotr@desk.example.org: { name: Piotr Lis, language: pl }
organisations:
  ACME: { domains: [acme.test], plan: GOLD }
rules:
  - { name: broken, when: { subject: kwarantanna }, then: { quarantine: true } }
"""
MAIL = """\
From: Jan Kowal <jan@acme.test>
To: pomoc@desk.example.org
Subject: {subject}
Message-ID: <{id}@acme.test>
Date: Tue, 24 Nov 2020 12:00:00 +0100
Content-Type: text/plain; charset=utf-8

Proszę o pomoc.
"""


@dataclass(frozen=True)
class DeskFiles:
    """A desk's folder, and its commands as a person types them."""

    folder: Path
    call: Call

    @classmethod
    def write(cls, folder: Path, call: Call, database: Path) -> DeskFiles:
        """Write the files of a desk whose database is a copy of an empty one."""
        (folder / "helpdesk.toml").write_text(TOML)
        (folder / "routing_rules.yaml").write_text(RULES)
        (folder / "imap.secret").write_text("x")
        (folder / "imap.secret").chmod(0o600)
        shutil.copyfile(database, folder / "helpdesk.db")
        return cls(folder, call)

    def run(self, *words: object) -> Outcome:
        """Run a command with this desk's configuration."""
        return self.call(*words, "--config", self.folder / "helpdesk.toml")

    def rows(self, *words: object) -> list[dict[str, Any]]:
        """Run a command with --json, which must end well; return its rows."""
        done = self.run(*words, "--json")
        assert (done.code, done.err) == (0, ""), done
        return [json.loads(line) for line in done.out.splitlines()]

    def mail(self, name: str = "one", subject: str = "Faktura") -> Path:
        """Write a mail of Jan's to a file."""
        file = self.folder / f"{name}.eml"
        file.write_text(MAIL.format(subject=subject, id=name))
        return file

    def ingested(self, name: str = "one", subject: str = "Faktura", options: Sequence[str] = ()) -> dict[str, Any]:
        """Take a mail of Jan's in; return the row that `ingest` prints."""
        [row] = self.rows("ingest", "--mailbox", "dynamics", self.mail(name, subject), *options)
        return row

    def ticket(self, name: str = "one", subject: str = "Faktura") -> str:
        """Let Jan open a ticket; return its key."""
        return str(self.ingested(name, subject)["ticket"])
