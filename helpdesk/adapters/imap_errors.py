"""IMAP's many ways to fail, as the two that matter to us: try again later, or a person must act.

Called by ImapMailbox at its edge. imaplib, imapclient, ssl and the socket each raise their own kinds; a server that
lies about lengths or grammar shows as ValueError, LookupError, MemoryError or RecursionError of the parser.
"""

from __future__ import annotations

import imaplib
import re
import ssl

from imapclient.exceptions import LoginError

from helpdesk.errors import HelpdeskError, LoginRefused, MailboxUnavailable

FOREIGN = (OSError, imaplib.IMAP4.error, ValueError, LookupError, MemoryError, RecursionError)

# Response codes of RFC 5530, and how servers without them say "not now".
_BUSY = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again|temporar", re.IGNORECASE)


def translate(error: BaseException, mailbox: str, server: str) -> HelpdeskError:
    """Return our error for a foreign one: connect, tls, timeout, broken, busy or protocol, and by which server."""
    if isinstance(error, LoginError):
        return _failed_login(error, mailbox, server)
    reason, detail = _reason(error, server)
    return MailboxUnavailable(mailbox, reason, detail)


def is_refusal(error: imaplib.IMAP4.error) -> bool:
    """Whether the server said NO to a command it knows; the connection is in order (RFC 9051 §7.1)."""
    return not isinstance(error, imaplib.IMAP4.abort) and "command error: BAD" not in str(error)


def refusal_text(error: imaplib.IMAP4.error) -> str:
    """Return the server's words, without imapclient's "move failed:" before them."""
    return str(error).partition(" failed: ")[2] or str(error)


def _failed_login(error: LoginError, mailbox: str, server: str) -> HelpdeskError:
    # imapclient makes a LoginError of everything that ends a login, a dropped connection included.
    cause = error.__context__
    if isinstance(cause, imaplib.IMAP4.abort):
        return MailboxUnavailable(mailbox, "broken", f"{server} ended the connection during login: {cause}")
    text = refusal_text(error)
    if _BUSY.search(text):
        return MailboxUnavailable(mailbox, "busy", f"{server} takes no login now: {text}")
    return LoginRefused(f"mailbox {mailbox}", text)


def _reason(error: BaseException, server: str) -> tuple[str, str]:
    match error:
        case ssl.SSLCertVerificationError():
            return "tls", f"the certificate of {server} is not trusted: {error.verify_message}"
        case ssl.SSLZeroReturnError() | ssl.SSLEOFError():
            return "broken", f"{server} ended the encrypted connection"
        case ssl.SSLError():
            return "tls", f"TLS with {server} failed: {error.reason or error}"
        case TimeoutError():
            return "timeout", f"{server} doesn't answer"
        case ConnectionRefusedError():
            return "connect", f"{server} refuses connections"
        case ConnectionError():
            return "broken", f"the connection to {server} ended: {error}"
        case OSError():
            return "connect", f"{server} can't be reached: {error.strerror or error}"
        case imaplib.IMAP4.abort():
            return "broken", f"the connection to {server} ended: {error}"
        case imaplib.IMAP4.error():
            return ("busy" if _is_busy(error) else "protocol"), f"{server} refused: {refusal_text(error)}"
        case _:
            return "protocol", f"the answer of {server} makes no sense: {type(error).__name__}: {str(error)[:200]}"


def _is_busy(error: imaplib.IMAP4.error) -> bool:
    """Whether the server will do it another time; a BYE for greeting means too many connections, or a restart."""
    text = str(error)
    return bool(_BUSY.search(text)) or "BYE" in text
