"""Folders by the names people write: "Helpdesk/Taken", whatever the server's delimiter and prefix are.

Called by the other IMAP modules. The personal namespace (RFC 2342) tells both; a server without it is asked by LIST.
"""

from __future__ import annotations

import imaplib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.adapters.imap_errors import is_refusal
from helpdesk.adapters.imap_fetch import list_mails
from helpdesk.adapters.imap_session import Client

_IDENTITY_FIELDS = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]"
_IDENTITY_ANSWER = b"BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]"


@dataclass(frozen=True, slots=True)
class FolderMail:
    """A mail in a folder, for accounting: where it is, and the header lines that tell who it is."""

    uid: int
    delivered_at: datetime  # INTERNALDATE, aware
    size: int  # bytes, the server's estimate
    header: bytes = field(repr=False)  # Message-ID, Date, From and Subject, as far as they are there


@dataclass(frozen=True, slots=True)
class Selected:
    """The folder that commands act on, as SELECT described it."""

    name: str  # as the server spells it
    uidvalidity: int
    exists: int
    keeps_keywords: bool  # whether a flag of our own would last (PERMANENTFLAGS, RFC 9051 §7.1)


def server_name(client: Client, folder: str) -> str:
    """Return the server's spelling of a folder written with "/"."""
    if folder.upper() == "INBOX":
        return "INBOX"
    prefix, delimiter = _namespace(client)
    name = folder.replace("/", delimiter)
    return name if name.startswith(prefix) else prefix + name


def select(client: Client, folder: str, *, readonly: bool) -> Selected:
    """Select a folder anew and return its state; ValueError if the server names no UIDVALIDITY."""
    name = server_name(client, folder)
    answer = client.select_folder(name, readonly=readonly)
    if b"UIDVALIDITY" not in answer:
        raise ValueError("SELECT without UIDVALIDITY: no mail could be known again")
    keeps = rb"\*" in answer.get(b"PERMANENTFLAGS", ())
    return Selected(name, answer[b"UIDVALIDITY"], answer.get(b"EXISTS", 0), keeps)


def exists(client: Client, name: str) -> bool:
    """Whether there is a folder of that name, in the server's spelling, that can hold mail."""
    return any(rb"\Noselect" not in flags and rb"\NonExistent" not in flags for flags, _, _ in _listed(client, name))


def create(client: Client, name: str) -> None:
    """Make a folder, in the server's spelling; people's clients show it if the server lets us subscribe to it."""
    client.create_folder(name)
    try:
        client.subscribe_folder(name)
    except imaplib.IMAP4.error as error:
        if not is_refusal(error):
            raise


def headers_of(client: Client, uids: Sequence[int]) -> list[FolderMail]:
    """Return mails of the selected folder without their bodies; what vanished is left out."""
    headers = client.fetch(uids, [_IDENTITY_FIELDS])
    return [
        FolderMail(mail.uid, mail.delivered_at, mail.size, headers.get(mail.uid, {}).get(_IDENTITY_ANSWER) or b"")
        for mail in list_mails(client, uids)
    ]


def holding(client: Client, message_ids: Sequence[str]) -> set[str]:
    """Return those of the Message-IDs that some mail of the selected folder bears."""
    return {message_id for message_id in message_ids if client.search(["HEADER", "Message-ID", message_id])}


def _namespace(client: Client) -> tuple[str, str]:
    """Return the prefix of our own folders and the delimiter; without hierarchy the delimiter is "-"."""
    personal = client.namespace().personal if client.has_capability("NAMESPACE") else None
    if personal:
        prefix, delimiter = personal[0]
        return prefix, delimiter or "-"
    root = client.list_folders("", "")
    return "", (root[0][1] or b"-").decode() if root else "/"


def _listed(client: Client, name: str) -> list[tuple[tuple[bytes, ...], bytes, str]]:
    escaped = name.replace("*", "%")  # LIST has no quoting for its wildcards; "%" stays within one level
    found: list[tuple[tuple[bytes, ...], bytes, str]] = client.list_folders("", escaped)
    return [entry for entry in found if entry[2] == name]
