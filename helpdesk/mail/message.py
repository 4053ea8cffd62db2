"""The values that the mail floor hands upwards: a message read, and what kind it is.

Everything here is frozen; all text is free of NUL and lone surrogates, so that it can be stored and shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """Who or what made a message (RFC 3834, 3464, 8098, 2369, 2919); OWN is our own mail coming back."""

    PERSONAL = "personal"
    AUTO_REPLIED = "auto_replied"
    AUTO_GENERATED = "auto_generated"
    DELIVERY_REPORT = "delivery_report"
    DISPOSITION_REPORT = "disposition_report"
    LIST = "list"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Address:
    """An RFC 5322 mailbox: display name and addr-spec, the domain in lower case."""

    name: str
    addr: str

    @property
    def key(self) -> str:
        """The address as people compare it: without regard to case."""
        return self.addr.casefold()

    @property
    def domain(self) -> str:
        return self.addr.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text. `name` is safe to use as a file name."""

    name: str
    type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""

    @property
    def size(self) -> int:
        """Decoded size in bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Defect:
    """Something wrong in a message that was read all the same; `code` is a fixed word."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in order, decoded (RFC 2047) and unfolded."""

    fields: tuple[tuple[str, str], ...] = ()
    _first: dict[str, str] = field(init=False, repr=False, compare=False)  # asked twenty times for a mail

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", {name.lower(): value for name, value in reversed(self.fields)})

    def get(self, name: str, default: str = "") -> str:
        """Return the first field of that name, whatever its case."""
        return self._first.get(name.lower(), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every field of that name, in order."""
        wanted = name.lower()
        if wanted not in self._first:
            return ()
        return tuple(value for key, value in self.fields if key.lower() == wanted)


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What a delivery report says of one recipient (RFC 3464 §2.3)."""

    recipient: str
    action: str  # failed, delayed, delivered, relayed, expanded; "" if not said
    status: str  # enhanced status code (RFC 3463), e.g. "5.1.1"; "" if not said
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A delivery report: of which outgoing message, about whom."""

    recipients: tuple[RecipientReport, ...]
    original_message_ids: tuple[str, ...] = ()  # without brackets, strongest first
    original_envelope_id: str = ""

    @property
    def first(self) -> RecipientReport | None:
        return self.recipients[0] if self.recipients else None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """An RFC 5322 message as read from its bytes; message ids stand without angle brackets."""

    author: Address | None  # the first valid From address; None when there is none
    authors: tuple[Address, ...]  # all of From
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    return_path: str | None  # "" is the null reverse-path; None when the header is absent
    subject: str
    date: datetime | None  # what the sender claims, aware
    message_id: str  # "" when absent or unusable
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]  # oldest first, as in the header
    text: str  # the whole text
    new_text: str  # what the author wrote now; never empty unless text is
    html: str  # sanitised; "" when there was none
    attachments: tuple[Attachment, ...]
    headers: Headers
    defects: tuple[Defect, ...]
    content_digest: str  # SHA-256, hex: what makes two copies of one mail the same (RELIABILITY 2.1)
    size: int  # of the raw bytes
    report: DeliveryReport | None = None  # set for delivery reports

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everyone in To and Cc, in header order."""
        return self.to + self.cc


@dataclass(frozen=True, slots=True)
class Classification:
    """What kind of mail it is and which header or phrase decided."""

    kind: MessageKind
    reason: str  # a member of mail.classify.Reason
    detail: str = ""
