"""Waiting for news in IDLE (RFC 2177) without missing any. Called by ImapMailbox.wait.

imapclient's idle_check() alone sleeps on news that came together with the server's "+ idling", and takes an ended
connection for silence; both are mended here. News are a hint to look, never the truth.
"""

from __future__ import annotations

import ssl
import threading
import time
from typing import Any

from helpdesk.adapters.imap_session import Client

_SLICE = 1.0  # seconds between looks at `stop`
_EMPTY_WAKES = 3  # an ended connection wakes at once, again and again; a TLS record without data does so once


def idle(client: Client, seconds: float, stop: threading.Event) -> bool:
    """Return whether there may be news; after `seconds`, or once `stop` is set, there are none.

    Raises ConnectionError when the connection has ended.
    """
    deadline = time.monotonic() + seconds
    client.idle()
    news, empty = False, 0
    while not news and not stop.is_set() and (left := deadline - time.monotonic()) > 0:
        asked, began = min(left, _SLICE), time.monotonic()
        responses = _check(client, asked)
        news = any(_is_news(response) for response in responses)
        early = not responses and time.monotonic() - began < asked / 2
        empty = empty + 1 if early else 0
        if empty >= _EMPTY_WAKES:
            raise ConnectionError("the server has gone while we waited")
    _, late = client.idle_done()
    return news or any(_is_news(response) for response in late)


def _check(client: Client, seconds: float) -> list[tuple[Any, ...]]:
    """Return what the server said, waiting at most so long; ConnectionError if it said BYE."""
    if _something_buffered(client):
        return [(b"PENDING",)]  # idle_done() returns the line itself
    responses: list[tuple[Any, ...]] = client.idle_check(seconds)
    if any(response[0] == b"BYE" for response in responses):
        raise ConnectionError("the server said BYE while we waited")
    return responses


def _something_buffered(client: Client) -> bool:
    """Whether bytes lie in the reader's buffer, or decrypted in TLS, where polling the socket doesn't see them."""
    connection = client.socket()
    if (buffered := getattr(client._imap, "_readbuf", None)) is not None:  # imaplib's own buffer, Python 3.14
        return bool(buffered) or bool(isinstance(connection, ssl.SSLSocket) and connection.pending())
    connection.settimeout(0)
    try:
        return bool(client._imap.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return False
    finally:
        connection.settimeout(client._timeout.read)


def _is_news(response: tuple[Any, ...]) -> bool:
    """Whether the response can mean new mail: "OK Still here" and flag changes can't."""
    return response[0] == b"PENDING" or (len(response) > 1 and response[1] in (b"EXISTS", b"RECENT"))
