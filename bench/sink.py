"""An SMTP sink that costs next to nothing: what is measured is who hands mails over, not who takes them.

The tests' own sink looks at each line of a mail, which for one of ours took longer than all that the desk does to send
it. No server that is worth the name is so slow, and both programs would wait for it most of the time.
"""

from __future__ import annotations

import asyncio
import ssl

from tests.servers.sink import Copy, Sink

_END = b"\r\n.\r\n"
_ANSWERS = {b"EHLO": b"250-sink\r\n250 SIZE 100000000\r\n", b"DATA": b"354 Go on\r\n", b"QUIT": b"221 Bye\r\n"}


class QuickSink(Sink):
    """Takes every mail, in plain SMTP, as it stands on the wire."""

    def dialogue(self, tls: ssl.SSLContext | None) -> asyncio.BaseProtocol:  # noqa: ARG002 - it has none to offer
        return _Dialogue(self)


class _Dialogue(asyncio.Protocol):
    """One connection. Clients wait for each answer: what has come is one command, or a part of one content."""

    def __init__(self, sink: QuickSink) -> None:
        self._sink = sink
        self._content: bytearray | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        if self._content is not None:
            self._take(data)
            return
        verb = data[:4].upper()
        self._transport.write(_ANSWERS.get(verb, b"250 OK\r\n"))
        if verb == b"DATA":
            self._content = bytearray()

    def _take(self, data: bytes) -> None:
        assert self._content is not None
        self._content += data
        if self._content.endswith(_END):
            self._sink.keep(Copy("", (), bytes(self._content), 0, ""))
            self._content = None
            self._transport.write(b"250 OK\r\n")
