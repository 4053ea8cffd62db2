"""What a mail of ours may say: the facts that a template can name, and nothing else.

Built by `services`, rendered by the templates adapter. All instants are aware UTC; the templates
turn them into the queue's local time. A letter to an unverified stranger carries `neutral=True`:
its template then repeats nothing that the stranger chose (RELIABILITY 2.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.desk.terms import NotificationKind, Person, State


@dataclass(frozen=True, slots=True)
class DeskIdentity:
    """The desk as it signs: name, phone, legal footer, privacy notice; any may be empty."""

    name: str = ""
    phone: str = ""
    footer: str = ""
    privacy_url: str = ""


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """The product's line as a letter shows it; `zone` is an IANA name."""

    name: str
    address: str
    from_name: str
    zone: str


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """The ticket as a letter shows it. `react_by` is None where no time is promised to this reader."""

    key: str
    subject: str
    state: State
    priority: int
    requester: Person
    delivered_at: datetime
    received_at: datetime
    react_by: datetime | None
    organisation: str = ""
    plan: str = ""
    assignee: Person | None = None
    tags: tuple[str, ...] = ()

    @property
    def counts_later(self) -> bool:
        """Whether it counts as received later than it was delivered: it came out of hours."""
        return self.received_at > self.delivered_at


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment as a letter lists it; `enclosed` when its bytes travel along. `size` in bytes."""

    name: str
    size: int
    enclosed: bool


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something somebody wrote on the ticket."""

    author: Person
    at: datetime
    text: str
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed on a ticket: `what` is a fixed word (state, assignee, priority, queue, tags, kind)."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person, before it has words."""

    kind: NotificationKind
    language: str
    recipient: Person
    desk: DeskIdentity
    queue: QueueFacts
    ticket: TicketFacts
    author: Person | None = None  # who wrote `text`, or who made the change
    text: str = ""  # the words this letter is about
    enclosures: tuple[Enclosure, ...] = ()
    previous: tuple[Utterance, ...] = ()  # the exchange before it, newest first
    changes: tuple[Change, ...] = ()
    internal: bool = False  # the words are a note among consultants
    unconfirmed: bool = False  # the author's identity is not certain
    reopened: bool = False
    neutral: bool = False  # to an unverified stranger: repeat nothing they chose
    reopen_within: timedelta | None = None  # how long a closed ticket can be woken by a reply
    problem: str = ""  # NOTICE_UNDELIVERED: what the server said
    failed_recipient: str = ""  # NOTICE_UNDELIVERED: who did not get our mail
