"""One IMAP mailbox over one connection: the Mailbox port on imapclient. Made by the faces, used by intake.

imap_account   what there is to know before            imap_fetch    mails in bounded batches, no flag set
imap_session   connecting, TLS, login, cutting off     imap_filing   the server's copy, once the mail is safe
imap_errors    foreign exceptions as ours              imap_idle     waiting for news
imap_folders   folder names and accounts of folders    imap_turns    big batches one at a time
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

from helpdesk import logs
from helpdesk.adapters.imap_account import ImapAccount
from helpdesk.adapters.imap_envelope import from_envelope
from helpdesk.adapters.imap_errors import FOREIGN, translate
from helpdesk.adapters.imap_fetch import Listed, batches, fetch_batch, list_mails, slices
from helpdesk.adapters.imap_filing import Filer, Filing
from helpdesk.adapters.imap_folders import FolderMail, Selected, exists, headers_of, select, server_name
from helpdesk.adapters.imap_idle import idle
from helpdesk.adapters.imap_session import Client, Cutter, connect, end
from helpdesk.adapters.imap_turns import in_turn
from helpdesk.errors import MailboxUnavailable
from helpdesk.services.ports import FetchedMail, FolderStatus

__all__ = ["Filing", "FolderMail", "ImapAccount", "ImapMailbox"]

_RENEW_AFTER = 24 * 3600.0  # seconds: imaplib's lists of untagged responses grow as long as a connection lives
_LONGEST_IDLE = 9 * 60.0  # seconds: routers forget silent connections after ten minutes, servers after 29
_BODILESS = 3  # fetches without a body, until the envelope has to do
_GOODBYE = 5.0  # seconds to wait for the answer to LOGOUT


log = logs.get_logger(__name__)


class ImapMailbox:
    """Implements services.ports.Mailbox; `abort` and `interrupt` may be called from any thread, the rest from one."""

    def __init__(self, account: ImapAccount) -> None:
        self.name = account.name
        self._account, self._cutter, self._interrupted = account, Cutter(), threading.Event()
        self._client: Client | None = None
        self._connected_at = 0.0
        self._inbox: Selected | None = None
        self._here = ""  # the folder that commands act on now, as people spell it
        self._bodiless: Counter[tuple[str, int]] = Counter()  # how often a mail came without a body

    @property
    def token_left(self) -> float | None:
        """Seconds that the access token is good; None without one."""
        return self._account.token.seconds_left if self._account.token else None

    def open(self) -> FolderStatus:
        """Connect and log in if need be, and select the folder anew; a connection that died meanwhile is renewed."""
        if self._client is not None and time.monotonic() - self._connected_at < _RENEW_AFTER:
            with suppress(MailboxUnavailable):  # it ended between two polls: no news, a new one follows
                return self._open_inbox()
        self.close()
        with self._translated():
            self._client = connect(self._account, self._cutter)
            self._connected_at = time.monotonic()
        return self._open_inbox()

    def candidates(self, since: date | None) -> list[int]:
        """Return the UIDs in the folder, ascending.

        `since` leaves out what was delivered before the day before it: the server's day is not the reader's.
        """
        with self._in(self._account.folder) as client:
            criteria = "ALL" if since is None else ["SINCE", since - timedelta(days=1)]
            return sorted(set(client.search(criteria)))

    def fetch(self, uids: Sequence[int], since: datetime | None = None) -> Iterator[list[FetchedMail]]:
        """Yield the mails delivered since then, in batches bounded by count and bytes.

        What vanished or has no body is left out; of older mail not even the body is asked for.
        """
        return self.fetch_folder(self._account.folder, uids, since)

    def file_away(self, uids: Sequence[int]) -> Filing:
        """Move, keep, flag or delete the server's copies, as `after_intake` says; a vanished UID is success.

        A server that refuses (no quota left, say) is no error: the outcome's `failed` holds its words.
        """
        with self._in(self._account.folder) as client:
            assert self._inbox is not None
            filing = Filer(client, self.name, self._inbox, self._account.after_intake).file(uids)
            if filing.failed:
                self._here = ""  # the refusal may have been to select a folder, which leaves none selected
            return filing

    def wait(self, seconds: float) -> bool:
        """Wait in IDLE for news, at most so long (and nine minutes); True if there may be some.

        Returns at once without IDLE; `interrupt` ends the wait within a second.
        """
        with self._in(self._account.folder) as client:
            if not self._account.idle or not client.has_capability("IDLE"):
                return False
            try:
                return idle(client, min(seconds, _LONGEST_IDLE), self._interrupted)
            finally:
                self._interrupted.clear()

    def interrupt(self) -> None:
        """End the present wait, or the next one if none is under way."""
        self._interrupted.set()

    def search_folder(self, folder: str) -> Iterator[FolderMail]:
        """Yield the mails of a folder without their bodies; a folder that isn't there has none."""
        with self._connected() as client:
            if not exists(client, server_name(client, folder)):
                return
        with self._in(folder) as client:
            uids = sorted(client.search("ALL"))
        for portion in slices(uids):
            with self._in(folder) as client:
                mails = headers_of(client, portion)
            yield from mails

    def fetch_folder(
        self, folder: str, uids: Sequence[int], since: datetime | None = None
    ) -> Iterator[list[FetchedMail]]:
        """Yield mails of any folder, in batches as `fetch` does."""
        for portion in slices(uids):
            with self._in(folder) as client:
                listed = [mail for mail in list_mails(client, portion) if since is None or mail.delivered_at >= since]
            for batch in batches(listed, self._account):
                with in_turn(sum(mail.size for mail in batch)):
                    with self._in(folder) as client:
                        mails = fetch_batch(client, batch, self._account)
                        mails += self._without_body(client, folder, batch, {mail.uid for mail in mails})
                    if mails:
                        yield mails
                    del mails  # the next batch is fetched before it would be let go

    def _without_body(self, client: Client, folder: str, batch: Sequence[Listed], taken: set[int]) -> list[FetchedMail]:
        """Return, for mails whose body was NIL three times, the little that their ENVELOPE says (I-09)."""
        mails = []
        for listed in batch:
            if listed.uid in taken:
                self._bodiless.pop((folder, listed.uid), None)
                continue
            self._bodiless[folder, listed.uid] += 1
            if self._bodiless[folder, listed.uid] >= _BODILESS and (mail := from_envelope(client, listed)):
                log.error("mail.without_body", mailbox=self.name, uid=listed.uid)
                mails.append(mail)
        return mails

    def close(self) -> None:
        """Log out if possible; never raises."""
        if self._client is not None:
            with suppress(*FOREIGN):  # a server that is gone needs no goodbye
                self._client.socket().settimeout(_GOODBYE)
                self._client.logout()
        self._drop()

    def arm(self) -> None:
        """Begin anew: forget an earlier `abort`. For whoever sets a deadline, before it begins to run."""
        self._cutter.arm()

    def abort(self) -> None:
        """Cut the connection from another thread, so that a hung call ends with reason "timeout".

        So does every connection that is made before the next `arm`: the deadline of a poll is that of all it does.
        """
        self._cutter.cut()

    def _open_inbox(self) -> FolderStatus:
        with self._connected() as client:
            self._inbox = None
            inbox = self._go_to(client, self._account.folder)
        return FolderStatus(inbox.uidvalidity, inbox.exists)

    @contextmanager
    def _in(self, folder: str) -> Iterator[Client]:
        """Give the client with `folder` selected."""
        with self._connected() as client:
            if self._here != folder:
                self._go_to(client, folder)
            yield client

    def _go_to(self, client: Client, folder: str) -> Selected:
        """Select a folder and return its state; only the inbox for writing, and that only if it is to change."""
        is_inbox = folder == self._account.folder
        readonly = not is_inbox or self._account.after_intake == "keep"
        self._here = ""
        selected = select(client, folder, readonly=readonly)
        if is_inbox:
            if self._inbox is not None and self._inbox.uidvalidity != selected.uidvalidity:
                raise MailboxUnavailable(self.name, "broken", "the server has just numbered the folder's mails anew")
            self._inbox = selected
        self._here = folder
        return selected

    @contextmanager
    def _connected(self) -> Iterator[Client]:
        with self._translated():
            if self._client is None:
                raise MailboxUnavailable(self.name, "broken", "the connection has ended")
            yield self._client

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn foreign exceptions into ours; after one the connection is of no use any more."""
        try:
            yield
        except FOREIGN as error:
            self._drop()
            if self._cutter.has_cut:
                raise MailboxUnavailable(self.name, "timeout", "it took too long and was cut off") from error
            raise translate(error, self.name, self._account.server) from error
        except MailboxUnavailable:
            self._drop()
            raise

    def _drop(self) -> None:
        client, self._client, self._inbox, self._here = self._client, None, None, ""
        if client is not None:
            end(client)
        self._cutter.release()
