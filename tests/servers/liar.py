"""An IMAP server that lies as Dovecot doesn't: noise nobody asked for, mails that vanish, bodies that are NIL.

It speaks just enough of RFC 9051 to be polled, one connection at a time, on loopback, in the open unless it was given
a TLS context. `mails` are what it has; `bodiless` those whose body it keeps to itself; `noise` is sent before each
answer to FETCH; `drip` lets its greeting go byte by byte, and never end.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import ssl
import threading
import time
from types import TracebackType

_UIDS = re.compile(rb"UID FETCH ([\d:,]+) \(?(.*?)\)?\r\n", re.IGNORECASE)


class Liar:
    """Serves `mails` (UID to bytes) until the context ends; `seen` holds every command."""

    def __init__(self, mails: dict[int, bytes], tls: ssl.SSLContext | None = None) -> None:
        self.mails, self.bodiless, self.noise = mails, set[int](), b""
        self.vanish: set[int] = set()  # these are expunged while their body is being sent
        self.silent, self.drip, self._tls = False, 0.0, tls
        self.seen: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, name="liar", daemon=True)

    def __enter__(self) -> Liar:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._open:
            connection.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:  # the end
                return
            self._open.append(connection)
            if not self.silent:
                with contextlib.suppress(OSError), connection:  # a client that hangs up is what some tests want
                    self._serve_one(connection)
            # a silent one keeps the connection open and says nothing

    def _serve_one(self, connection: socket.socket) -> None:
        if self._tls is not None:
            with self._tls.wrap_socket(connection, server_side=True) as secured:
                self._talk(secured)
        elif self.drip:
            self._dribble(connection)
        else:
            self._talk(connection)

    def _dribble(self, connection: socket.socket) -> None:
        for byte in itertools.chain(b"* OK [", itertools.cycle(b"a ")):
            connection.sendall(bytes([byte]))
            time.sleep(self.drip)

    def _talk(self, connection: socket.socket) -> None:
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE] liar\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                tag, _, command = line.partition(b" ")
                self.seen.append(command)
                try:
                    connection.sendall(self._answer(command) + tag + b" OK done\r\n")
                except OSError:
                    return
                if command.upper().startswith(b"LOGOUT"):
                    return

    def _answer(self, command: bytes) -> bytes:
        word = command.upper()
        if word.startswith((b"SELECT", b"EXAMINE")):
            return b"* %d EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 7] .\r\n" % len(self.mails)
        if word.startswith(b"CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1 UIDPLUS MOVE\r\n"
        if word.startswith(b"UID SEARCH"):
            return b"* SEARCH " + b" ".join(b"%d" % uid for uid in self.mails) + b"\r\n"
        if word.startswith(b"LIST"):
            return b'* LIST () "/" INBOX\r\n'
        if match := _UIDS.match(command):
            return self.noise + b"".join(self._fetched(uid, match[2].upper()) for uid in self._uids(match[1]))
        if word.startswith(b"LOGOUT"):
            return b"* BYE\r\n"
        return b""

    def _uids(self, text: bytes) -> list[int]:
        wanted: list[int] = []
        for part in text.split(b","):
            first, _, last = part.partition(b":")
            wanted += range(int(first), int(last or first) + 1)
        return [uid for uid in wanted if uid in self.mails]

    def _fetched(self, uid: int, what: bytes) -> bytes:
        raw = self.mails[uid]
        if b"ENVELOPE" in what:
            person = b'((NIL NIL "jan" "acme.test"))'
            envelope = b'("Fri, 20 Nov 2026 10:00:00 +0100" "Bez tresci" %s %s NIL NIL NIL NIL NIL "<m%d@acme.test>")'
            return b"* 1 FETCH (UID %d ENVELOPE %s)\r\n" % (uid, envelope % (person, person, uid))
        if b"RFC822.SIZE" in what:
            at = b'"20-Nov-2026 09:00:00 +0000"'
            return b"* 1 FETCH (UID %d RFC822.SIZE %d INTERNALDATE %s)\r\n" % (uid, len(raw), at)
        if uid in self.vanish:
            del self.mails[uid]
            return b"* 1 EXPUNGE\r\n"
        if uid in self.bodiless:
            return b"* 1 FETCH (UID %d BODY[] NIL)\r\n" % uid
        return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(raw), raw)
