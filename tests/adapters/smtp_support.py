"""What the tests of the SMTP adapter share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from helpdesk.adapters.smtp import SmtpAccount, SmtpTransport
from helpdesk.services.ports import Envelope
from tests.servers.sink import Sink

CONTENT = (
    b"From: Pomoc <desk@helpdesk.test>\r\nTo: jan@example.org\r\nSubject: [DYN-10016] Faktura\r\n"
    b"Message-ID: <a1@helpdesk.test>\r\n\r\nPrzyjeto zgloszenie.\r\n"
)

_T = TypeVar("_T")


def account(sink: Sink, **changes: Any) -> SmtpAccount:
    """Return an account of the sink, in the open unless changed."""
    values: dict[str, Any] = {"name": "main", "host": "localhost", "port": sink.port, "security": "plain"}
    values |= {"local_hostname": "helpdesk.test", "connect_timeout": 5.0, "command_timeout": 5.0}
    return SmtpAccount(**(values | changes))


def mail_to(recipient: str) -> Envelope:
    """Return a small mail of the desk to somebody."""
    return Envelope("desk@helpdesk.test", recipient, CONTENT)


def using(settings: SmtpAccount, act: Callable[[SmtpTransport], Awaitable[_T]]) -> _T:
    """Return what `act` does with a transport, which is closed at the end."""

    async def run() -> _T:
        transport = SmtpTransport(settings)
        try:
            return await act(transport)
        finally:
            await transport.close()
            await asyncio.sleep(0.01)  # asyncio ends a socket whose handshake failed some turns later

    return asyncio.run(run())
