"""What the services need of the outside world, and the values that cross that edge.

The adapters implement these protocols; services and tests depend on nothing else of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as the server delivered it."""

    uid: int
    delivered_at: datetime  # INTERNALDATE, aware
    raw: bytes = field(repr=False)
    truncated: bool = False  # larger than the limit: headers and the first 64 KiB of body only


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A selected folder: its UIDVALIDITY and what the server can do there."""

    uidvalidity: int
    exists: int


class FilingOutcome(Protocol):
    """Which UIDs are no longer in the inbox because of us, and which were gone already."""

    @property
    def moved(self) -> Sequence[int]: ...
    @property
    def gone(self) -> Sequence[int]: ...
    @property
    def failed(self) -> str:
        """The server's words when it refused to put mails away; they stay where they are."""


class Mailbox(Protocol):
    """One IMAP mailbox over one connection, used by one thread.

    Every method may raise MailboxUnavailable (try again later) or LoginRefused (a person must act).
    """

    name: str

    def open(self) -> FolderStatus:
        """Connect and log in if need be, and select the folder anew."""

    def candidates(self, since: date | None) -> list[int]:
        """Return the UIDs in the folder, ascending; `since` lets the server leave older days out."""

    def fetch(self, uids: Sequence[int], since: datetime | None = None) -> Iterator[list[FetchedMail]]:
        """Yield the mails delivered since then, in batches bounded by count and bytes, without setting any flag."""

    def file_away(self, uids: Sequence[int]) -> FilingOutcome:
        """Move, keep, flag or delete the server's copies, as `after_intake` says; a vanished UID is success."""

    def wait(self, seconds: float) -> bool:
        """Wait in IDLE for news, at most so long; True if there may be some. Returns at once without IDLE."""

    def interrupt(self) -> None:
        """End the present wait, or the next one, from another thread."""

    def close(self) -> None:
        """Log out if possible; never raises."""

    def arm(self) -> None:
        """Forget an earlier `abort`: a new poll begins, with a deadline of its own."""

    def abort(self) -> None:
        """Cut the connection, and every one made before the next `arm`, from another thread: a hung call ends."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail for one recipient, as it goes on the wire. `sender` may be "" (the null reverse-path)."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility: 2yz after the final dot."""

    code: int
    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """The server said "not now" (4yz) for this mail."""

    code: int
    enhanced: str
    reply: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The server said no (5yz) for this mail."""

    code: int
    enhanced: str
    reply: str
    at_sender: bool = False  # to MAIL: before it heard of the recipient


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The connection ended while the content was on its way: nobody knows whether it was taken."""

    detail: str


DeliveryResult = Accepted | Deferred | Rejected | Ambiguous


class Withheld(Exception):  # nothing went wrong
    """A mail was announced and then not cleared: nothing of its content has left."""


Clearance = Callable[[], Awaitable[None]]  # returns once a mail's content may leave; raises Withheld if it may not


async def at_once() -> None:
    """The clearance of a mail that nobody keeps a record of."""


class Transport(Protocol):
    """One SMTP account over one persistent connection, used by one task at a time."""

    account: str

    async def send(self, envelope: Envelope, cleared: Clearance = at_once) -> DeliveryResult:
        """Hand one mail over.

        `cleared` is awaited when the envelope was accepted, before the first byte of DATA: so what must be on record
        by then is written while the server looks at the envelope. What it raises comes through.
        Raises TransportUnavailable or LoginRefused when nothing was handed over for a reason
        that is not the mail's: no attempt is charged to it.
        """

    async def close(self) -> None:
        """End the session politely if possible; never raises."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a template makes: one line of subject, plain text, and HTML with the same words."""

    subject: str
    text: str
    html: str
