"""What happens to the server's copy once a mail is safe with us. Called by ImapMailbox.file_away.

MOVE (RFC 6851) where the server has it; else COPY, \\Deleted and UID EXPUNGE of exactly these mails (RFC 4315);
else a keyword that says so, the mail staying in place. Plain EXPUNGE never: it removes what other people marked.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from imapclient import DELETED, SEEN

from helpdesk import crashpoints
from helpdesk.adapters.imap_errors import is_refusal, refusal_text
from helpdesk.adapters.imap_fetch import slices
from helpdesk.adapters.imap_folders import Selected, create, exists, holding, select, server_name
from helpdesk.adapters.imap_session import Client
from helpdesk.errors import MailboxUnavailable

TAKEN = "$HelpdeskTaken"

_T = TypeVar("_T")

_MESSAGE_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
_MESSAGE_ID_ANSWER = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"


@dataclass(frozen=True, slots=True)
class Filing:
    """What became of the server's copies.

    `moved` have been dealt with as `after_intake` says, `gone` were no longer there. If `failed` says why, in the
    server's words, the remaining ones lie where they were, to be filed another time: intake need not stop for it.
    """

    moved: tuple[int, ...]
    gone: tuple[int, ...]
    failed: str = ""


class Filer:
    """Files mails of the selected inbox; made anew for each call."""

    def __init__(self, client: Client, mailbox: str, inbox: Selected, after_intake: str) -> None:
        self._client, self._mailbox, self._inbox = client, mailbox, inbox
        self._action, _, folder = after_intake.partition(":")
        self._target = server_name(client, folder.strip()) if folder else ""

    def file(self, uids: Sequence[int]) -> Filing:
        """Return what became of the copies; the first refusal ends the work."""
        moved, gone = list[int](), list[int]()
        for portion in slices(uids):
            try:
                done = self._portion(portion)
            except imaplib.IMAP4.error as error:
                if not is_refusal(error):
                    raise
                return Filing(tuple(moved), tuple(gone), refusal_text(error))
            moved += done.moved
            gone += done.gone
            if done.failed:
                return Filing(tuple(moved), tuple(gone), done.failed)
        return Filing(tuple(moved), tuple(gone))

    def _portion(self, uids: Sequence[int]) -> Filing:
        if self._action == "keep":
            return Filing(tuple(uids), ())
        if self._action == "move" and self._client.has_capability("MOVE"):
            try:
                return self._in_the_target(lambda: self._move(uids))
            except imaplib.IMAP4.error as error:
                if is_refusal(error) or isinstance(error, imaplib.IMAP4.abort):
                    raise  # BAD is left: a server that announces MOVE and doesn't know it
        return self._by_flags(uids)

    def _move(self, uids: Sequence[int]) -> Filing:
        self._client.move(uids, self._target)
        crashpoints.reached("C5")
        moved = self._copied()
        if moved is None:  # a server with UIDPLUS says which; it is silent if there were none
            return Filing((), tuple(uids)) if self._client.has_capability("UIDPLUS") else Filing(tuple(uids), ())
        return _split(uids, moved)

    def _copied(self) -> set[int] | None:
        """Return the UIDs that the last MOVE says it took (COPYUID, RFC 4315 §3); None if it doesn't say."""
        _, answers = self._client._imap.response("COPYUID")
        sources = [answer.split()[1] for answer in answers if answer is not None]
        return {uid for source in sources for uid in _uid_set(source.decode())} if sources else None

    def _by_flags(self, uids: Sequence[int]) -> Filing:
        flags: dict[int, tuple[bytes, ...]] = self._client.get_flags(uids)
        present = [uid for uid in uids if uid in flags]
        if not present:
            return Filing((), tuple(uids))
        if self._action == "seen":
            self._client.add_flags(present, [SEEN], silent=True)
        elif self._client.has_capability("UIDPLUS"):
            self._copy_and_remove(present, flags)
        elif self._action == "delete":
            self._client.add_flags(present, [DELETED], silent=True)  # who owns the mailbox may expunge; we may not
        elif self._inbox.keeps_keywords:
            self._client.add_flags(present, [TAKEN], silent=True)
        else:
            return Filing((), _split(uids, set(present)).gone, "the server can neither move mails nor keep a keyword")
        return _split(uids, set(present))

    def _copy_and_remove(self, uids: Sequence[int], flags: dict[int, tuple[bytes, ...]]) -> None:
        if self._action == "move":
            self._copy(uids, flags)
            crashpoints.reached("C6")
        self._client.add_flags(uids, [DELETED], silent=True)
        self._client.uid_expunge(uids)

    def _copy(self, uids: Sequence[int], flags: dict[int, tuple[bytes, ...]]) -> None:
        """Copy what the target doesn't hold yet.

        The keyword is set first, so that mails on which an earlier run was interrupted are known; only those are
        looked up in the target. Where keywords don't last, all are.
        """
        begun = [uid for uid in uids if not self._inbox.keeps_keywords or TAKEN.encode() in flags[uid]]
        done = self._already_copied(begun) if begun else set()
        if self._inbox.keeps_keywords:
            self._client.add_flags(uids, [TAKEN], silent=True)
        if left := [uid for uid in uids if uid not in done]:
            self._in_the_target(lambda: self._client.copy(left, self._target))

    def _already_copied(self, uids: Sequence[int]) -> set[int]:
        if not exists(self._client, self._target):
            return set()
        answers = self._client.fetch(uids, [_MESSAGE_ID])
        ids = {uid: _message_id(answer.get(_MESSAGE_ID_ANSWER) or b"") for uid, answer in answers.items()}
        self._client.select_folder(self._target, readonly=True)
        held = holding(self._client, sorted(set(ids.values()) - {""}))
        self._back_to_inbox()
        return {uid for uid, message_id in ids.items() if message_id in held}

    def _back_to_inbox(self) -> None:
        again = select(self._client, self._inbox.name, readonly=False)
        if again.uidvalidity != self._inbox.uidvalidity:
            raise MailboxUnavailable(self._mailbox, "broken", "the server has just numbered the folder's mails anew")

    def _in_the_target(self, act: Callable[[], _T]) -> _T:
        """Return what `act` returns; if the target was missing, after making it."""
        try:
            return act()
        except imaplib.IMAP4.error as error:
            if not is_refusal(error) or exists(self._client, self._target):
                raise
        create(self._client, self._target)
        return act()


def _split(uids: Sequence[int], moved: set[int]) -> Filing:
    return Filing(tuple(uid for uid in uids if uid in moved), tuple(uid for uid in uids if uid not in moved))


def _uid_set(text: str) -> list[int]:
    """Return the UIDs of a set such as "3:5,9" (RFC 9051 §4.1.1)."""
    uids = list[int]()
    for part in text.split(","):
        first, _, last = part.partition(":")
        ends = sorted((int(first), int(last or first)))
        uids += range(ends[0], ends[1] + 1)
    return uids


def _message_id(header: bytes) -> str:
    """Return what to search for in a Message-ID field, else nothing; other than ASCII no server finds reliably."""
    match = re.search(rb"<[!-~]+>", header)
    return match[0].decode() if match else ""
