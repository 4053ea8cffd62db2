"""What a whole desk makes of mails: one `helpdesk run --once`, its memory, and the fate of each mail.

For `test_hostile_mails.py`, and for `python -m tests.whole.hostile`, which does the same with a folder of mails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTP
from hashlib import sha256

from sqlmodel import col, select

from helpdesk.store.tables import AttachmentRow, CommentRow, JournalRow, OutboxRow, RawMailRow, TicketRow
from helpdesk.store.unit_of_work import Database
from tests.servers.sink import Copy

# A small process of its own starts the desk, so that the memory of this one is not taken for the desk's.
_METER = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode
use = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as out:
    json.dump([code, use.ru_maxrss / 1024, use.ru_utime + use.ru_stime], out)
"""


REFUSED = ("bad_address", "no_reply_address")  # why the gate writes to nobody


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of the desk ended and what it cost: megabytes at the peak, seconds of processor time."""

    code: int
    peak: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mail: its entry, its ticket and comment, and every letter that it caused."""

    entry: JournalRow
    ticket: TicketRow | None = None
    comment: CommentRow | None = None
    attachments: tuple[AttachmentRow, ...] = ()
    letters: tuple[OutboxRow, ...] = field(default=())

    @property
    def acknowledged(self) -> set[str]:
        """Who on the customers' side was written to because of this mail, sent or held."""
        return {one.recipient for one in self.letters if one.notification.for_customers and one.reason not in REFUSED}


def run_once(environment: Mapping[str, str]) -> Run:
    """Let the desk take in, process and send all that waits."""
    words = [sys.executable, "-m", "helpdesk", "run", "--once", "--log-level", "warning"]
    with tempfile.NamedTemporaryFile("r") as cost:
        subprocess.run(
            [sys.executable, "-S", "-E", "-c", _METER, cost.name, *words],
            env=dict(environment),
            check=True,
            timeout=900,
        )
        return Run(*json.load(cost))


def fates(database_url: str) -> dict[str, list[Fate]]:
    """Return what became of the mails, by their `digest`; a mail that came twice has two fates."""
    found: dict[str, list[Fate]] = {}
    with closing(Database(database_url)) as database, database.read() as session:
        tickets = {row.number: row for row in session.exec(select(TicketRow))}
        comments = {row.entry: row for row in session.exec(select(CommentRow))}
        files: dict[int | None, list[AttachmentRow]] = {}
        for row in session.exec(select(AttachmentRow).order_by(col(AttachmentRow.id))):
            files.setdefault(row.comment, []).append(row)
        letters: dict[str, list[OutboxRow]] = {}
        for letter in session.exec(select(OutboxRow)):
            letters.setdefault(letter.cause, []).append(letter)
        raws = {row.entry: digest(row.content) for row in session.exec(select(RawMailRow))}
        for entry in session.exec(select(JournalRow).order_by(col(JournalRow.id))):
            comment = comments.get(entry.id)
            fate = Fate(
                entry,
                tickets.get(entry.ticket) if entry.ticket is not None else None,
                comment,
                tuple(files.get(comment.id if comment else None, ())),
                tuple(letters.get(f"entry:{entry.id}", ())),
            )
            found.setdefault(raws[entry.id or 0], []).append(fate)
    return found


def digest(raw: bytes) -> str:
    """Return the key of a mail among `fates`: Dovecot sends line ends as CRLF, and NUL as another byte."""
    return sha256(raw.replace(b"\r", b"").replace(b"\0", b"\x80")).hexdigest()


def broken_letters(copies: Iterable[Copy], own: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with what left the desk: each letter has one recipient, clean headers and the loop mark."""
    ours = set(own)
    for copy in copies:
        mail = message_from_bytes(copy.content, policy=SMTP)
        where = f"letter {mail['Message-ID']}"
        if ours & set(copy.recipients):
            yield f"{where} went to ourselves"
        if len(copy.recipients) != 1:
            yield f"{where} has {len(copy.recipients)} recipients"
        head = copy.content.partition(b"\r\n\r\n")[0]
        if any(byte < 32 and byte not in b"\r\n\t" for byte in head) or not head.isascii():
            yield f"{where} has a control character in its header"
        if any(len(mail.get_all(name) or ()) != 1 for name in ("From", "To", "Subject", "Date", "Message-ID")):
            yield f"{where} has a field twice, or lacks one"
        if len(mail.get_all("X-Helpdesk-Loop") or ()) != 1:
            yield f"{where} bears no loop mark"
