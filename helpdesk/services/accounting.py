"""Reconcile: every mail on the servers against the journal, so that "nothing is lost" can be checked.

A mail in the inbox is accounted for by its UID, one in the folder it was moved to by its Message-ID, and one
without an id by its bytes. Reads the servers, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from hashlib import sha256
from typing import Protocol

from helpdesk.mail.identifiers import first_id
from helpdesk.services.intake import IntakePolicy
from helpdesk.services.ports import FetchedMail, FolderStatus
from helpdesk.store import journal
from helpdesk.store.journal import index_key
from helpdesk.store.unit_of_work import Database


class Listed(Protocol):
    """A mail as a folder's listing has it."""

    @property
    def uid(self) -> int: ...
    @property
    def delivered_at(self) -> datetime: ...
    @property
    def header(self) -> bytes: ...


class Folders(Protocol):
    """A mailbox whose folders can be listed."""

    name: str

    def open(self) -> FolderStatus: ...
    def search_folder(self, folder: str) -> Iterator[Listed]: ...
    def fetch_folder(self, folder: str, uids: Sequence[int]) -> Iterator[list[FetchedMail]]: ...


@dataclass(frozen=True, slots=True)
class Unaccounted:
    """A mail on the server that the journal does not know."""

    folder: str
    uid: int
    delivered_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Account:
    """The sum for one mailbox: messages = accounted_for + before_since + len(unaccounted)."""

    mailbox: str
    messages: int
    accounted_for: int
    before_since: int
    unaccounted: tuple[Unaccounted, ...]


def reconcile(mailbox: Folders, database: Database, policy: IntakePolicy, folders: Sequence[str]) -> Account:
    """Return the account of a mailbox over its inbox (first of `folders`) and the folders that mail was moved to."""
    uidvalidity = mailbox.open().uidvalidity
    inbox = folders[0]
    with database.read() as session:
        ids = journal.message_ids_of(session, mailbox.name)
        digests = journal.digests_of(session, mailbox.name)
    messages = known = before = 0
    missing: list[Unaccounted] = []
    for folder in folders:
        listed = list(mailbox.search_folder(folder))
        messages += len(listed)
        by_uid = _known_uids(database, mailbox.name, uidvalidity, listed) if folder == inbox else set()
        doubtful = []
        for mail in listed:
            identifier = message_id_of(mail)
            if mail.uid in by_uid or (identifier and index_key(identifier) in ids):
                known += 1
            elif policy.since is not None and mail.delivered_at < policy.since:
                before += 1
            else:
                doubtful.append(mail)
        proven = _by_bytes(mailbox, folder, doubtful, digests)
        known += len(proven)
        missing += [
            Unaccounted(folder, mail.uid, mail.delivered_at, message_id_of(mail))
            for mail in doubtful
            if mail.uid not in proven
        ]
    return Account(mailbox.name, messages, known, before, tuple(missing))


def message_id_of(mail: Listed) -> str:
    return first_id(str(BytesHeaderParser().parsebytes(mail.header).get("Message-ID", "")))


def _known_uids(database: Database, name: str, uidvalidity: int, listed: Sequence[Listed]) -> set[int]:
    with database.read() as session:
        return journal.known_uids(session, name, uidvalidity, [mail.uid for mail in listed])


def _by_bytes(mailbox: Folders, folder: str, doubtful: Sequence[Listed], digests: set[str]) -> set[int]:
    """Return which of the mails are journalled byte for byte: those without an id of their own, mostly."""
    if not doubtful:
        return set()
    batches = mailbox.fetch_folder(folder, [mail.uid for mail in doubtful])
    return {mail.uid for batch in batches for mail in batch if sha256(mail.raw).hexdigest() in digests}
