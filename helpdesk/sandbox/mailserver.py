"""The demo's mail server: real IMAP and real SMTP on free loopback ports, over one set of Maildirs.

It delivers to its own mailboxes and to nobody else, so nothing that is tried in the demo can leave the machine.
pymap serves IMAP from a process of its own; aiosmtpd takes mail in on the caller's event loop.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from email.utils import formatdate
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from helpdesk.errors import HelpdeskError, UsageError
from helpdesk.sandbox.cast import DOMAIN, PASSWORD

HOST = "127.0.0.1"
ROUNDS = 1_000  # of PBKDF2; pymap's own 500,000 make each login of the demo slow
BOOT = 15.0  # seconds that the IMAP server may take to say hello
FAREWELL = 5.0  # seconds that it may take to end


def require_libraries() -> None:
    """Raise UsageError, saying how to install them, if the demo's own libraries are missing."""
    missing = [name for name in ("pymap", "pysasl", "aiosmtpd") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the demo's mail server needs {' and '.join(missing)}, not installed here: "
            "pip install 'helpdesk[demo]' (in a checkout: make demo)"
        )


class MailServer:
    """Mailboxes that are reached by IMAP and SMTP; `imap_port` and `smtp_port` are known once started."""

    def __init__(self, folder: Path, addresses: Iterable[str], log: IO[str]) -> None:
        self.folder, self._log = folder, log
        self._boxes = {address.casefold(): folder / address for address in addresses}
        self._names = tuple(addresses)
        self.imap_port = self.smtp_port = 0
        self._imapd: subprocess.Popen[bytes] | None = None
        self._smtpd: asyncio.Server | None = None

    async def start(self) -> None:
        """Return when both protocols are served. Raises HelpdeskError when that takes too long."""
        self._make_mailboxes()
        self.imap_port = _free_port()
        self._imapd = self._start_imapd()
        await self._start_smtpd()
        await self._greeting(self._imapd)

    async def stop(self) -> None:
        """End both; the mailboxes stay where they are."""
        if self._smtpd is not None:
            self._smtpd.close()
        if self._imapd is not None:
            await asyncio.to_thread(_end, self._imapd)

    # -- IMAP

    def _make_mailboxes(self) -> None:
        from pysasl.hashing import BuiltinHash

        secret = BuiltinHash(rounds=ROUNDS).hash(PASSWORD)
        for box in self._boxes.values():
            for part in ("tmp", "new", "cur"):
                (box / part).mkdir(parents=True)
        files = {
            "pymap-etc-passwd": "".join(f"{name}:x::::{name}:\n" for name in self._names),
            "pymap-etc-shadow": "".join(f"{name}:{secret}:::::::\n" for name in self._names),
            "pymap-etc-group": "",
            "pymap-tokens": "",
        }
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def _start_imapd(self) -> subprocess.Popen[bytes]:
        """Start pymap in a session of its own, so that Ctrl-C reaches the desk first, and the mail server last."""
        services = ("--no-service", "managesieve", "--no-service", "admin")
        where = ("--host", HOST, "--port", str(self.imap_port), "--no-tls")
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "helpdesk.sandbox.imapd", *where, *services, "maildir", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,
        )

    async def _greeting(self, imapd: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + BOOT
        while time.monotonic() < until and imapd.poll() is None:
            try:
                reader, writer = await asyncio.open_connection(HOST, self.imap_port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            hello = await asyncio.wait_for(reader.readline(), BOOT)
            writer.close()
            if hello.startswith(b"* OK"):
                return
        raise HelpdeskError(f"the demo's IMAP server did not start; its last words stand in {self._log.name}")

    # -- SMTP

    async def _start_smtpd(self) -> None:
        from aiosmtpd.smtp import SMTP

        loop = asyncio.get_running_loop()
        self._smtpd = await loop.create_server(
            lambda: SMTP(self, hostname=f"mail.{DOMAIN}", enable_SMTPUTF8=True, loop=loop), HOST, 0
        )
        self.smtp_port = self._smtpd.sockets[0].getsockname()[1]

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:  # noqa: N802
        """Take mail for our own mailboxes alone (RFC 5321 §4.1.1.3)."""
        if address.casefold() not in self._boxes:
            return "550 5.1.1 The demo delivers to its own mailboxes only"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Put a copy into the mailbox of each recipient."""
        for address in envelope.rcpt_tos:
            self._deliver(address, session.host_name or "localhost", envelope)
        return "250 2.0.0 Delivered"

    def _deliver(self, address: str, client: str, envelope: Any) -> None:
        """Write the mail as Maildir wants it: whole in tmp, then by one rename into new."""
        trace = (
            f"Return-Path: <{(envelope.mail_from or '').strip('<>')}>\r\n"
            f"Delivered-To: {address}\r\n"
            f"Received: from {client} ({HOST})\r\n\tby mail.{DOMAIN} with ESMTP; {formatdate(localtime=True)}\r\n"
        )
        box, name = self._boxes[address.casefold()], f"{time.time_ns()}.{secrets.token_hex(6)}.demo"
        (box / "tmp" / name).write_bytes(trace.encode() + envelope.content)
        (box / "tmp" / name).rename(box / "new" / name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    """End our own child: politely, then for certain."""
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def remove(folder: Path) -> None:
    """Remove a folder of the demo with all that is in it; a mail that arrives meanwhile goes with it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        shutil.rmtree(folder)
