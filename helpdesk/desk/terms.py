"""The vocabulary of the desk: closed sets of words and small frozen values.

Members' values are the words of the JSON output (CONTRACT); they are stored as they stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands; PENDING waits for the customer."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def has_ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self in (State.RESOLVED, State.CLOSED)


class TicketKind(StrEnum):
    ERROR = "error"
    OTHER = "other"


class Origin(StrEnum):
    MAIL = "mail"
    PORTAL = "portal"
    PHONE = "phone"


class Visibility(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"


class Standing(StrEnum):
    """What a comment is worth: who wrote it is believed, not proven, or waits for a decision."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    HELD = "held"


class Via(StrEnum):
    MAIL = "mail"
    PORTAL = "portal"
    CLI = "cli"


class Side(StrEnum):
    """On whose side of the desk a person stands."""

    CUSTOMER = "customer"
    CONSULTANT = "consultant"


class EntryState(StrEnum):
    """A journal entry's way: RECEIVED → PROCESSED or SHUNTED."""

    RECEIVED = "received"
    PROCESSED = "processed"
    SHUNTED = "shunted"


class Filed(StrEnum):
    """What happened to the server's copy after the mail was safe with us."""

    NO = "no"
    YES = "yes"
    GONE = "gone"


class Disposition(StrEnum):
    """What became of a mail."""

    OPENED = "opened"
    COMMENTED = "commented"
    RECORDED = "recorded"
    HELD = "held"
    DUPLICATE = "duplicate"
    DISCARDED = "discarded"
    SHUNTED = "shunted"


class OutboxState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"
    MUTED = "muted"
    CANCELLED = "cancelled"


class NotificationKind(StrEnum):
    """Every mail we send; its value names its template folder. The first four tell customers of a ticket."""

    NEW = "new"
    COMMENT = "comment"
    RESOLVED = "resolved"
    CLOSED = "closed"
    NOTICE_OPENED = "notice_opened"  # consultants: a ticket was opened
    NOTICE_COMMENT = "notice_comment"  # consultants: words on a ticket
    NOTICE_CHANGED = "notice_changed"  # consultants: state, assignee, priority, queue … changed
    NOTICE_UNDELIVERED = "notice_undelivered"  # consultants: a mail of ours did not arrive
    RECEIPT = "receipt"  # a consultant: what became of their commands
    NOT_COVERED = "not_covered"  # the author: the plan is for errors only
    NOTICE_DEADLINE = "notice_deadline"  # consultants: the time to react ends soon, or has ended
    NOTICE_DIGEST = "notice_digest"  # a consultant: what lies before them, in the morning
    NOTICE_CONTRACTS = "notice_contracts"  # the admin: contracts that end
    FORWARDED = "forwarded"  # a partner: a ticket that a rule passes on to them
    REJECTED = "rejected"  # the author: a rule opens no ticket for this mail
    NOTICE_ON_CALL = "notice_on_call"  # who is on call: an urgent ticket out of hours
    NOTICE_RULES = "notice_rules"  # the admin: an edit of the rules was refused
    ASK_CONTACT = "ask_contact"  # the customer's contact: may a colleague take part?
    AWAITS_CONTACT = "awaits_contact"  # a colleague: their ticket begins with the contact's yes
    TURNED_AWAY = "turned_away"  # a colleague: their words were not taken in, the contact's are
    CHALLENGE = "challenge"  # a participant: did you write this?
    CONSENT = "consent"  # the customer: may we help you remotely?
    INVITATION = "invitation"  # the customer: a visit, or its newest state, for their calendar
    INVITATION_CANCELLED = "invitation_cancelled"  # the customer: a visit is called off
    NOTICE_VISIT = "notice_visit"  # consultants: a visit for their calendar, or what the customer answers to it
    CONFIRM_CALL = "confirm_call"  # the customer: is this call yours?
    REMINDER = "reminder"  # the customer's side: we still wait for an answer
    NOTICE_STALE = "notice_stale"  # consultants: nothing happens on a ticket
    HELD_BACK = "held_back"  # the author: yesterday's tickets that were not acknowledged one by one
    ANSWER = "answer"  # a consultant: what became of commands that are about no ticket

    @property
    def for_customers(self) -> bool:
        return self in CUSTOMER_NOTIFICATIONS

    @property
    def about_a_ticket(self) -> bool:
        """Whether the mail is about one ticket, and its subject begins with that ticket's key."""
        return self not in _ABOUT_NO_TICKET


CUSTOMER_NOTIFICATIONS = frozenset(
    {
        NotificationKind.NEW,
        NotificationKind.COMMENT,
        NotificationKind.RESOLVED,
        NotificationKind.CLOSED,
        NotificationKind.NOT_COVERED,
        NotificationKind.CONSENT,
        NotificationKind.INVITATION,
        NotificationKind.INVITATION_CANCELLED,
        NotificationKind.REJECTED,
        NotificationKind.ASK_CONTACT,
        NotificationKind.AWAITS_CONTACT,
        NotificationKind.TURNED_AWAY,
        NotificationKind.CHALLENGE,
        NotificationKind.CONFIRM_CALL,
        NotificationKind.REMINDER,
        NotificationKind.HELD_BACK,
    }
)
_ABOUT_NO_TICKET = frozenset(
    {
        NotificationKind.NOTICE_DIGEST,
        NotificationKind.NOTICE_CONTRACTS,
        NotificationKind.REJECTED,
        NotificationKind.HELD_BACK,
        NotificationKind.NOTICE_RULES,
        NotificationKind.ANSWER,
    }
)


class GuaranteeReason(StrEnum):
    """Why the guaranteed reaction time binds for a ticket, or does not."""

    HOLDS = "holds"
    NO_PLAN = "no_plan"
    NO_REACTION_IN_PLAN = "no_reaction_in_plan"
    CHANNEL = "channel"
    CAP_REACHED = "cap_reached"
    NOT_COVERED = "not_covered"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Whether the plan's reaction time is promised for this ticket, and why."""

    holds: bool
    reason: GuaranteeReason


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a name and an address, inside or outside."""

    name: str
    addr: str

    @property
    def shown(self) -> str:
        """The name, or the address of someone who has none."""
        return self.name or self.addr


CLOCK = Person("", "")  # the author of what nobody says: a reminder, a warning, a closing by time


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: which question, what was decided, and what decided it."""

    step: str  # classify, sender, thread, route, receipt, acknowledge …
    outcome: str
    why: str
