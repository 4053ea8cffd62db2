"""Who is told what: CONTRACT's table "Who gets which mail" as code.

Called by `services` with what happened and the people on the ticket. Nobody is told of their own doing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.desk.terms import NotificationKind, Person


class Occasion(StrEnum):
    """What people may have to be told about."""

    OPENED = "opened"
    CUSTOMER_WORDS = "customer_words"
    UNCONFIRMED_WORDS = "unconfirmed_words"  # by somebody whose part in the ticket is not certain
    CONSULTANT_WORDS = "consultant_words"
    NOTE = "note"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CHANGED = "changed"  # assignee, priority, queue, tags, pending, reopened
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class People:
    """Everyone who has to do with a ticket, by role; addresses are case-folded."""

    participants: tuple[Person, ...]
    assignee: Person | None = None
    queue: tuple[Person, ...] = ()
    watchers: tuple[Person, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # where participants want their mail, if not at home
    stand_ins: tuple[Person, ...] = ()  # for an assignee, or a whole queue, that is away

    @property
    def responsible(self) -> tuple[Person, ...]:
        """The assignee, else everyone of the queue; and who stands in for them."""
        return ((self.assignee,) if self.assignee else self.queue) + self.stand_ins


@dataclass(frozen=True, slots=True)
class Notification:
    """One mail to write: which, and to whom."""

    kind: NotificationKind
    recipient: Person


def notifications_for(
    occasion: Occasion, people: People, actor: Person, *, acknowledge: bool = True, silent: bool = False
) -> tuple[Notification, ...]:
    """Return the mails an occasion calls for, each person once, never the actor's own doing back to them.

    `acknowledge` is about the author's `new`; `silent` leaves the customer's side out.
    """
    customers: list[Notification] = []
    if occasion is Occasion.OPENED and acknowledge:
        customers = [Notification(NotificationKind.NEW, actor)] if actor.addr else []
    elif occasion in _CUSTOMERS:
        customers = _to(_CUSTOMERS[occasion], people.participants, actor)
    notices = _to(_NOTICES[occasion], _concerned(occasion, people), actor)
    return tuple(([] if silent else customers) + notices)


def directed(
    notifications: Sequence[Notification], elsewhere: Mapping[str, str], actor: Person
) -> tuple[Notification, ...]:
    """Return the mails to where their readers want them: each address once, and never the actor's own doing back."""
    found: dict[tuple[NotificationKind, str], Notification] = {}
    for one in notifications:
        addr = elsewhere.get(one.recipient.addr, "") if one.kind.for_customers else ""
        if addr == actor.addr and addr:
            continue
        recipient = Person(one.recipient.name, addr) if addr else one.recipient
        found.setdefault((one.kind, recipient.addr), Notification(one.kind, recipient))
    return tuple(found.values())


_CUSTOMERS = {
    Occasion.CUSTOMER_WORDS: NotificationKind.COMMENT,
    Occasion.CONSULTANT_WORDS: NotificationKind.COMMENT,
    Occasion.RESOLVED: NotificationKind.RESOLVED,
    Occasion.CLOSED: NotificationKind.CLOSED,
}
_NOTICES = {
    Occasion.OPENED: NotificationKind.NOTICE_OPENED,
    Occasion.CUSTOMER_WORDS: NotificationKind.NOTICE_COMMENT,
    Occasion.UNCONFIRMED_WORDS: NotificationKind.NOTICE_COMMENT,
    Occasion.CONSULTANT_WORDS: NotificationKind.NOTICE_COMMENT,
    Occasion.NOTE: NotificationKind.NOTICE_COMMENT,
    Occasion.RESOLVED: NotificationKind.NOTICE_CHANGED,
    Occasion.CLOSED: NotificationKind.NOTICE_CHANGED,
    Occasion.CHANGED: NotificationKind.NOTICE_CHANGED,
    Occasion.UNDELIVERED: NotificationKind.NOTICE_UNDELIVERED,
}
_WATCHERS_ONLY = (Occasion.CONSULTANT_WORDS, Occasion.RESOLVED, Occasion.CLOSED)


def _concerned(occasion: Occasion, people: People) -> tuple[Person, ...]:
    """Customers' words and changes concern who is responsible; consultants' own doings only the watchers."""
    return people.watchers if occasion in _WATCHERS_ONLY else people.responsible + people.watchers


def _to(kind: NotificationKind, persons: Iterable[Person], actor: Person) -> list[Notification]:
    once = {person.addr: person for person in persons if person.addr and person.addr != actor.addr}
    return [Notification(kind, person) for person in once.values()]
