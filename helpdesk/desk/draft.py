"""What the line knows of a mail beside its words, and the decision while the rules are read.

`route` makes the draft, the rules' actions change it, `view` lets their conditions ask both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.desk.terms import Origin, TicketKind


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """What the line knows of a mail beside its words."""

    delivered_at: datetime
    mailbox_queue: str | None = None  # the queue of the mailbox that it came through
    delivered_to: str = ""  # our server's own delivery header, if it writes one
    organisation: str | None = None  # a customer's name in the rules
    known: bool = False  # a contact that the desk knows, though of no organisation
    language: str | None = None
    authenticated: bool = False
    spam: bool = False  # our mail server's verdict
    origin: Origin = Origin.MAIL


@dataclass(slots=True)
class Draft:
    """The decision while the rules are read, top to bottom."""

    queue: str
    plan: str | None
    language: str | None
    quarantine: bool
    priority: int = 3
    kind: TicketKind = TicketKind.ERROR
    calendar: str | None = None
    assignee: str | None = None
    round_robin: tuple[str, ...] | None = None  # who takes turns; () for everyone of the queue
    tags: list[str] = field(default_factory=list)
    watchers: list[str] = field(default_factory=list)
    template: str | None = None
    forward: str | None = None
    acknowledge: bool | None = None
    reject: str | None = None
    discard: bool = False
