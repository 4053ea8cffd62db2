"""One SMTP account over one persistent connection: the Transport port on aiosmtplib. Used by services/delivery.

    smtp_account   what there is to know before             smtp_replies   what a reply means, and for whom
    smtp_session   connecting, TLS, login                   smtp_address   addresses in wire form
    smtp_content   the content, a big one piece by piece

MAIL, RCPT and DATA are sent apart, since the same broken connection means "nothing happened" before DATA and
"nobody knows" from there on (RFC 1047).
"""

from __future__ import annotations

import asyncio

import aiosmtplib
from aiosmtplib.errors import SMTPDataError, SMTPException, SMTPServerDisconnected, SMTPTimeoutError

from helpdesk.adapters.smtp_account import SmtpAccount
from helpdesk.adapters.smtp_address import WireEnvelope, wire_envelope
from helpdesk.adapters.smtp_content import hand_over
from helpdesk.adapters.smtp_replies import one_line, result_of, result_of_sender
from helpdesk.adapters.smtp_session import FOREIGN, connect, translate
from helpdesk.errors import HelpdeskError, TransportUnavailable
from helpdesk.services.ports import (
    Accepted,
    Ambiguous,
    Clearance,
    DeliveryResult,
    Envelope,
    Rejected,
    Withheld,
    at_once,
)

__all__ = ["SmtpAccount", "SmtpTransport"]

_RENEW_AFTER = 240.0  # seconds of silence: servers hang up after five minutes (RFC 5321 §4.5.3.2.7)
_GOODBYE = 5.0  # seconds to wait for the answer to QUIT


class SmtpTransport:
    """Implements services.ports.Transport."""

    def __init__(self, account: SmtpAccount) -> None:
        self.account = account.name
        self._settings = account
        self._client: aiosmtplib.SMTP | None = None
        self._last_used = 0.0
        self._open_mail = False  # MAIL was accepted and nothing ended that mail: RSET comes first

    @property
    def token_left(self) -> float | None:
        """Seconds that the access token is good; None without one."""
        return self._settings.token.seconds_left if self._settings.token else None

    async def send(self, envelope: Envelope, cleared: Clearance = at_once) -> DeliveryResult:
        """Hand one mail over; raises TransportUnavailable or LoginRefused when that is not the mail's fault.

        Cancelled while the content is on its way, it returns Ambiguous: the task's `cancelling()` still tells.
        """
        wire = wire_envelope(envelope)
        if isinstance(wire, Rejected):
            return wire
        try:
            if refusal := await self._announce(wire, envelope.content):
                return refusal
            await cleared()
            return await self._hand_over(envelope.content)
        except FOREIGN as error:
            trouble = translate(error, self._settings)
            raise self._at_this_mail(trouble) from error
        except TransportUnavailable as error:
            raise self._at_this_mail(error)  # noqa: B904 - it is the same error
        except Withheld:
            raise  # the dialogue is in step: RSET comes next
        except BaseException:
            self._drop()  # whatever stopped us, the dialogue is out of step
            raise

    async def check(self) -> None:
        """Return if a session can be had; raises TransportUnavailable or LoginRefused."""
        await self._session()

    async def close(self) -> None:
        """End the session politely if possible; never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await client.quit(timeout=_GOODBYE)
        except FOREIGN:  # a server that is gone needs no goodbye
            return
        finally:
            client.close()

    async def _announce(self, wire: WireEnvelope, content: bytes) -> DeliveryResult | None:
        """Send MAIL and RCPT; return the refusal, if it is one."""
        client, is_new = await self._session()
        if wire.utf8 and not client.supports_extension("smtputf8"):
            return Rejected(553, "5.6.7", "the server can't take addresses beyond ASCII: never sent")
        try:
            reply = await self._mail(client, wire, content)
        except (SMTPServerDisconnected, SMTPTimeoutError):
            if is_new:
                raise
            self._drop()  # the connection had ended unseen while it was idle: that is no failure yet
            client, _ = await self._session()
            reply = await self._mail(client, wire, content)
        if reply.code != 250:
            return result_of_sender(self.account, reply.code, reply.message)
        self._open_mail = True
        reply = await client.execute_command(b"RCPT", b"TO:" + wire.recipient)
        return None if reply.code in {250, 251} else result_of(self.account, reply.code, reply.message)

    async def _mail(self, client: aiosmtplib.SMTP, wire: WireEnvelope, content: bytes) -> aiosmtplib.SMTPResponse:
        if self._open_mail:
            await client.rset()
            self._open_mail = False
        return await client.execute_command(b"MAIL", b"FROM:" + wire.sender, *_options(client, wire, content))

    async def _hand_over(self, content: bytes) -> DeliveryResult:
        """Send the content and return the server's answer, or that nobody knows it."""
        assert self._client is not None
        try:
            reply = await hand_over(self._client, content, self._settings.data_timeout)
        except SMTPDataError as error:
            return self._refused_content(error)
        except asyncio.CancelledError:
            return self._nobody_knows("we were stopped while the content was on its way")
        except (SMTPException, OSError) as error:
            return self._nobody_knows(f"{type(error).__name__} while the content was on its way: {error}")
        self._open_mail = False
        return Accepted(reply.code, one_line(reply.message))

    def _refused_content(self, error: SMTPDataError) -> DeliveryResult:
        """Return what an answer other than 354 or 250 means; a 354 to the final dot means nothing at all."""
        if error.code // 100 == 3:
            return self._nobody_knows(f"the server answered {error.code} to the content")
        return result_of(self.account, error.code, error.message)

    def _at_this_mail(self, error: HelpdeskError) -> HelpdeskError:
        """End the session; return the error, which says whether there was one that this mail has ended."""
        if isinstance(error, TransportUnavailable):
            error.at_mail = self._client is not None
        self._drop()
        return error

    def _nobody_knows(self, detail: str) -> Ambiguous:
        self._drop()
        return Ambiguous(detail)

    async def _session(self) -> tuple[aiosmtplib.SMTP, bool]:
        """Return a live session, and whether it is a new one."""
        now = asyncio.get_running_loop().time()
        idle, self._last_used = now - self._last_used, now
        if self._client is not None and self._client.is_connected and idle < _RENEW_AFTER:
            return self._client, False
        await self.close()
        self._client, self._open_mail = await connect(self._settings), False
        return self._client, True

    def _drop(self) -> None:
        """Close the connection without a word."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _options(client: aiosmtplib.SMTP, wire: WireEnvelope, content: bytes) -> list[bytes]:
    """Return MAIL's parameters: the size (RFC 1870), 8-bit content (RFC 6152), international addresses (RFC 6531)."""
    options = []
    if client.supports_extension("size"):
        options.append(b"SIZE=%d" % len(content))
    if not content.isascii() and client.supports_extension("8bitmime"):
        options.append(b"BODY=8BITMIME")
    if wire.utf8:
        options.append(b"SMTPUTF8")
    return options
