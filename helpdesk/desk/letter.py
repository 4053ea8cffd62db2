"""What a mail of ours may say: the facts that a template can name, and nothing else.

Built by `services`, rendered by the templates adapter. All instants are aware UTC; the templates
turn them into the queue's local time. A letter to an unverified stranger carries `neutral=True`:
its template then repeats nothing that the stranger chose (RELIABILITY 2.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from helpdesk.desk.bulletin import Balance, ContractFacts, TicketLine
from helpdesk.desk.deadlines import Stage
from helpdesk.desk.hours import Closure
from helpdesk.desk.parties import Signs
from helpdesk.desk.report import CommandReport, offered
from helpdesk.desk.rights import OUTSIDERS, Ground
from helpdesk.desk.terms import Guarantee, NotificationKind, Person, Side, State
from helpdesk.desk.visit import VisitFacts, VisitLine, VisitNews
from helpdesk.desk.vouching import Turned

LONGEST_SUBJECT = 180  # characters; more than any client shows
_TAG = re.compile(r"\[\s*[A-Za-z][A-Za-z0-9]*-(\d+)\s*\]")
_PREFIXES = re.compile(
    r"\A(?:(?:re|odp|odpowiedź|fwd?|pd|aw|wg|sv|antw)\s*(?:\[\d+\]|\(\d+\))?\s*:\s*)+", re.IGNORECASE
)


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
    signs: Signs = Signs.BOTH


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
    guarantee: Guarantee | None = None  # None while nothing was found out about a plan
    closure: Closure = Closure.OPEN  # why it counts later than it was delivered

    @property
    def counts_later(self) -> bool:
        """Whether it counts as received later than it was delivered: it came out of hours."""
        return self.received_at > self.delivered_at


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NO_TICKET = TicketFacts("", "", State.NEW, 3, Person("", ""), _NEVER, _NEVER, None)  # what a digest is about


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
    unconfirmed: bool = False  # nobody vouches for the author, or they wait for it


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
    author_side: Side = Side.CUSTOMER  # on whose side `author` stands
    closes_at: datetime | None = None  # RESOLVED: when silence will close it
    report: CommandReport | None = None  # RECEIPT: what became of the commands
    balance: Balance | None = None  # RESOLVED: when time was spent
    stage: Stage | None = None  # NOTICE_DEADLINE: how far it has come
    lines: tuple[TicketLine, ...] = ()  # NOTICE_DIGEST: what expires first
    more: int = 0  # NOTICE_DIGEST: tickets that the list leaves out
    held: int = 0  # NOTICE_DIGEST: mails kept apart since the last one
    contracts: tuple[ContractFacts, ...] = ()  # NOTICE_CONTRACTS
    template: str = ""  # the folder of words of its own that a rule names, "" for the standard ones
    forwarded_to: str = ""  # NEW: the partner that the ticket was passed on to
    fresh: tuple[TicketLine, ...] = ()  # NOTICE_DIGEST: new since the last one
    waiting: tuple[TicketLine, ...] = ()  # NOTICE_DIGEST: whose customers wait for a word
    queues: tuple[str, ...] = ()  # NOTICE_DIGEST: the reader's
    answer_by: datetime | None = None  # CONFIRM_CALL, RECEIPT: until when the customer may confirm a call
    lapsed: bool = False  # CLOSED: since nobody confirmed the call
    since: datetime | None = None  # NOTICE_STALE, REMINDER: since when all is silent
    thanks: bool = False  # NOTICE_COMMENT: nothing but thanks, which woke no ticket
    problems: tuple[str, ...] = ()  # NOTICE_RULES: what is wrong in the file, each with its line
    doubt: Ground | None = None  # why the words are not confirmed, if they aren't
    keys: tuple[str, ...] = ()  # HELD_BACK: the tickets
    contact: Person | None = None  # TURNED_AWAY: to whom, if anybody; AWAITS_CONTACT, NEW: whose yes it needs, or has
    turned: Turned | None = None  # TURNED_AWAY: why
    written_at: datetime | None = None  # CHALLENGE: when the mail in question came
    challenge: bool = False  # RECEIPT: "yes" in answer to it proves that its commands are the reader's
    visits: tuple[VisitLine, ...] = ()  # NOTICE_DIGEST: the reader's, today
    visit: VisitFacts | None = None  # CONSENT, INVITATION, INVITATION_CANCELLED, NOTICE_VISIT

    @property
    def answers_customer(self) -> bool:
        """Whether a consultant's reply to this notice goes to the customer: it carries their words (CONTRACT)."""
        carries_words = self.kind in (NotificationKind.NOTICE_OPENED, NotificationKind.NOTICE_COMMENT)
        proposal = self.visit is not None and self.visit.news is VisitNews.COUNTERED
        carries_words |= self.kind is NotificationKind.NOTICE_VISIT and (bool(self.text) or proposal)
        return carries_words and self.author_side is Side.CUSTOMER and not self.internal and not self.from_outsider

    @property
    def from_outsider(self) -> bool:
        """Whether the words are of somebody who takes no part: an answer to the ticket would not reach them."""
        return self.doubt in OUTSIDERS

    @property
    def opened_by_author(self) -> bool:
        """Whether the letter is about words that their author opened the ticket with, or about that author."""
        return self.author is not None and self.author.addr == self.ticket.requester.addr

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that make sense in an answer to this notice, by their English verbs."""
        if self.kind.for_customers or self.kind is NotificationKind.FORWARDED:
            return ()
        assignee = self.ticket.assignee
        is_theirs = assignee is not None and assignee.addr == self.recipient.addr
        waits = self.kind is NotificationKind.NOTICE_COMMENT and self.unconfirmed and self.doubt is not None
        waits |= self.kind is NotificationKind.NOTICE_OPENED and self.from_outsider
        return offered(self.ticket.state, is_theirs=is_theirs, answers_customer=self.answers_customer, waits=waits)


def for_its_reader(letter: Letter) -> Letter:
    """Return the letter without what its reader must not see, so that no template can give it away.

    Customers and partners see no words among consultants. A stranger sees nothing that a stranger wrote: else anybody
    could have us send their words to a third person (RELIABILITY 2.7). Raises ValueError for a note to a customer.
    """
    if not letter.kind.for_customers and letter.kind is not NotificationKind.FORWARDED:
        return letter
    if letter.internal:
        raise ValueError(f"an internal note on {letter.ticket.key} is not for customers")
    if any(each.internal for each in letter.previous):
        letter = replace(letter, previous=tuple(each for each in letter.previous if not each.internal))
    letter = _without_private_addresses(letter)
    if letter.kind is NotificationKind.ASK_CONTACT and letter.opened_by_author:
        letter = replace(letter, ticket=replace(letter.ticket, subject="", requester=letter.author or Person("", "")))
    return _without_strangers_words(letter) if letter.neutral else letter


def _without_private_addresses(letter: Letter) -> Letter:
    """Return the letter with the queue's address, and at least its name, in place of a consultant's own."""
    queue, assignee, author = letter.queue, letter.ticket.assignee, letter.author

    def shown(person: Person) -> Person:
        name = "" if queue.signs is Signs.QUEUE else person.name
        return Person(name or queue.from_name or queue.name, queue.address)

    if assignee is not None:
        letter = replace(letter, ticket=replace(letter.ticket, assignee=shown(assignee)))
    if letter.author_side is Side.CONSULTANT and author is not None and author.addr:
        letter = replace(letter, author=shown(author))
    return letter


def _without_strangers_words(letter: Letter) -> Letter:
    """Return the letter without names, subject and earlier words; of the words themselves only another's stay."""
    ticket = replace(letter.ticket, subject="", requester=Person("", letter.ticket.requester.addr), organisation="")
    letter = replace(letter, ticket=ticket, recipient=Person("", letter.recipient.addr), previous=())
    theirs = letter.author is not None and letter.author.addr in (letter.recipient.addr, ticket.requester.addr)
    if theirs or letter.kind is NotificationKind.NEW:
        return replace(letter, author=None, text="", enclosures=())
    return letter


def bare_subject(subject: str, key: str) -> str:
    """Return the subject without this ticket's tag, whatever its prefix, and without Re:, Odp:, Fwd: before it.

    "" if nothing else was in it; a very long one is cut and ends with an ellipsis.
    """
    number = key.rpartition("-")[2]
    untagged = _TAG.sub(lambda tag: " " if tag[1] == number else tag[0], subject)
    bare = _PREFIXES.sub("", " ".join(untagged.split()))
    return bare if len(bare) <= LONGEST_SUBJECT else bare[: LONGEST_SUBJECT - 1].rstrip() + "…"
