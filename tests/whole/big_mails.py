"""How much memory a daemon takes for big mails: `python -m tests.whole.big_mails [MAILS]` prints it for each kind.

The command is not run by pytest; `test_big_mails.py` does one round of it. Each mail is as large as intake takes, opens
a ticket and is told to its sender and to two consultants, with as many of its files as notices may carry.
"""

from __future__ import annotations

import random
import sys
import tempfile
from base64 import encodebytes
from collections.abc import Callable
from pathlib import Path

from tests.office import CONSULTANT, QUEUES, Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.servers.tls import Authority

SIZE = 48_000_000  # bytes of a mail
LETTERS = 3  # for each mail
_DECODED = SIZE * 72 // 100  # what base64 of that size stands for
_HEAD = """\
From: Jan <jan@acme.test>\r\nTo: pomoc@desk.example.org\r\nSubject: {kind} {number}\r\n\
Message-ID: <{kind}-{number}@acme.test>\r\nMIME-Version: 1.0\r\n"""
_MIXED = b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n'
_WORDS = "Dzień dobry, wszystko w załączniku.\r\n".encode()


def _file(size: int) -> bytes:
    head = b"Content-Type: application/pdf; name=skan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + encodebytes(random.Random(size).randbytes(size)).replace(b"\n", b"\r\n")


def _with_files(*sizes: int) -> bytes:
    return _MIXED % (b"b", b"b") + b"\r\n--b\r\n".join([b"\r\n" + _WORDS, *map(_file, sizes)]) + b"\r\n--b--\r\n"


def _text(line: bytes) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + line * (SIZE * 5 // 8 // len(line))


def _nested(levels: int) -> bytes:
    inner, file = b"\r\n" + _WORDS, _file(_DECODED // levels)
    for level in range(levels):
        boundary = b"b%d" % level
        inner = _MIXED % (boundary, boundary) + inner + b"\r\n--%s\r\n" % boundary + file + b"\r\n--%s--\r\n" % boundary
    return inner


KINDS: dict[str, Callable[[], bytes]] = {
    "one file": lambda: _with_files(_DECODED),
    "fourteen files": lambda: _with_files(*[_DECODED // 14] * 14),
    "a file that notices carry and one that they do not": lambda: _with_files(9_900_000, _DECODED - 9_900_000),
    "30 MB of text": lambda: _text(_WORDS),
    "forty nested parts": lambda: _nested(40),
}


def mails(kind: str, count: int) -> list[bytes]:
    """Return mails of one kind, no two of them the same."""
    body = KINDS[kind]()
    return [_HEAD.format(kind=kind.replace(" ", "-"), number=number).encode() + body for number in range(count)]


def peak(office: Office, raws: list[bytes], mailboxes: int, seconds: float = 300) -> float:
    """Deliver the mails to so many mailboxes in turn; return what a daemon takes at its peak, in megabytes."""
    office.rules.write_text(
        office.rules.read_text().replace(f"[{CONSULTANT}]", f"[{CONSULTANT}, piotr@desk.example.org]")
    )
    for number, raw in enumerate(raws):
        office.deliver(list(QUEUES)[number % mailboxes], [raw])
    daemon = office.start()
    office.wait_for("mail.delivered", LETTERS * len(raws), seconds)
    status = Path(f"/proc/{daemon.pid}/status").read_text()
    assert office.end(daemon) == 0
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    for kind in KINDS:
        for mailboxes in (1, 4):
            with tempfile.TemporaryDirectory() as scratch, Sink() as sink:
                authority = Authority.create(Path(scratch))
                dovecot = Dovecot(authority)
                dovecot.start()
                try:
                    office = Office(Path(scratch), dovecot, sink, f"sqlite:///{scratch}/helpdesk.db")
                    most = peak(office, mails(kind, count), mailboxes)
                finally:
                    dovecot.close()
                print(f"{count} mails of {kind}, {mailboxes} mailboxes: {most:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
