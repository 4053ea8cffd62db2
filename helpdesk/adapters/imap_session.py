"""One IMAP connection: made, secured and logged in, and ended from another thread if need be.

Called by ImapMailbox. imapclient does the talking (RFC 9051 and its extensions); the three things it has no hook
for are done here: a socket that can be cut while a call hangs in it, a bound on the literals that a server may
announce, and no log of what passes (it would format every mail, and the password).
"""

from __future__ import annotations

import imaplib
import socket
import ssl
import threading
from contextlib import suppress

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from helpdesk.adapters.imap_account import ImapAccount
from helpdesk.adapters.tls import client_context, shows_secrets
from helpdesk.errors import MailboxUnavailable


class Cutter:
    """Ends a connection from another thread.

    It keeps a duplicate of the socket: closing would not wake a thread that reads, shutting down does, and a
    duplicate still names the connection after TLS has taken the original over.
    """

    def __init__(self) -> None:
        self._lock, self._socket = threading.Lock(), None
        self.has_cut = False

    _socket: socket.socket | None

    def arm(self) -> None:
        """Begin a new round: forget an earlier cut."""
        self.has_cut = False

    def watch(self, connection: socket.socket) -> None:
        """Take charge of a new connection; ConnectionAbortedError if the cut came before it."""
        with self._lock:
            self._close()
            if self.has_cut:
                connection.close()
                raise ConnectionAbortedError("cut off while connecting")
            self._socket = connection.dup()

    def cut(self) -> None:
        """End the connection now; a call that hangs in it fails at once."""
        with self._lock:
            self.has_cut = True
            if self._socket is not None:
                with suppress(OSError):  # the server was quicker
                    self._socket.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let go of the connection, without ending it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Wire(imaplib.IMAP4):
    """imaplib's connection with our socket under it."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext | None, cutter: Cutter) -> None:
        self._context, self._cutter = context, cutter
        # RFC822.SIZE is a hint only (Exchange estimates); four times the limit is a lie, not an estimate.
        self._longest = 4 * max(account.max_size, account.batch_bytes)
        super().__init__(account.host, account.port, account.connect_timeout)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        connection = socket.create_connection((self.host, self.port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # imapclient sends a line in two pieces
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # IDLE is silent for minutes
        self._cutter.watch(connection)
        if self._context is None:
            return connection
        return self._context.wrap_socket(connection, server_hostname=self.host)

    def read(self, size: int) -> bytes:
        if size > self._longest:
            raise self.abort(f"the server announces a literal of {size} bytes")
        return super().read(size)


class Client(IMAPClient):  # type: ignore[misc]  # imapclient carries no types
    """IMAPClient over our wire; times are aware."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext | None, cutter: Cutter) -> None:
        implicit = account.security == "tls"
        self._wire = account, context if implicit else None, cutter
        timeout = SocketTimeout(account.connect_timeout, account.command_timeout)
        super().__init__(account.host, account.port, ssl=implicit, timeout=timeout)
        self._imap.debug = 0
        self.normalise_times = False

    def _create_IMAP4(self) -> _Wire:  # noqa: N802 - imapclient's name
        return _Wire(*self._wire)


def connect(account: ImapAccount, cutter: Cutter) -> Client:
    """Return a client that is logged in. No byte of the login leaves before TLS is verified (RFC 8314 §3)."""
    if shows_secrets(account.host, account.security, allow_plaintext=account.allow_plaintext):
        raise MailboxUnavailable(account.name, "tls", "security is 'plain': no login crosses a network in the open")
    context = None if account.security == "plain" else client_context(account.ca_file)
    client = Client(account, context, cutter)
    try:
        if account.security == "starttls":
            _start_tls(client, account, context)
        _log_in(client, account)
    except LoginError:
        end(client)
        if account.token is not None and account.token.forget():
            return connect(account, cutter)  # it was revoked before its time: once more, with a new one
        raise
    except BaseException:
        end(client)
        raise
    return client


def end(client: Client) -> None:
    """Close the connection without a word."""
    with suppress(OSError, imaplib.IMAP4.error):  # there is nothing left to lose
        client.shutdown()


def _start_tls(client: Client, account: ImapAccount, context: ssl.SSLContext | None) -> None:
    """Turn to TLS; a server that doesn't offer it, or a network that hides the offer, ends the attempt."""
    if not client.has_capability("STARTTLS"):
        raise MailboxUnavailable(account.name, "tls", f"{account.server} offers no STARTTLS")
    try:
        client.starttls(context)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:  # NO, BAD, or a greeting that claims we are logged in already
        raise MailboxUnavailable(account.name, "tls", f"{account.server} refuses STARTTLS: {error}") from error


def _log_in(client: Client, account: ImapAccount) -> None:
    """Log in by token or password; AUTHENTICATE PLAIN first, since LOGIN can't carry every name (RFC 4616)."""
    if account.token is not None:
        bearer = not client.has_capability("AUTH=XOAUTH2") and client.has_capability("AUTH=OAUTHBEARER")
        (client.oauthbearer_login if bearer else client.oauth2_login)(account.username, account.token())
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(account.username, account.secret())
    else:
        client.login(_quoted(account.username), account.secret())


def _quoted(name: str) -> str:
    """Return a user name as a quoted string: imaplib quotes the password only (RFC 9051 §4.3)."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
