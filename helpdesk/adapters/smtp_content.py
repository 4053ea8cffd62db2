"""The content of a mail, from DATA to the answer to the final dot (RFC 5321 §4.1.1.4, §4.5.2).

Called by SmtpTransport. aiosmtplib looks at each line of a content by itself and hands the whole to the connection at
once: a mail of 14 MB was held six times over. Ours have CRLF already, so a big one goes out piece by piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain
from typing import Any

import aiosmtplib
from aiosmtplib.errors import SMTPDataError, SMTPServerDisconnected

PIECE = 256 * 1024  # bytes; a content of no more is handed over as it is
_LOOK = 0.01  # seconds between two looks whether the connection has taken what it was given


async def hand_over(client: aiosmtplib.SMTP, content: bytes, timeout: float) -> aiosmtplib.SMTPResponse:
    """Send the content and return the server's yes; raises SMTPDataError for its no, and what `client.data` raises.

    `timeout`, in seconds, is for each of the two answers.
    """
    if len(content) <= PIECE:
        return await client.data(content, timeout=timeout)
    begun = await client.execute_command(b"DATA", timeout=timeout)
    if begun.code != 354:
        raise SMTPDataError(begun.code, begun.message)
    protocol = client.protocol
    if protocol is None or not isinstance(transport := protocol.transport, asyncio.WriteTransport):
        raise SMTPServerDisconnected("Connection lost")
    answering = asyncio.create_task(protocol.read_response(timeout))  # a server may refuse before the end
    try:
        await _send(transport, content, answering)
        answer = await answering
    except BaseException:
        answering.cancel()
        transport.abort()  # closed, it would first wait until the rest is taken
        raise
    if answer.code != 250:
        raise SMTPDataError(answer.code, answer.message)
    return answer


async def _send(transport: asyncio.WriteTransport, content: bytes, answering: asyncio.Task[Any]) -> None:
    """Write the pieces at the pace at which they leave; after an early answer the rest at once, as it must be said."""
    for piece in chain(_pieces(content), (b".\r\n",)):
        while transport.get_write_buffer_size() > PIECE and not answering.done():
            await asyncio.wait([answering], timeout=_LOOK)
        if transport.is_closing():
            return
        transport.write(piece)


def _pieces(content: bytes) -> Iterator[bytes]:
    """Yield whole lines, those that begin with a dot with one more."""
    start = 0
    while start < len(content):
        end = content.rfind(b"\n", start, start + PIECE) + 1 or len(content)
        yield (b"\n" + content[start:end]).replace(b"\n.", b"\n..")[1:]
        start = end
