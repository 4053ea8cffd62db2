"""An SMTP server that keeps every copy it was given, and misbehaves for the asking.

What it does is chosen by the recipient's local part:

    550-5.1.1@…      refused at RCPT with that code and enhanced code
    451x4@…          refused with 451 at the first four RCPTs, then accepted
    dot-554-5.6.0@…  refused after the final dot
    slow2.5@…        stored, answered after so many seconds
    hang-dot@…       stored, never answered
    wait-dot@…       stored, answered when the test calls `answer()`
    cut-dot@…        stored, then the connection is cut instead of an answer
    cut-data@…       the connection is cut when DATA is asked for: nothing is stored
    rewrite-id@…     stored; the answer names another id, as relays do that replace the Message-ID

A sender's local part `550-5.7.60@…` is refused at MAIL in the same way. `mails_per_session`, `refuse_null_sender` and
`mail_replies` (the next answers to MAIL) belong to the server as a whole.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import ssl
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_REFUSAL = re.compile(r"(\d{3})-(\d\.\d+\.\d+)")
_REFUSED_AT_FIRST = re.compile(r"(\d{3})x(\d+)")
_SLOW = re.compile(r"slow([\d.]+)")


@dataclass(frozen=True)
class Copy:
    """One mail as the sink took it: equal digests are equal bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)
    session: int  # numbers the connections from 1
    digest: str


class Sink:
    """Listens on `port` (plain, STARTTLS offered if it has a certificate) and `tls_port` (TLS from the first byte)."""

    def __init__(self, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> None:
        self.tls, self.login, self.token = tls, login, ""
        self.mails_per_session: int | None = None
        self.refuse_null_sender = False
        self.offer_starttls = tls is not None
        self.smtputf8 = True
        self.mail_replies: deque[str] = deque()
        self.commands: list[str] = []
        self.sessions = 0
        self.port, self.tls_port = 0, 0
        self._copies: list[Copy] = []
        self._changed = threading.Condition()
        self._tried: Counter[str] = Counter()
        self._answer = asyncio.Event()
        self._open: set[_Dialogue] = set()
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-sink", daemon=True)

    def start(self) -> Self:
        """Listen; returns itself."""
        self._thread.start()
        self.port = self._call(self._listen(None))
        if self.tls is not None:
            self.tls_port = self._call(self._listen(self.tls))
        return self

    def stop(self) -> None:
        """Cut what is open and listen no more."""
        self._call(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def copies(self) -> list[Copy]:
        """All mails taken so far, in order."""
        with self._changed:
            return list(self._copies)

    def to(self, recipient: str) -> list[Copy]:
        """Return the copies that went to one recipient."""
        return [copy for copy in self.copies if recipient in copy.recipients]

    def clear(self) -> None:
        """Forget the copies, not the settings."""
        with self._changed:
            self._copies.clear()

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Copy]:
        """Return the copies once there are at least `count`; TimeoutError otherwise."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while len(self._copies) < count:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise TimeoutError(f"{len(self._copies)} of {count} mails came in {seconds:g} s")
            return list(self._copies)

    def answer(self) -> None:
        """Let those go on that wait at the final dot."""
        self._loop.call_soon_threadsafe(self._answer.set)

    def cut_all(self) -> None:
        """Cut every open connection, as a server does that restarts; returns when it is done."""
        self._call(self._cut_all())

    async def answered(self) -> None:
        """Return when the test has called `answer()`."""
        await self._answer.wait()

    def take(self, envelope: Envelope, session: int) -> None:
        """Keep a copy."""
        content = envelope.original_content or b""
        digest = hashlib.sha256(content).hexdigest()
        self.keep(Copy(_reverse_path(envelope.mail_from), tuple(envelope.rcpt_tos), content, session, digest))

    def keep(self, copy: Copy) -> None:
        """Add a copy to those that were taken."""
        with self._changed:
            self._copies.append(copy)
            self._changed.notify_all()

    def refusal_of_recipient(self, address: str) -> str:
        """Return the answer to RCPT if it is not yes, else nothing."""
        local = address.partition("@")[0]
        if at_first := _REFUSED_AT_FIRST.fullmatch(local):
            self._tried[address] += 1
            return f"{at_first[1]} 4.3.2 Not yet" if self._tried[address] <= int(at_first[2]) else ""
        return _refusal(local)

    def refusal_of_sender(self, address: str, mails: int) -> str:
        """Return the answer to MAIL if it is not yes, else nothing; `mails` were taken in this session."""
        if self.mail_replies:
            return self.mail_replies.popleft()
        if self.mails_per_session is not None and mails >= self.mails_per_session:
            return "421 4.7.0 Enough for one session"
        if self.refuse_null_sender and not address:
            return "550 5.7.60 Client does not have permissions to send as this sender"
        return _refusal(address.partition("@")[0])

    def opened(self, dialogue: _Dialogue) -> int:
        """Note a new connection; returns its number."""
        self._open.add(dialogue)
        self.sessions += 1
        return self.sessions

    def closed(self, dialogue: _Dialogue) -> None:
        self._open.discard(dialogue)

    def dialogue(self, tls: ssl.SSLContext | None) -> asyncio.BaseProtocol:
        """Return who speaks on a new connection."""
        return _Dialogue(self, starttls=tls is None)

    async def _listen(self, tls: ssl.SSLContext | None) -> int:
        server = await self._loop.create_server(lambda: self.dialogue(tls), "127.0.0.1", 0, ssl=tls)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _cut_all(self) -> None:
        for dialogue in list(self._open):
            dialogue.abort()
        while self._open:
            await asyncio.sleep(0)

    async def _finish(self) -> None:
        for server in self._servers:
            server.close()
        await self._cut_all()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


class _Dialogue(SMTP):
    """One connection: aiosmtpd's dialogue, with the sink's answers in it."""

    def __init__(self, sink: Sink, *, starttls: bool) -> None:
        self._sink, self._mails, self._number = sink, 0, 0
        super().__init__(
            _Handler(sink, self),
            hostname="sink.test",
            ident="ESMTP",
            tls_context=sink.tls if starttls and sink.offer_starttls else None,
            enable_SMTPUTF8=sink.smtputf8,
            data_size_limit=64 * 1024 * 1024,
            auth_required=sink.login is not None or bool(sink.token),
            authenticator=self._check_login,
            loop=asyncio.get_running_loop(),
        )
        # Set afterwards: the constructor warns of a login without STARTTLS, which here is what is asked for.
        self._auth_require_tls = starttls and sink.offer_starttls

    @property
    def number(self) -> int:
        return self._number

    @property
    def mails(self) -> int:
        return self._mails

    def count_mail(self) -> None:
        self._mails += 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._number:  # STARTTLS makes the connection a second time
            self._number = self._sink.opened(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.closed(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Cut the connection without a word."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    async def smtp_DATA(self, arg: str) -> None:
        if self.envelope is not None and any(to.startswith("cut-data@") for to in self.envelope.rcpt_tos):
            self.abort()
            return
        await super().smtp_DATA(arg)

    async def auth_XOAUTH2(self, _: object, args: list[str]) -> AuthResult:
        given = base64.b64decode(args[1]).decode()
        if given.endswith(f"\x01auth=Bearer {self._sink.token}\x01\x01"):
            return AuthResult(success=True, handled=True)
        await self.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    def _check_login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        if (data.login.decode(), data.password.decode()) == self._sink.login:
            return AuthResult(success=True, handled=True, auth_data=data)
        return AuthResult(success=False, handled=False)


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, sink: Sink, dialogue: _Dialogue) -> None:
        self._sink, self._dialogue = sink, dialogue

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._sink.refusal_of_sender(_reverse_path(address), self._dialogue.mails)
        if refusal:
            if refusal.startswith("421"):
                asyncio.get_running_loop().call_later(0.05, self._dialogue.abort)
            return refusal
        envelope.mail_from = address or "<>"  # aiosmtpd takes an empty sender for no MAIL at all
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._sink.refusal_of_recipient(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        local = envelope.rcpt_tos[0].partition("@")[0]
        if refusal := _refusal(local.removeprefix("dot-")) if local.startswith("dot-") else "":
            return refusal
        self._dialogue.count_mail()
        self._sink.take(envelope, self._dialogue.number)
        if local == "cut-dot":
            self._dialogue.abort()
        if local in {"cut-dot", "hang-dot"}:
            await asyncio.get_running_loop().create_future()
        if local == "wait-dot":
            await self._sink.answered()
        if slow := _SLOW.fullmatch(local):
            await asyncio.sleep(float(slow[1]))
        number = len(self._sink.copies)
        return f"250 Ok 0102018f-{number:06d}" if local == "rewrite-id" else f"250 2.0.0 Ok: queued as {number:06d}"


def _refusal(local: str) -> str:
    match = _REFUSAL.fullmatch(local)
    return f"{match[1]} {match[2]} Refused for the test" if match else ""


def _reverse_path(address: str | None) -> str:
    """Return the reverse-path, "" for the null one, however aiosmtpd spells it."""
    return "" if address in {None, "<>"} else str(address)
