"""A mail made of its ENVELOPE, where a server gives no body for it (RFC 9051 §7.5.2). Called by ImapMailbox.

A person wrote it, so the desk gets a ticket that says who, what about, and that the rest is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpdesk.adapters.imap_fetch import Listed
from helpdesk.adapters.imap_session import Client
from helpdesk.services.ports import FetchedMail

NOTICE = b"The mail server gave no body for this mail, however often it was asked.\r\n"


def from_envelope(client: Client, listed: Listed) -> FetchedMail | None:
    """Return a mail with the headers that the envelope holds and a notice for its text; None if it has vanished."""
    envelope: Any = client.fetch([listed.uid], ["ENVELOPE"]).get(listed.uid, {}).get(b"ENVELOPE")
    if envelope is None:
        return None
    fields = (
        (b"From", _addresses(envelope.from_)),
        (b"To", _addresses(envelope.to)),
        (b"Cc", _addresses(envelope.cc)),
        (b"Subject", envelope.subject or b""),
        (b"Message-ID", envelope.message_id or b""),
        (b"In-Reply-To", envelope.in_reply_to or b""),
    )
    header = b"".join(name + b": " + _one_line(value) + b"\r\n" for name, value in fields if value)
    return FetchedMail(listed.uid, listed.delivered_at, header + b"\r\n" + NOTICE, truncated=True)


def _addresses(persons: Sequence[Any] | None) -> bytes:
    return b", ".join(
        b"<" + person.mailbox + b"@" + person.host + b">" for person in persons or () if person.mailbox and person.host
    )


def _one_line(value: bytes) -> bytes:
    return b" ".join(value.split())
