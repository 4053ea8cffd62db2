"""The mailboxes of a daemon: each with a thread of its own, in which its IMAP connection lives.

Called by the scheduler's jobs and by `run --once`. One mailbox's trouble never delays another's. Where several daemons
share a PostgreSQL, a lease says who polls (RELIABILITY 2.6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from helpdesk import logs
from helpdesk.adapters.imap import ImapMailbox
from helpdesk.errors import DatabaseUnavailable, LoginRefused, MailboxUnavailable
from helpdesk.loginwatch import LoginWatch
from helpdesk.premises import Premises, intake_policy, kept_mail, utc_now
from helpdesk.services.intake import Bound, Collected, IntakePolicy, collect
from helpdesk.services.recovery import recover
from helpdesk.store import leases, mailboxes
from helpdesk.wiring import make_mailbox

log = logs.get_logger(__name__)
T = TypeVar("T")

POLL_DEADLINE = 600.0  # seconds for a whole poll; then its connection is cut (RELIABILITY S2)
GOODBYE = 6.0  # seconds for the end of a session; then it is cut as well
LOOK_FOR_LEASE = 2.0  # seconds between two looks whether a dead daemon's lease has run out


@dataclass
class Watch:
    """A mailbox with its thread and the interval of its polls."""

    name: str
    mailbox: ImapMailbox
    poll: float  # seconds
    polling: bool = False
    thread: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"mailbox-{self.name}")


class Mailboxes:
    """Every mailbox of a desk. `mail_has_come` is called from their threads when something was journalled."""

    def __init__(self, premises: Premises, owner: str, mail_has_come: Callable[[], None]) -> None:
        self.premises, self.database, self.owner = premises, premises.database, owner
        self.watches = [
            Watch(name, make_mailbox(premises.settings, name), box.poll.total_seconds())
            for name, box in premises.settings.mailbox.items()
        ]
        self.logins = LoginWatch(self.database, utc_now)
        self.stopping = asyncio.Event()
        self.unasked: set[str] = set()  # after a restore, mailboxes that were not asked yet what the copy lacks
        self._mail_has_come = mail_has_come

    async def collect_all(self, watch: Watch, work_off: Callable[[], Awaitable[None]]) -> Exception | None:
        """Poll until nothing new comes; while too much waits, work it off first."""
        while True:
            collected = await self.poll(watch)
            if isinstance(collected, Exception):
                return collected
            if collected.elsewhere:
                if trouble := await self._wait_for_lease(watch):
                    return trouble
                continue
            if collected.held_back is Bound.ROOM:
                return DatabaseUnavailable(f"mailbox {watch.name}: {collected.trouble}")
            if collected.held_back is Bound.BACKLOG:
                await work_off()
            elif not collected.taken:
                return None

    async def watch(self, watch: Watch) -> None:
        """One job of the scheduler: poll, then wait in IDLE for news until the next poll is near."""
        loop = asyncio.get_running_loop()
        until = loop.time() + watch.poll - 1
        while not self.stopping.is_set():
            collected = await self.poll(watch)
            if isinstance(collected, Exception) or collected.elsewhere:
                return
            left = until - loop.time()
            if left <= 0 or not await self._in_thread(watch, partial(watch.mailbox.wait, left)):
                return

    async def poll(self, watch: Watch) -> Collected | Exception:
        """Collect once; an ordinary trouble is returned, and said once: when it begins and when it ends."""
        desk, settings = self.premises.desk, self.premises.settings
        policy, account = intake_policy(settings, watch.name, desk), f"mailbox {watch.name}"
        if refused := self.logins.resting(account):
            return refused
        try:
            if not await asyncio.to_thread(self._holds_lease, watch.name):
                return Collected(elsewhere=True)
            collected = await self._in_thread(watch, lambda: self._collect(watch, policy))
        except DatabaseUnavailable as error:  # what was fetched is still on the server
            log.error("intake.postponed", mailbox=watch.name, detail=str(error))
            return error
        except (MailboxUnavailable, LoginRefused) as error:
            await asyncio.to_thread(self._note_poll, watch, str(error).removeprefix(f"{account}: "), error)
            return error
        finally:
            self._asked(watch)
        await asyncio.to_thread(self._note_poll, watch, collected.trouble)
        return collected

    def _collect(self, watch: Watch, policy: IntakePolicy) -> Collected:
        """Take in what is new; before that, once after a restore, what the server kept of what is not."""
        premises = self.premises
        kept = kept_mail(premises.settings, watch.name)
        recover(watch.mailbox, self.database, premises.desk, policy, kept, utc_now)
        return collect(watch.mailbox, self.database, policy, utc_now, self._mail_has_come)

    def _asked(self, watch: Watch) -> None:
        """Let the line begin when every mailbox was asked, or could not be: what comes may name higher numbers."""
        self.unasked.discard(watch.name)
        if not self.unasked:
            self._mail_has_come()

    def _holds_lease(self, mailbox: str) -> bool:
        if self.database.is_sqlite:
            return True  # the file's lock says so
        with self.database.begin() as session:
            return leases.take(session, mailbox, self.owner) is not None

    async def renew_leases(self) -> None:
        """Keep the leases of polls under way; one that is lost, or can't be renewed, ends its poll."""
        for watch in [watch for watch in self.watches if watch.polling]:
            if not await asyncio.to_thread(self._renews_lease, watch.name):
                log.warning("mailbox.lease_lost", mailbox=watch.name)
                watch.mailbox.abort()

    def _renews_lease(self, mailbox: str) -> bool:
        try:
            return self._holds_lease(mailbox)
        except DatabaseUnavailable:
            return False  # nobody can know how long it still holds, and nothing could be journalled anyway

    def _give_leases_back(self) -> None:
        if self.database.is_sqlite:
            return
        with self.database.begin() as session:
            leases.give_back(session, self.owner)

    async def _in_thread(self, watch: Watch, work: Callable[[], T]) -> T:
        """Run work in the mailbox's own thread; past the deadline its connection is cut, which ends it."""
        loop = asyncio.get_running_loop()
        watch.mailbox.arm()
        deadline = loop.call_later(POLL_DEADLINE, watch.mailbox.abort)
        watch.polling = True
        try:
            return await loop.run_in_executor(watch.thread, work)
        finally:
            watch.polling = False
            deadline.cancel()

    def _note_poll(self, watch: Watch, trouble: str, error: Exception | None = None) -> None:
        mailbox = watch.name
        self.logins.rest(f"mailbox {mailbox}", error)
        with self.database.begin() as session:
            if not leases.is_held(session, mailbox, self.owner):
                return  # another daemon polls it meanwhile, and says how it is
            news = mailboxes.note_poll(session, mailbox, utc_now(), trouble)
        self.logins.keep(f"mailbox {mailbox}", error, watch.mailbox.token_left)
        if news and trouble:
            log.error("mailbox.unavailable", mailbox=mailbox, detail=trouble)
        elif news:
            log.info("mailbox.recovered", mailbox=mailbox)

    async def _wait_for_lease(self, watch: Watch) -> MailboxUnavailable | None:
        """Return when a lease that a dead daemon left can be had; or that its holder is alive and at work."""
        first = await asyncio.to_thread(self._holder, watch.name)
        if first is not None:
            log.warning("mailbox.waited_for", mailbox=watch.name, owner=first.owner, seconds=round(first.seconds))
        while not self.stopping.is_set():
            holder = await asyncio.to_thread(self._holder, watch.name)
            if holder is None:
                return None
            if first is None or (holder.owner, holder.until) != (first.owner, first.until):
                detail = f"another daemon polls it ({holder.owner}), so nothing was taken in here"
                return MailboxUnavailable(watch.name, "elsewhere", detail)
            await asyncio.sleep(min(LOOK_FOR_LEASE, holder.seconds))
        return None

    def _holder(self, mailbox: str) -> leases.Holder | None:
        with self.database.read() as session:
            return leases.holder(session, mailbox)

    def interrupt(self) -> None:
        """Begin the end: no new polls, and no more waiting for news."""
        self.stopping.set()
        for watch in self.watches:
            watch.mailbox.interrupt()

    async def close(self) -> None:
        """End all sessions and give the leases back."""
        loop = asyncio.get_running_loop()
        for watch in self.watches:
            deadline = loop.call_later(GOODBYE, watch.mailbox.abort)
            await loop.run_in_executor(watch.thread, watch.mailbox.close)
            deadline.cancel()
            watch.thread.shutdown(wait=False)
        with suppress(DatabaseUnavailable):  # then they run out by themselves
            await asyncio.to_thread(self._give_leases_back)
