"""What is kept of a person on the customers' side, and its removal. Called by `helpdesk contacts export / erase`.

Erasing keeps what is not theirs to remove: tickets with their numbers and times, the ledger, and other customers'
own words. Everything that they wrote or that was written to them goes, and a pseudonym stands where their address did.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk import logs
from helpdesk.desk.redaction import DOMAIN, Redaction, telling_names
from helpdesk.desk.terms import Side
from helpdesk.errors import NotFoundError, TemporaryError, UsageError
from helpdesk.mail.parse import parse_message
from helpdesk.services.desk import Desk
from helpdesk.store import erasure, outbox, tickets, traces
from helpdesk.store.tables import LedgerRow, MuteRow, RulesVersionRow
from helpdesk.store.unit_of_work import Database, Session

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Traces:
    """Where a person stands: numbers only, the contents stay in the database."""

    addr: str
    names: tuple[str, ...]
    opened: frozenset[int]  # tickets
    joined: frozenset[int]  # tickets of others
    comments: frozenset[int]  # what they said
    others_comments: frozenset[int]  # what others said on tickets on which they spoke
    mails: frozenset[int]  # journal entries that they wrote
    copies: frozenset[int]  # mails of ours and of machines that hold their words or name them
    foreign: frozenset[int]  # mails of other people that name them
    letters: frozenset[int]  # outgoing mails to them, that name them, or about tickets on which they spoke
    to_go: frozenset[int]  # of these, those that must not leave any more
    rows: int = 0  # that name them elsewhere

    @property
    def is_empty(self) -> bool:
        return not (self.tickets or self.mails or self.copies or self.foreign or self.letters or self.rows)

    @property
    def tickets(self) -> frozenset[int]:
        return self.opened | self.joined


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done, and what was kept and why."""

    pseudonym: str
    keys: tuple[str, ...]  # of the tickets
    done: Mapping[str, int]
    kept: tuple[str, ...] = field(default=())


def trace(session: Session, desk: Desk, addr: str, after: int = 0) -> Traces:
    """Return where an address stands; of mails only those younger than an entry are looked through.

    Raises UsageError for an address of the desk's own people.
    """
    addr = addr.strip().casefold()
    if "@" not in addr:
        raise UsageError(f"{addr!r} is no mail address")
    if desk.rules.consultant_of(addr) or desk.rules.queue_of_address(addr):
        raise UsageError(f"{addr} is the desk's own, no contact: it stands in routing_rules.yaml")
    opened, joined = traces.tickets_of(session, addr)
    said = traces.comments_on(session, opened | joined)
    mails, copies, foreign = _mails(session, addr, after, opened, said)
    own = [one for one in said if one.author.casefold() == addr]
    spoken = opened | {one.ticket for one in own}
    letters, to_go = _letters(session, addr, opened, spoken, opened | joined)
    return Traces(
        addr,
        tuple(sorted(traces.names_of(session, addr))),
        frozenset(opened),
        frozenset(joined),
        frozenset(one.id for one in own),
        frozenset(one.id for one in said if one not in own and one.ticket in spoken),
        frozenset(mails),
        frozenset(copies),
        frozenset(foreign),
        frozenset(letters),
        frozenset(to_go),
        sum(1 for _ in traces.elsewhere(session, addr)),
    )


def _letters(
    session: Session, addr: str, opened: set[int], spoken: set[int], numbers: set[int]
) -> tuple[set[int], set[int]]:
    """Return the outgoing mails that hold a person's words or name them, and those that may not leave any more."""
    letters, to_go = set(), set()
    for identifier, ticket, to in traces.letters(session, addr, numbers):
        names = to.casefold() == addr or addr.encode() in (outbox.content(session, identifier) or b"").lower()
        if names or ticket in spoken:
            letters.add(identifier)
        if names or ticket in opened:
            to_go.add(identifier)
    return letters, to_go


def _mails(
    session: Session, addr: str, after: int, opened: set[int], said: list[traces.CommentTrace]
) -> tuple[set[int], set[int], set[int]]:
    """Return the mails they wrote, the copies of their words that are nobody else's, and other people's mails."""
    mails = {one.entry for one in said if one.entry and one.author.casefold() == addr}
    ours = {one.entry for one in said if one.entry and one.ticket in opened and one.side is not Side.CUSTOMER}
    naming = {entry: _wrote(content, addr) for entry, content in traces.mails_naming(session, addr, after)}
    mails |= {entry for entry, theirs in naming.items() if theirs}
    others = {one.entry: one for one in traces.comments_from(session, naming.keys() - mails)}
    unheard = traces.unheard(session, naming.keys())  # no comment yet, and somebody waits for an answer to it
    ours |= {entry for entry in naming if entry not in mails and entry not in others and entry not in unheard}
    return mails, ours, naming.keys() - mails - ours


def _wrote(raw: bytes, addr: str) -> bool:
    return any(author.key == addr for author in parse_message(raw).authors)


def erase(database: Database, desk: Desk, addr: str, now: datetime) -> Erasure:
    """Remove a person; return what was done and kept.

    Mails are looked through before anything is locked, and only the newest again inside the transaction.
    Raises NotFoundError if nothing is kept of them, UsageError for our own people, TemporaryError while a mail to
    them is on its way.
    """
    with database.read() as session:
        last = traces.last_mail(session)
        before = trace(session, desk, addr)
    with database.begin() as session:
        erasure.begin(session)
        found = _joined(before, trace(session, desk, addr, after=last))
        if found.is_empty:
            raise NotFoundError(f"nothing is kept of {found.addr}")
        if erasure.being_sent(session, found.letters):
            raise TemporaryError("a mail about them is on its way this moment: try again in a minute")
        done = _erase(session, desk, found, now)
    whole = erasure.scrub(database)
    log.info("contact.erased", tickets=len(found.tickets), mails=len(found.mails), letters=len(found.letters))
    return Erasure(done.pseudonym, done.keys, done.done, (*done.kept, *_below(whole)))


def _joined(before: Traces, now: Traces) -> Traces:
    """Return today's traces with the mails that were found before."""
    mails = before.mails | now.mails
    copies = (before.copies | now.copies) - mails
    return replace(now, mails=mails, copies=copies, foreign=(before.foreign | now.foreign) - mails - copies)


def _erase(session: Session, desk: Desk, found: Traces, now: datetime) -> Erasure:
    redaction = Redaction(found.addr, f"erased-{secrets.token_hex(4)}@{DOMAIN}", telling_names(found.names))
    rows = tickets.by_number(session, found.tickets, lock=True)
    keys = tuple(desk.key_of(row) for _, row in sorted(rows.items()))
    kept = _kept(session, desk, found)
    emptied = found.mails | found.copies
    erasure.mails(session, emptied)
    erasure.own_comments(session, found.comments)
    erasure.others_comments(session, found.others_comments, redaction, emptied)
    erasure.tickets(session, found.opened, found.joined, redaction)
    called_off = erasure.letters(session, found.letters, found.to_go)
    swept = erasure.sweep(session, redaction)
    reason = "nobody is written to: the person was erased"
    session.add(MuteRow(addr=redaction.pseudonym, until=None, reason=reason, struck_at=now))
    for number in sorted(found.tickets):
        tickets.note(session, number, now, "erased", "", new=redaction.pseudonym, reason="a person's data was removed")
    done = {
        "tickets": len(found.tickets),
        "comments": len(found.comments),
        "mails": len(emptied),
        "letters": len(found.letters),
        "letters_called_off": called_off,
        "rows_pseudonymised": swept,
    }
    return Erasure(redaction.pseudonym, keys, done, kept)


def _kept(session: Session, desk: Desk, found: Traces) -> tuple[str, ...]:
    """Return a sentence for everything that stays, with the reason."""
    kept = []
    if found.tickets:
        kept.append("the tickets' numbers, states and times: they are the desk's own record, without the person")
    if ledger := traces.mentioned_in(session, LedgerRow, found.addr):
        kept.append(f"{ledger} entries of the ledger that name them: accounts may not be changed")
    elif found.tickets:
        kept.append("the ledger: accounts must be kept, and name organisations, not contacts")
    if found.foreign:
        numbers = ", ".join(map(str, sorted(found.foreign)[:20]))
        kept.append(f"mails that other people wrote and that name them: they are those people's (entries {numbers})")
    if any(found.addr in map(str.casefold, each.contacts) for each in desk.rules.organisations.values()):
        kept.append("their line in routing_rules.yaml: take it out yourself, no program edits that file")
    if traces.mentioned_in(session, RulesVersionRow, found.addr):
        kept.append("earlier versions of routing_rules.yaml that name them: decisions refer to them")
    boxes: dict[str, int] = {}
    for row in traces.entries(session, found.mails):
        boxes[row.mailbox] = boxes.get(row.mailbox, 0) + (row.uid is not None)
    kept += [
        f"the mail server's copies of {count} mails of mailbox {name}: delete them there, in after_intake's folder"
        for name, count in boxes.items()
        if count
    ]
    return tuple(kept)


def _below(whole: bool) -> tuple[str, ...]:
    """Return what lies outside this transaction's reach."""
    rest = () if whole else ("the database's free pages, until its next VACUUM or checkpoint",)
    return (*rest, "backups made before today: they end with your retention, and a restored one needs this again")
