"""The minimal path: what can be said of a mail without trusting any parser to survive it.

From, Subject and Message-ID by a bounded scan of at most 64 KiB of header bytes; everything else is the raw
mail, attached whole (RELIABILITY 2.5). A person wrote it, so the desk still gets a ticket.
"""

from __future__ import annotations

import re
from hashlib import sha256

from helpdesk.desk.keys import tagged_numbers
from helpdesk.desk.thread import ThreadHints
from helpdesk.mail.authentication import authenticate
from helpdesk.mail.classify import Reason
from helpdesk.mail.message import Address, Attachment, Classification, Headers, InboundMessage, MessageKind
from helpdesk.services.desk import Desk
from helpdesk.services.facts import Understood
from helpdesk.store.claims import ClaimedEntry

SCANNED = 64 * 1024  # bytes of header that are looked at
MAX_VALUE = 400  # characters kept of a header
_FIELD = re.compile(rb"^(from|subject|message-id)[ \t]*:[ \t]*([^\r\n]{0,2000})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_MESSAGE_ID = re.compile(r"<([!-;=?-~]{1,200})>")
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
NOTICE = "This mail could not be read. It is attached as it came in."


def understand_little(entry: ClaimedEntry, desk: Desk, failure: str) -> Understood:
    """Return the entry as the minimal path understands it; `failure` says why it came to that."""
    message = little_message(entry.raw)
    return Understood(
        entry,
        message,
        Classification(MessageKind.PERSONAL, Reason.PERSONAL, "it could not be read, and is taken for a person's"),
        authenticate(message, "none", ""),
        ThreadHints((), tagged_numbers(message.subject, desk.prefixes)),
        failure=failure,
    )


def little_message(raw: bytes) -> InboundMessage:
    """Return a message of the few headers that a bounded scan finds, and the whole mail as its attachment."""
    fields = _scan(raw[:SCANNED])
    author = _ADDRESS.search(fields.get("from", ""))
    address = Address("", author[0].lower()) if author else None
    identifier = _MESSAGE_ID.search(fields.get("message-id", ""))
    return InboundMessage(
        author=address,
        authors=(address,) if address else (),
        sender=None,
        reply_to=(),
        to=(),
        cc=(),
        return_path=None,
        subject=fields.get("subject", ""),
        date=None,
        message_id=identifier[1] if identifier else "",
        in_reply_to=(),
        references=(),
        text=NOTICE,
        new_text=NOTICE,
        html="",
        attachments=(Attachment("message.eml", "message/rfc822", raw),),
        headers=Headers(tuple(fields.items())),
        defects=(),
        content_digest=sha256(raw).hexdigest(),
        size=len(raw),
    )


def _scan(head: bytes) -> dict[str, str]:
    header = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    found: dict[str, str] = {}
    for match in _FIELD.finditer(header):
        value = _UNSHOWABLE.sub(" ", match[2].decode("utf-8", "replace")).strip()
        found.setdefault(match[1].decode("ascii").lower(), value[:MAX_VALUE])
    return found
