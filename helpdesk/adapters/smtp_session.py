"""One SMTP session: connected, encrypted and logged in, or an error that says who must act.

Called by SmtpTransport. aiosmtplib does the talking; of its conveniences `login()` is left aside, since it tries
every method in turn, and three wrong passwords for one are how accounts get locked.
"""

from __future__ import annotations

import asyncio
import ssl

import aiosmtplib
from aiosmtplib.errors import SMTPAuthenticationError, SMTPException, SMTPResponseException, SMTPTimeoutError

from helpdesk.adapters.smtp_account import SmtpAccount
from helpdesk.adapters.smtp_replies import one_line, raise_if_about_account
from helpdesk.adapters.tls import client_context, shows_secrets
from helpdesk.errors import HelpdeskError, LoginRefused, TransportUnavailable

FOREIGN = (SMTPException, OSError, ValueError)


async def connect(account: SmtpAccount) -> aiosmtplib.SMTP:
    """Return a session ready for MAIL. No byte of the login leaves before TLS is verified (RFC 8314 §3).

    Raises LoginRefused or TransportUnavailable.
    """
    if shows_secrets(account.host, account.security, allow_plaintext=account.allow_plaintext):
        raise TransportUnavailable(account.name, "tls", "security is 'plain': no mail crosses a network in the open")
    client = aiosmtplib.SMTP()
    try:
        client = _client(account)
        await client.connect(timeout=account.connect_timeout)
        await client.ehlo()
        if account.username:
            await _log_in(client, account)
    except FOREIGN as error:
        client.close()
        if isinstance(error, SMTPAuthenticationError) and account.token is not None and account.token.forget():
            return await connect(account)  # it was revoked before its time: once more, with a new one
        raise translate(error, account) from error
    except BaseException:
        client.close()
        raise
    return client


def translate(error: Exception, account: SmtpAccount) -> HelpdeskError:
    """Return our error for one that came before a mail was handed over."""
    name, server = account.name, account.server
    root = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(root, ssl.SSLCertVerificationError):
        return TransportUnavailable(name, "tls", f"the certificate of {server} is not trusted: {root.verify_message}")
    if isinstance(root, ssl.SSLError):
        return TransportUnavailable(name, "tls", f"TLS with {server} failed: {root.reason or root}")
    if isinstance(error, SMTPResponseException):
        return _from_reply(error, name)
    if isinstance(error, SMTPTimeoutError):
        return TransportUnavailable(name, "timeout", f"{server} doesn't answer: {error.message}")
    if isinstance(error, OSError):  # aiosmtplib's SMTPConnectError and SMTPServerDisconnected among them
        return TransportUnavailable(name, "connect", _unreached(server, root))
    tls = "STARTTLS" in str(error)
    return TransportUnavailable(name, "tls" if tls else "protocol", f"{server}: {one_line(str(error))}")


def _unreached(server: str, error: OSError | Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"{server} refuses connections"
    return f"{server} can't be reached: {getattr(error, 'strerror', None) or error}"


def _client(account: SmtpAccount) -> aiosmtplib.SMTP:
    plain = account.security == "plain"
    return aiosmtplib.SMTP(
        hostname=account.host,
        port=account.port,
        use_tls=account.security == "tls",
        start_tls=account.security == "starttls",
        tls_context=None if plain else client_context(account.ca_file),
        local_hostname=account.local_hostname or None,
        timeout=account.command_timeout,
    )


async def _log_in(client: aiosmtplib.SMTP, account: SmtpAccount) -> None:
    """Log in by one method, once: a token if there is one, else PLAIN, LOGIN or CRAM-MD5 as offered."""
    offered = client.server_auth_methods
    if account.token is not None:
        await client.auth_xoauth2(account.username, await asyncio.to_thread(account.token))
    elif "plain" in offered:
        await client.auth_plain(account.username, account.secret())
    elif "login" in offered:
        await client.auth_login(account.username, account.secret())
    elif "cram-md5" in offered:
        await client.auth_crammd5(account.username, account.secret())
    else:
        raise LoginRefused(f"SMTP account {account.name}", "the server offers no login that we know")


def _from_reply(error: SMTPResponseException, account: str) -> HelpdeskError:
    text = one_line(error.message)
    try:
        raise_if_about_account(account, error.code, text)
    except HelpdeskError as about_account:
        return about_account
    if isinstance(error, SMTPAuthenticationError) and error.code // 100 == 5:
        return LoginRefused(f"SMTP account {account}", f"{error.code} {text}")
    reason = "busy" if error.code // 100 == 4 else "refused"
    return TransportUnavailable(account, reason, f"the server says {error.code} {text}")
