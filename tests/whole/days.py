"""A desk whose days a test lets pass: real mailboxes, a real SMTP server, and a clock that only the test turns.

What comes in and what goes out is written down line by line: who got which mail when.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlmodel import col, select

from helpdesk import logs, premises
from helpdesk.daemon import Daemon
from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import OutboxState
from helpdesk.store.tables import JournalRow, OutboxRow, TicketRow
from tests.calendar_programs import PROGRAMS, Reply
from tests.clients import WARSAW, File, Program
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.sink import Sink

MX = "mx.desk.example.org"
Incoming = tuple[str, str, str, bytes]  # who, with which program, to which queue, the mail


class Person:
    """Somebody at their mail program."""

    def __init__(self, days: Days, name: str, addr: str, program: Program) -> None:
        self.days, self.name, self.addr, self.program = days, name, addr, program

    @property
    def shown(self) -> str:
        return f"{self.name} <{self.addr}>"

    def writes(
        self,
        queue: str,
        subject: str,
        text: str,
        *,
        files: Sequence[File] = (),
        cc: Sequence[str] = (),
        fields: dict[str, str] | None = None,
        forged: bool = False,
    ) -> None:
        """Send a new mail to a queue."""
        to = self.days.address(queue)
        raw = self.program.write(self.shown, to, subject, text, self.days.now, files=files, cc=cc, fields=fields)
        self.days.arrives(self, queue, raw, forged=forged)

    def sends_again(self) -> None:
        """Let their server deliver the newest mail of theirs a second time."""
        *_, queue, raw = next(one for one in reversed(self.days.came) if one[0] == self.addr)
        self.days.came.append((self.addr, self.program.name, queue, raw))

    def answers(
        self,
        kind: str,
        about: str,
        text: str,
        *,
        files: Sequence[File] = (),
        fields: dict[str, str] | None = None,
        forged: bool = False,
    ) -> None:
        """Answer the newest mail of that kind that they were sent about a ticket."""
        self.answers_mail(self.days.newest(self.addr, kind, about), text, files=files, fields=fields, forged=forged)

    def answers_mail(
        self,
        parent: EmailMessage,
        text: str,
        *,
        files: Sequence[File] = (),
        fields: dict[str, str] | None = None,
        forged: bool = False,
    ) -> None:
        """Answer a mail that they have, perhaps since somebody handed it on to them."""
        raw = self.program.answer(self.shown, parent, text, self.days.now, files=files, fields=fields)
        self.days.arrives(self, self.days.queue_of(parent), raw, forged=forged)

    def replies(self, program: str, about: str, partstat: str, *, kind: str = "invitation", **more: object) -> None:
        """Let their calendar program answer the newest invitation."""
        parent = self.days.newest(self.addr, kind, about, holding=b"text/calendar")
        raw = PROGRAMS[program](Reply(parent, self.shown, partstat, self.days.now, **more))  # type: ignore[arg-type]  # theirs
        self.days.arrives(self, self.days.queue_of(parent), raw)


class Days:
    """The desk, its clock and the transcript."""

    def __init__(
        self, folder: Path, dovecot: Dovecot, sink: Sink, rules: str, queues: dict[str, str], patch: pytest.MonkeyPatch
    ) -> None:
        self.folder, self.dovecot, self.sink, self.queues = folder, dovecot, sink, queues
        self.user = dovecot.new_user()
        self.now = datetime(2026, 11, 24, 8, 0, tzinfo=WARSAW)
        self.lines: list[str] = []
        self.came: list[Incoming] = []
        self._entry = self._letter = 0
        self.config = folder / "helpdesk.toml"
        for name, content in (("imap.secret", PASSWORD), ("secret.key", "0123456789abcdef0123456789abcdef")):
            (folder / name).write_text(content + "\n")
            (folder / name).chmod(0o600)
        (folder / "routing_rules.yaml").write_text(rules)
        self.config.write_text(self._settings())
        logs.configure(level="error")
        for module in [*sys.modules.values()]:  # the clock is made by the face, and this test is the face
            if getattr(module, "utc_now", None) is premises.utc_now and module is not premises:
                patch.setattr(module, "utc_now", self.clock)
        patch.setattr(premises, "utc_now", self.clock)
        self._open = ExitStack()
        self.premises = self._open.enter_context(premises.opened(self.config, as_daemon=True))

    def clock(self) -> datetime:
        return self.now.astimezone(UTC)

    def close(self) -> None:
        self._open.close()

    @staticmethod
    def address(queue: str) -> str:
        return f"pomoc{queue.lower()}@desk.example.org"

    def queue_of(self, mail: EmailMessage) -> str:
        box = mail["From"].addresses[0].username
        return next(queue for queue in self.queues if self.address(queue).startswith(f"{box}@"))

    def at(self, time: str, headline: str = "") -> None:
        """Turn the clock; what came before is worked off first."""
        self.work()
        self.now = datetime.fromisoformat(time).replace(tzinfo=WARSAW)
        if headline:
            self.lines += ["", f"## {headline}"]

    def arrives(self, who: Person, queue: str, raw: bytes, *, forged: bool = False) -> None:
        """Let our mail server take a mail in: it stamps what it found out about From."""
        found = "fail" if forged else "pass"
        stamp = f"Authentication-Results: {MX}; dmarc={found} header.from={who.addr.partition('@')[2]}\r\n"
        received = f"Received: from mail.{who.addr.partition('@')[2]} by {MX}; {self.now:%a, %d %b %Y %H:%M:%S %z}\r\n"
        self.came.append((who.addr, who.program.name, queue, (received + stamp).encode() + raw))

    def work(self) -> None:
        """Take in, process and send all that waits, at the time that it is; write down what happened."""
        self.dovecot.maildir(self.user).deliver_many([raw for *_, raw in self.came], self.now)
        daemon = Daemon(self.premises)
        assert asyncio.run(daemon.run_once()) == []
        self._write_down()
        self.came = []

    def newest(self, recipient: str, kind: str, about: str = "", holding: bytes = b"") -> EmailMessage:
        """Return the newest mail of that kind to a person, as the SMTP server got it; `about` is in its subject."""
        with self.premises.database.read() as session:
            wanted = select(OutboxRow).where(OutboxRow.recipient == recipient, OutboxRow.notification == kind)
            rows = session.exec(wanted.order_by(col(OutboxRow.id).desc())).all()
        for row in (row for row in rows if about in row.subject and holding in row.content):
            copy = next(copy for copy in self.sink.to(recipient) if f"<{row.message_id}>".encode() in copy.content)
            mail = message_from_bytes(copy.content, policy=default)
            assert isinstance(mail, EmailMessage)
            return mail
        raise AssertionError(f"{recipient} got no {kind} about {about or 'anything'}")

    def _write_down(self) -> None:
        """Add what came in and what went out since the last round, each mail a line."""
        with self.premises.database.read() as session:
            entries = session.exec(
                select(JournalRow).where(col(JournalRow.id) > self._entry).order_by(col(JournalRow.id))
            ).all()
            letters = session.exec(
                select(OutboxRow).where(col(OutboxRow.id) > self._letter).order_by(col(OutboxRow.id))
            ).all()
            rows = session.exec(select(TicketRow)).all()
        shown = {row.number: f"{format_key(row.prefix, row.number)} {row.state}" for row in rows}
        assert len(entries) == len(self.came), [entry.reason for entry in entries]
        for entry, (who, program, queue, raw) in zip(entries, self.came, strict=True):
            subject = str(message_from_bytes(raw, policy=default)["Subject"])
            became = f"{entry.disposition}/{entry.reason}"
            self._line("<-", who, f"{queue} ({program})", subject, f"{became} {shown.get(entry.ticket or 0, '')}")
            self._entry = entry.id or 0
        for letter in letters:
            state = "" if letter.state is OutboxState.SENT else f" !{letter.state} {letter.reason}"
            state += "".join(f" +{name}" for name in _files(letter.content))
            self._line(
                "->", letter.recipient, letter.notification, letter.subject, shown.get(letter.ticket or 0, "") + state
            )
            self._letter = letter.id or 0

    def _line(self, arrow: str, who: str, kind: str, subject: str, state: str) -> None:
        time = f"{self.now:%a %d %H:%M}"
        self.lines.append(f"{time} {arrow} {who:<28} {kind:<22} {subject:<64} | {state}".rstrip())

    def _settings(self) -> str:
        """One mailbox takes the mail of all queues, so that mails are worked off in the order in which they came."""
        return f"""\
instance = "desk.example.org"
secret = {{ file = "secret.key" }}

[database]
url = "sqlite:///{self.folder / "helpdesk.db"}"

[smtp]
host = "127.0.0.1"
port = {self.sink.port}
security = "plain"

[mailbox.desk]
host = "localhost"
port = {self.dovecot.tls_port}
security = "tls"
ca_file = "{self.dovecot.ca_file}"
username = "{self.user}"
password = {{ file = "imap.secret" }}
queue = "{next(iter(self.queues))}"
subaddressing = true
authentication = {{ profile = "rfc8601", authserv_id = "{MX}" }}
"""


def _files(content: bytes) -> list[str]:
    """Return the names of the files that a mail carries."""
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return [str(part.get_filename()) for part in mail.iter_attachments()]
