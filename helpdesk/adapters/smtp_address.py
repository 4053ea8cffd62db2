"""Addresses as they go on the wire (RFC 5321 §4.1.2, RFC 6531). Called by SmtpTransport."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.services.ports import Envelope, Rejected

# aiosmtplib would cut an address off at a line break without a word; what can't be one never reaches it.
_MAILBOX = re.compile(
    r"(?P<local>[^\s<>\"@\x00-\x20\x7f]+|\"[^\"\x00-\x1f\x7f]*\")@(?P<domain>[^\s<>\"@\x00-\x20\x7f]+)"
)


@dataclass(frozen=True, slots=True)
class WireEnvelope:
    """The arguments of MAIL and RCPT; `utf8` if the server must know SMTPUTF8 for them."""

    sender: bytes
    recipient: bytes
    utf8: bool


def wire_envelope(envelope: Envelope) -> WireEnvelope | Rejected:
    """Return the envelope in wire form, or the refusal of an address that can't be put on the wire."""
    sender = _path(envelope.sender) if envelope.sender else b"<>"
    recipient = _path(envelope.recipient)
    if sender is None or recipient is None:
        return Rejected(501, "5.1.3" if recipient is None else "5.1.7", "not an address: never sent")
    return WireEnvelope(sender, recipient, not (sender.isascii() and recipient.isascii()))


def _path(address: str) -> bytes | None:
    """Return an address in angle brackets, an international domain in its ASCII form; None if it is no address."""
    match = _MAILBOX.fullmatch(address)
    if match is None:
        return None
    try:
        domain = match["domain"] if match["domain"].isascii() else match["domain"].encode("idna").decode()
        return f"<{match['local']}@{domain}>".encode()
    except UnicodeError:
        return None
