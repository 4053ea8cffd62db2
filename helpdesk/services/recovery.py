"""After a restore: what lies on the servers and a database from a copy does not know, taken in again, once.

Called by the daemon before a mailbox's first poll, and by `helpdesk reconcile`. The mail is found in the folders that
intake moves it to, known by its bytes; its letters are held, since they may have left before. What it answers names
tickets that the copy never heard of: new numbers begin above all of them (RELIABILITY 2.4, D-09).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from helpdesk import crashpoints, logs
from helpdesk.desk.keys import parse_key, tagged_numbers
from helpdesk.desk.thread import referenced_ids
from helpdesk.desk.tokens import Token, Trust, parse_address, parse_id
from helpdesk.mail.message import InboundMessage
from helpdesk.mail.parse import parse_message
from helpdesk.services.accounting import Folders, Listed, message_id_of
from helpdesk.services.desk import Clock, Desk
from helpdesk.services.intake import IntakePolicy, Kept
from helpdesk.services.ports import FetchedMail
from helpdesk.store import journal, restoration
from helpdesk.store.journal import NewEntry, index_key
from helpdesk.store.tables import RestorationRow
from helpdesk.store.unit_of_work import Database, Session

log = logs.get_logger(__name__)

_CERTAIN = timedelta(days=2)  # so long before the copy's end an id alone proves nothing: ids are reused


def recover(
    mailbox: Folders, database: Database, desk: Desk, policy: IntakePolicy, kept: Kept, clock: Clock
) -> int | None:
    """Journal what the server kept and the database does not hold; return how many mails, None if that was done.

    Raises MailboxUnavailable or LoginRefused; what was taken in before stays, and the next call goes on.
    """
    with database.read() as session:
        row = restoration.unsearched(session, mailbox.name)
        ids = journal.message_ids_of(session, mailbox.name) if row else set()
    if row is None:
        return None
    status = mailbox.open()
    uidvalidity = status.uidvalidity if kept.is_inbox else None
    doubtful = [mail.uid for mail in _doubtful(mailbox, row, ids, policy, kept)]
    taken = 0
    for batch in mailbox.fetch_folder(kept.folder, doubtful) if doubtful else ():
        taken += _journal(database, desk, mailbox.name, uidvalidity, batch, row.last_number, clock())
    crashpoints.reached("C17")
    with database.begin() as session:
        restoration.note_searched(session, mailbox.name)
    log.warning("mailbox.searched_after_restore", mailbox=mailbox.name, entries=taken)
    return taken


def _doubtful(
    mailbox: Folders, row: RestorationRow, ids: set[str], policy: IntakePolicy, kept: Kept
) -> Iterator[Listed]:
    """Yield the mails that the database may not know: by their ids if they are old, all that are newer."""
    certain = row.known_until - _CERTAIN if row.known_until else None
    for mail in mailbox.search_folder(kept.folder) if kept.folder else ():
        ours = policy.since is None or mail.delivered_at >= policy.since
        old = certain is not None and mail.delivered_at < certain
        waits = kept.is_inbox and mail.delivered_at > row.found_at  # intake takes it, as any other
        if ours and not waits and not (old and index_key(message_id_of(mail)) in ids):
            yield mail


def _journal(
    database: Database,
    desk: Desk,
    name: str,
    uidvalidity: int | None,
    batch: Sequence[FetchedMail],
    known: int,
    now: datetime,
) -> int:
    """Take in those of the mails that the journal does not hold byte for byte; nobody else does so meanwhile."""
    with database.begin() as session:
        restoration.newest(session, lock=True)
        fresh = list(_unknown(session, name, batch))
        entries = [_entry(name, uidvalidity, mail) for mail in fresh]
        ids = journal.add_entries(session, entries, now)
        crashpoints.reached("C17")
        if seen := max((number for mail in fresh for number in numbers_in(mail.raw, desk, known)), default=0):
            restoration.raise_number(session, seen)
    return len(ids)


def _entry(name: str, uidvalidity: int | None, mail: FetchedMail) -> NewEntry:
    """Return the entry of a mail; UIDs of other folders than the inbox stand in no entry, they might be the inbox's."""
    uid = None if uidvalidity is None else mail.uid
    return NewEntry(name, uidvalidity, uid, mail.delivered_at, mail.raw, mail.truncated, recovered=True)


def _unknown(session: Session, name: str, batch: Sequence[FetchedMail]) -> Iterator[FetchedMail]:
    digests = [sha256(mail.raw).hexdigest() for mail in batch]
    known = journal.known_digests(session, name, digests)
    for mail, digest in zip(batch, digests, strict=True):
        if digest not in known:
            known.add(digest)
            yield mail


def numbers_in(raw: bytes, desk: Desk, known: int) -> set[int]:
    """Return the numbers beyond `known` of tickets that a mail speaks of: those that we signed, and likely ones.

    A tag can be forged, so that one far beyond is not believed: it would use up the numbers.
    """
    try:
        message = parse_message(raw)
    except Exception:  # it goes down the line like any other mail, and is shunted there
        log.warning("mail.unreadable_in_recovery")
        return set()
    tokens = (*map(parse_id, referenced_ids(message)), *(parse_address(each.addr) for each in message.recipients))
    signed = {token.ticket for token in tokens if token and _ours(desk, token)}
    likely = {number for number in _unsigned(message, desk) if number <= known + restoration.FARTHEST}
    return {number for number in signed | likely if number > known}


def _ours(desk: Desk, token: Token) -> bool:
    return desk.keyring.judge(token, 0) in (Trust.VALID, Trust.VOIDED)


def _unsigned(message: InboundMessage, desk: Desk) -> Iterator[int]:
    """Yield the numbers in tags of the subject, and in ids of ours that were made without a key."""
    yield from tagged_numbers(message.subject, desk.prefixes)
    for identifier in referenced_ids(message):
        local, _, domain = identifier.rpartition("@")
        number = parse_key(local.partition(".")[0], desk.prefixes) if domain == desk.instance else None
        if number is not None:
            yield number
