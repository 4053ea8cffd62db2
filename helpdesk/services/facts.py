"""What the database knows about a batch of mails, asked once for all of them.

Between the pure questions (hints) and the pure answers (choices) stands one object of facts. It is kept up
to date while the batch is worked off, so that a reply finds the ticket its own batch has opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from helpdesk.desk.letter import Utterance
from helpdesk.desk.terms import State
from helpdesk.desk.thread import ThreadHints
from helpdesk.mail.authentication import Authentication
from helpdesk.mail.message import Classification, InboundMessage
from helpdesk.mail.relays import without_domain
from helpdesk.services.attendance import Attendance
from helpdesk.services.gatekeeping import Gatekeeper
from helpdesk.services.receipts import MailTime, mail_time
from helpdesk.store import journal, outbox, threads, tickets
from helpdesk.store.claims import ClaimedEntry
from helpdesk.store.journal import index_key
from helpdesk.store.letters import SentLetter, sent_letters
from helpdesk.store.outbox import SentMail
from helpdesk.store.tables import CommentRow, JournalRow, ParticipantRow, TicketRow
from helpdesk.store.unit_of_work import Session

EVER = datetime(1970, 1, 2, tzinfo=UTC)
PREVIOUS = 2  # so many earlier comments are shown to a consultant
ANSWERED = 2  # so many of our letters that a mail names are read again, to fold them away


@dataclass(frozen=True, slots=True)
class Understood:
    """A journal entry with all that can be known of it without the database."""

    entry: ClaimedEntry
    message: InboundMessage
    classification: Classification
    authentication: Authentication
    hints: ThreadHints
    released: bool = False  # a person let it out of quarantine
    again: bool = False  # its owner says that it is theirs, and it goes down its way once more
    failure: str = ""  # traceback: the mail could not be read, `message` is the little that could

    @property
    def cause(self) -> str:
        """What the letters that it calls for were written for: a mail that is heard again may write them again."""
        return f"entry:{self.entry.id}:again" if self.again else f"entry:{self.entry.id}"

    @property
    def id_key(self) -> str:
        """The mail's id as indexes hold it; "" for a mail without one."""
        return index_key(self.message.message_id) if self.message.message_id else ""


@dataclass(frozen=True, slots=True)
class Owner:
    """The entry that a mail was first taken in as."""

    entry: int
    mailbox: str
    ticket: int | None
    delivered_at: datetime


@dataclass(slots=True)
class Facts:
    """The facts of one batch; see `gather`."""

    owners: dict[tuple[str, str], Owner] = field(default_factory=dict)
    known_ids: dict[str, list[int]] = field(default_factory=dict)
    tickets: dict[int, TicketRow] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)  # ticket → the one that goes on in its place
    participants: dict[int, dict[str, ParticipantRow]] = field(default_factory=dict)
    previous: dict[int, list[Utterance]] = field(default_factory=dict)
    sent: dict[str, SentMail] = field(default_factory=dict)
    letters: list[SentLetter] = field(default_factory=list)  # to the customers' side, oldest first
    mail_time: MailTime = field(default_factory=dict)
    gate: Gatekeeper = field(default_factory=Gatekeeper)
    attendance: Attendance = field(default_factory=Attendance)

    def takes_part(self, number: int, addr: str) -> bool:
        """Return whether the address is a participant of the ticket, or where one of them wants their mail."""
        present = self.participants.get(number, {})
        return addr in present or any(row.reply_to == addr for row in present.values() if row.reply_to)

    def remember(self, number: int, row: TicketRow, ids: Iterable[str]) -> None:
        """Let later mails of the batch find a ticket and the ids that were seen or sent on it."""
        self.tickets[number] = row
        for identifier in ids:
            self.known_ids.setdefault(identifier, []).append(number)

    def answered(self, item: Understood) -> list[SentMail]:
        """Return the mails of ours that a mail answers, nearest first."""
        return _answered(item, self.sent)

    def letters_before(self, item: Understood, number: int) -> list[SentLetter]:
        """Return the letters of ours that a mail may quote: those it answers, and the last to its author."""
        named = _quotable(item, self.sent)
        author = item.message.author.key if item.message.author else ""
        return [one for one in self.letters if one.id in named or (one.ticket, one.recipient) == (number, author)]

    def said(self, comment: CommentRow) -> None:
        """Let later letters of the batch quote a comment."""
        before = self.previous.get(comment.ticket, [])
        self.previous[comment.ticket] = [tickets.quoted(comment), *before][:PREVIOUS]


def gather(session: Session, batch: Sequence[Understood], now: datetime, consultants: Iterable[str] = ()) -> Facts:
    """Return the facts of a batch: eight queries, however many mails it has."""
    asked = {identifier for item in batch for identifier in item.hints.ancestors}
    asked |= {item.message.message_id for item in batch if item.message.message_id}
    reported = {i for item in batch if item.message.report for i in item.message.report.original_message_ids}
    known = threads.tickets_of_ids(session, asked | reported | {without_domain(each) for each in asked})
    _fold_in_relayed(known, asked)
    numbers = {number for found in known.values() for number in found}
    numbers |= {number for item in batch for number in (*item.hints.tags, *item.hints.signed)}
    rows = tickets.by_number(session, numbers, lock=True)
    merged = _merged(session, rows)
    participants = tickets.participants_of(session, rows)
    sent = outbox.by_message_id(session, asked | reported)
    gate = Gatekeeper()
    gate.know(session, _addresses(batch, participants).union(consultants), rows, now)
    return Facts(
        owners={key: _owner(row) for key, row in journal.owners_of(session, _identities(batch)).items()},
        known_ids=known,
        tickets=rows,
        merged=merged,
        participants=participants,
        previous=tickets.last_words(session, rows),
        sent=sent,
        letters=_letters(session, batch, rows, sent),
        mail_time=mail_time(session, min((item.entry.delivered_at for item in batch), default=EVER)),
        gate=gate,
    )


def _letters(
    session: Session, batch: Sequence[Understood], rows: dict[int, TicketRow], sent: dict[str, SentMail]
) -> list[SentLetter]:
    named = {number for item in batch for number in _quotable(item, sent)}
    return sent_letters(session, rows, {item.message.author.key for item in batch if item.message.author}, named)


def _answered(item: Understood, sent: dict[str, SentMail]) -> list[SentMail]:
    return [sent[identifier] for identifier in item.hints.ancestors if identifier in sent]


def _quotable(item: Understood, sent: dict[str, SentMail]) -> list[int]:
    """Return the outbox numbers of the nearest letters that the mail answers."""
    return [letter.id for letter in _answered(item, sent)[:ANSWERED]]


def _fold_in_relayed(known: dict[str, list[int]], asked: set[str]) -> None:
    """Let an id that a relay gave our mail stand for the ticket, though the relay kept its domain to itself."""
    for identifier in asked:
        for number in known.get(without_domain(identifier), ()):
            if number not in known.setdefault(identifier, []):
                known[identifier].append(number)


def _merged(session: Session, rows: dict[int, TicketRow]) -> dict[int, int]:
    """Return which of the closed tickets were merged into which, and let `rows` have those as well."""
    merged: dict[int, int] = {}
    asked = {number for number, row in rows.items() if row.state is State.CLOSED}
    while asked:
        found = tickets.merged_into(session, asked)
        merged.update(found)
        fresh = tickets.by_number(session, set(found.values()) - rows.keys(), lock=True)
        rows.update(fresh)
        asked = {number for number, row in fresh.items() if row.state is State.CLOSED}
    return merged


def _addresses(batch: Sequence[Understood], participants: dict[int, dict[str, ParticipantRow]]) -> set[str]:
    """Return whom the batch's letters will probably go to on the customers' side."""
    authors = {item.message.author.key for item in batch if item.message.author}
    return authors.union(*participants.values())


def _identities(batch: Sequence[Understood]) -> set[str]:
    return {item.id_key or digest_key(item) for item in batch}


def digest_key(item: Understood) -> str:
    """Return what stands in for the id of a mail that has none."""
    return f"digest:{item.message.content_digest}"


def _owner(row: JournalRow) -> Owner:
    return Owner(row.id or 0, row.mailbox, row.ticket, row.delivered_at)
