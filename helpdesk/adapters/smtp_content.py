"""The content of a mail, from DATA to the answer to the final dot (RFC 5321 §4.1.1.4, §4.5.2).

Called by SmtpTransport. aiosmtplib searches each content for lines that end in other ways than by CRLF, and hands the
whole to the connection at once: half of what sending an ordinary mail takes, and a mail of 14 MB was held six times
over. Ours have CRLF already, so they only get their dots; a big one goes out piece by piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain
from typing import Any

import aiosmtplib
from aiosmtplib.errors import SMTPDataError, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

PIECE = 256 * 1024  # bytes; a content of no more goes out at once
_LOOK = 0.01  # seconds between two looks whether the connection has taken what it was given
_END = b".\r\n"


async def hand_over(client: aiosmtplib.SMTP, content: bytes, timeout: float) -> aiosmtplib.SMTPResponse:
    """Send the content and return the server's yes; raises SMTPDataError for its no, and what `client.data` raises.

    `timeout`, in seconds, is for each of the two answers.
    """
    begun = await client.execute_command(b"DATA", timeout=timeout)
    if begun.code != 354:
        raise SMTPDataError(begun.code, begun.message)
    if (protocol := client.protocol) is None:
        raise SMTPServerDisconnected("Connection lost")
    if len(content) <= PIECE:
        protocol.write(b"".join((*_pieces(content), _END)))
        answer = await protocol.read_response(timeout)
    else:
        answer = await _piecemeal(protocol, content, timeout)
    if answer.code != 250:
        raise SMTPDataError(answer.code, answer.message)
    return answer


async def _piecemeal(protocol: SMTPProtocol, content: bytes, timeout: float) -> aiosmtplib.SMTPResponse:
    """Send a big content and return the server's answer, which may come before the end."""
    if not isinstance(transport := protocol.transport, asyncio.WriteTransport):
        raise SMTPServerDisconnected("Connection lost")
    answering = asyncio.create_task(protocol.read_response(timeout))
    try:
        await _send(transport, content, answering)
        return await answering
    except BaseException:
        answering.cancel()
        transport.abort()  # closed, it would first wait until the rest is taken
        raise


async def _send(transport: asyncio.WriteTransport, content: bytes, answering: asyncio.Task[Any]) -> None:
    """Write the pieces at the pace at which they leave; after an early answer the rest at once, as it must be said."""
    for piece in chain(_pieces(content), (_END,)):
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
