"""What an SMTP reply means for the mail at hand, or for the account it was tried on (RFC 5321 §4.2, RFC 3463).

Called by SmtpTransport. A reply about the account (not now, not you, too fast) is raised: no attempt is charged to
the mail. Everything else is a value.
"""

from __future__ import annotations

import re
from dataclasses import replace

from helpdesk.errors import LoginRefused, TransportUnavailable
from helpdesk.services.ports import Accepted, Deferred, DeliveryResult, Rejected

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\s*")
_LOGIN_CODES = {530, 534, 535, 538}
_ACCOUNT_CODES = {421, 454}
# Servers throttle under many codes; greylisting, which is the recipient's, never says it in these words.
_RECIPIENTS_OWN = re.compile(r"4\.[1235]\.")  # its address, its mailbox, its system: no word about us (RFC 3463)
_THROTTLE = re.compile(r"throttl|sending rate|rate limit|too many (?:messages|e-?mails|connections)", re.IGNORECASE)


def result_of(account: str, code: int, message: str) -> DeliveryResult:
    """Return what the reply to RCPT, DATA or the final dot means for the mail.

    Raises LoginRefused or TransportUnavailable when it is about the account.
    """
    text = one_line(message)
    if code // 100 == 2:
        return Accepted(code, text)
    if not _RECIPIENTS_OWN.match(text) or code in _ACCOUNT_CODES:
        raise_if_about_account(account, code, text)
    enhanced, reply = _split(text)
    return Rejected(code, enhanced, reply) if code // 100 == 5 else Deferred(code, enhanced, reply)


def result_of_sender(account: str, code: int, message: str) -> DeliveryResult:
    """Return what the reply to MAIL means; before a recipient is named, "4.7.x" is about the account as well."""
    text = one_line(message)
    if code // 100 == 4 and text.startswith("4.7."):
        raise TransportUnavailable(account, "throttled", f"the server says {code} {text}")
    raise_if_about_account(account, code, text)
    result = result_of(account, code, message)
    return replace(result, at_sender=True) if isinstance(result, Rejected) else result


def raise_if_about_account(account: str, code: int, text: str) -> None:
    """Raise LoginRefused or TransportUnavailable if the reply is about us rather than about a mail."""
    if code in _LOGIN_CODES:
        raise LoginRefused(f"SMTP account {account}", f"{code} {text}")
    if code // 100 == 4 and _THROTTLE.search(text):
        raise TransportUnavailable(account, "throttled", f"the server says {code} {text}")
    if code in _ACCOUNT_CODES:
        raise TransportUnavailable(account, "busy", f"the server says {code} {text}")
    if code // 100 not in {2, 4, 5}:
        raise TransportUnavailable(account, "protocol", f"the server's answer makes no sense: {code} {text}")


def one_line(message: str) -> str:
    """Return a reply's text as one line that can be stored: no line breaks, no bytes that were not UTF-8."""
    return " ".join(message.encode("utf-8", "replace").decode().split())


def _split(text: str) -> tuple[str, str]:
    """Return the enhanced status code, if there is one, and the words behind it."""
    match = _ENHANCED.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)
