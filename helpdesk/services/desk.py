"""What every service needs to know of this desk, and the unit of work they write in.

Made by the faces from settings and rules; replaced as a whole when the rules are reloaded, so that a
batch of mail is decided under one version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from helpdesk.desk.gate import Limits
from helpdesk.desk.hours import BusinessHours
from helpdesk.desk.keys import format_key
from helpdesk.desk.letter import DeskIdentity, Letter, QueueFacts
from helpdesk.desk.rules.ruleset import Queue, Rules
from helpdesk.desk.terms import Person
from helpdesk.desk.tokens import Keyring
from helpdesk.mail.classify import OwnIdentity
from helpdesk.mail.message import InboundMessage
from helpdesk.services.attendance import Attendance
from helpdesk.services.gatekeeping import Gatekeeper
from helpdesk.services.ports import Content
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Session

Clock = Callable[[], datetime]


class Renderer(Protocol):
    """Gives a letter its words."""

    def render(self, letter: Letter) -> Content:
        """Return subject, text and HTML. Raises TemplateError when a template can't be used."""

    def fallback(self, letter: Letter) -> Content:
        """Return plain words that need no template."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Which Authentication-Results of a mailbox are to be believed."""

    profile: str = "none"
    authserv_id: str = ""


@dataclass(frozen=True)
class Desk:
    """The desk under one version of its rules."""

    instance: str
    rules: Rules
    renderer: Renderer
    mailbox_queues: Mapping[str, str] = field(default_factory=dict)  # mailbox → queue for mail to no queue's address
    accounts: Mapping[str, str] = field(default_factory=dict)  # queue → SMTP account
    default_account: str = "default"
    witnesses: Mapping[str, Witness] = field(default_factory=dict)  # by mailbox
    delivery_headers: Mapping[str, str] = field(default_factory=dict)  # by mailbox: e.g. Delivered-To
    acknowledge_within: timedelta = timedelta(days=3)
    attach_up_to: int = 10_000_000  # bytes
    limits: Limits = field(default_factory=Limits)
    keyring: Keyring = field(default_factory=Keyring)  # signs Message-IDs; without keys they are random
    client_ends: Mapping[str, date] = field(default_factory=dict)  # account → last day of its OAuth client's proof
    subaddressed: frozenset[str] = frozenset()  # queues whose server delivers user+anything@ to user@

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        """Every queue's addresses, in lower case."""
        return frozenset(addr for queue in self.rules.queues.values() for addr in queue.addresses)

    @cached_property
    def identity(self) -> OwnIdentity:
        """What `classify` needs to know our own mail by."""
        return OwnIdentity(self.own_addresses, self.instance)

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """Every queue's key prefix."""
        return frozenset(queue.prefix for queue in self.rules.queues.values())

    @cached_property
    def signature(self) -> DeskIdentity:
        """The desk as its letters sign."""
        desk = self.rules.desk
        return DeskIdentity(desk.name, desk.phone, desk.footer, desk.privacy_url)

    @cached_property
    def consultants(self) -> frozenset[str]:
        """Every consultant's address."""
        return frozenset(consultant.addr for consultant in self.rules.consultants.values())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.rules.timezone)

    def queue(self, name: str) -> Queue:
        """Return a queue; the first of the rules stands in for one that they don't have, or have no more."""
        return self.rules.queues.get(name) or next(iter(self.rules.queues.values()))

    def queue_facts(self, name: str) -> QueueFacts:
        """Return a queue as letters show it."""
        queue = self.queue(name)
        zone = self.rules.calendars[queue.calendar].zone
        return QueueFacts(queue.name, queue.addresses[0], queue.from_name or queue.name, zone, queue.signs)

    def queue_of_mailbox(self, mailbox: str) -> Queue:
        """Return the queue of a mailbox; the first of the rules for a mailbox that names none."""
        return self.queue(self.mailbox_queues.get(mailbox, ""))

    def person(self, addr: str) -> Person:
        """Return one of ours by address, with the name the rules give."""
        consultant = self.rules.consultant_of(addr)
        return Person(consultant.name, consultant.addr) if consultant else Person("", addr.casefold())

    def is_away(self, addr: str, now: datetime) -> bool:
        """Return whether the rules name today as an absence of a consultant's."""
        consultant = self.rules.consultant_of(addr)
        return consultant is not None and consultant.is_away(now.astimezone(self.zone).date())

    def mailboxes_of(self, queue: Queue) -> list[str]:
        """Return the mailboxes whose mail is the queue's if its recipients don't say otherwise."""
        return [name for name in self.mailbox_queues if self.queue_of_mailbox(name) is queue]

    def closes_at(self, ticket: TicketRow) -> datetime:
        """Return when a resolved ticket closes by itself, by the calendar of its queue."""
        resolved_at = ticket.resolved_at or ticket.created_at
        return self.rules.lifecycle.close_resolved_after.after(resolved_at, self.hours_of(ticket))

    def hours_of(self, ticket: TicketRow) -> BusinessHours:
        """Return the working hours of a ticket's queue, by which the desk itself keeps time."""
        return self.rules.calendar_of(self.queue(ticket.queue).name)

    def delivered_to(self, mailbox: str, message: InboundMessage) -> str:
        """Return the address that our own server says a mail came to; "" where it says none."""
        header = self.delivery_headers.get(mailbox, "")
        return message.headers.get(header).strip(" <>") if header else ""

    @staticmethod
    def customer_of(ticket: TicketRow) -> str:
        """Return whose ticket it is, as lists show it."""
        return ticket.organisation or ticket.requester_name or ticket.requester_addr

    def key_of(self, ticket: TicketRow) -> str:
        """Return the key people see."""
        return format_key(ticket.prefix, ticket.number)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of work: the open transaction, the desk it decides under, and the time it was begun."""

    session: Session
    desk: Desk
    now: datetime
    gate: Gatekeeper = field(default_factory=Gatekeeper)
    attendance: Attendance = field(default_factory=Attendance)

    @property
    def today(self) -> date:
        """The date on the desk's wall."""
        return self.now.astimezone(self.desk.zone).date()

    def is_away(self, addr: str) -> bool:
        """Return whether a consultant is away today: the rules say so, or they did themselves."""
        if self.desk.is_away(addr, self.now):
            return True
        return self.desk.person(addr).addr in self.attendance.away_on(self.session, self.today)
