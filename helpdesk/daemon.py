"""The daemon: the composition root, and the one place that knows of event loop, signals and scheduler.

Each mailbox has a thread of its own, in which its IMAP connection lives; APScheduler polls each in its own job, so
one mailbox's trouble never delays another's. What polls bring wakes the line (worker threads), what the line writes
wakes delivery (this loop). All three also run by the clock: a wake-up may be missed, a tick is not.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from helpdesk import logs, supervision
from helpdesk.adapters.imap import ImapMailbox
from helpdesk.clockwatch import ClockWatch
from helpdesk.errors import DatabaseUnavailable, LoginRefused, MailboxUnavailable
from helpdesk.premises import Premises, intake_policy, kept_mail, utc_now
from helpdesk.reloading import RulesKeeper
from helpdesk.services import timers
from helpdesk.services.delivery import Delivery
from helpdesk.services.desk import Desk
from helpdesk.services.intake import Bound, Collected, IntakePolicy, collect
from helpdesk.services.process import process_batch
from helpdesk.services.recovery import recover
from helpdesk.services.schedule import AMBIGUOUS_WAIT
from helpdesk.services.warmup import warm_up
from helpdesk.store import journal, leases, mailboxes, outbox, restoration
from helpdesk.wiring import make_mailbox, make_transport

log = logs.get_logger(__name__)
T = TypeVar("T")

POLL_DEADLINE = 600.0  # seconds for a whole poll; then its connection is cut (RELIABILITY S2)
TICK = 5.0  # seconds between two looks at what the clock and the queues hold
HOUSEKEEPING = 60.0  # seconds between two rounds of the timers
LOOK = 2.0  # seconds between two looks at the rules' file; it is judged when two found it alike
PATIENCE = 60.0  # seconds that the end waits for what is under way


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


class Daemon:
    """A desk at work. `run` stays until a signal; `run_once` does all that is due and returns what went wrong."""

    def __init__(self, premises: Premises, tick: float = TICK) -> None:
        self.premises = premises
        self.tick = tick  # seconds
        self.database = premises.database
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"  # in containers all are process 1
        settings = premises.settings
        self.watches = [
            Watch(name, make_mailbox(settings, name), box.poll.total_seconds())
            for name, box in settings.mailbox.items()
        ]
        transports = {account: make_transport(settings, account) for account in settings.smtp_accounts}
        self.delivery = Delivery(self.database, transports, self.owner, utc_now, self._desk)
        self.keeper = RulesKeeper(premises)
        self.stopping = asyncio.Event()
        self._line = asyncio.Lock()  # one batch at a time, so that an answer never overtakes its question
        self._mail_waits = asyncio.Event()
        self._outbox_waits = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._restored = False
        self._unasked: set[str] = set()  # after a restore, mailboxes that were not asked yet what the copy lacks

    def _desk(self) -> Desk:
        return self.premises.desk

    async def run(self, *, signals: bool = True) -> None:
        """Work until SIGTERM or SIGINT; finish what is under way; hand back the rest untouched.

        A host that has signals of its own to handle says `signals=False` and calls `stop` and `reload` itself.
        """
        self._loop = asyncio.get_running_loop()
        if signals:
            self._handle_signals()
        await asyncio.to_thread(self._recover)
        scheduler = self._scheduler()
        scheduler.start()
        self._spawn(self._process_when_woken())
        self._spawn(self._deliver_when_woken())
        self._spawn(self._watch_clock(scheduler))
        self._mail_waits.set()
        self._outbox_waits.set()
        supervision.ready(f"{len(self.watches)} mailboxes")
        log.info("daemon.started", mailboxes=len(self.watches), owner=self.owner)
        await self.stopping.wait()
        supervision.stopping("finishing what is under way")
        scheduler.pause()
        await self._finish()
        scheduler.shutdown(wait=False)
        log.info("daemon.stopped")

    async def run_once(self) -> list[Exception]:
        """Take in all that waits in every mailbox, process it, send all that is due; return what hindered it."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._recover)
        collecting = asyncio.gather(*(self._collect_all(watch) for watch in self.watches))
        await self._process_while(collecting)
        troubles = await collecting
        await asyncio.to_thread(timers.all_due, self.database, self._desk(), utc_now)
        if self.premises.refused:
            await asyncio.to_thread(self.keeper.reload)  # so that the admin is told
        while await self.delivery.deliver_due():
            pass
        await self._close()
        return [trouble for trouble in troubles if trouble is not None] + self.delivery.troubles

    async def _collect_all(self, watch: Watch) -> Exception | None:
        """Poll until nothing new comes; while too much waits, work it off first."""
        while True:
            collected = await self._poll(watch)
            if isinstance(collected, Exception):
                return collected
            if collected.held_back is Bound.ROOM:
                return DatabaseUnavailable(f"mailbox {watch.name}: {collected.trouble}")
            if collected.held_back is Bound.BACKLOG:
                await self._work_off()
            elif not collected.taken:
                return None

    async def _process_while(self, collecting: asyncio.Future[Any]) -> None:
        """Work off the journal while mail is collected, and what is left when no more comes."""
        collecting.add_done_callback(lambda _: self._mail_waits.set())
        while not collecting.done():
            await self._woken(self._mail_waits)
            await self._work_off()
        await self._work_off()

    async def _work_off(self) -> None:
        async with self._line:
            await asyncio.to_thread(self._process_all)

    # -- mailboxes

    async def _watch(self, watch: Watch) -> None:
        """One job of the scheduler: poll, then wait in IDLE for news until the next poll is near."""
        loop = asyncio.get_running_loop()
        until = loop.time() + watch.poll - 1
        while not self.stopping.is_set():
            collected = await self._poll(watch)
            if isinstance(collected, Exception) or collected.elsewhere:
                return
            left = until - loop.time()
            if left <= 0 or not await self._in_thread(watch, partial(watch.mailbox.wait, left)):
                return

    async def _poll(self, watch: Watch) -> Collected | Exception:
        """Collect once; an ordinary trouble is returned, and said once: when it begins and when it ends."""
        desk, settings = self._desk(), self.premises.settings
        policy = intake_policy(settings, watch.name, desk)
        try:
            if not await asyncio.to_thread(self._holds_lease, watch.name):
                return Collected(elsewhere=True)
            collected = await self._in_thread(watch, lambda: self._collect(watch, policy))
        except DatabaseUnavailable as error:  # what was fetched is still on the server
            log.error("intake.postponed", mailbox=watch.name, detail=str(error))
            return error
        except (MailboxUnavailable, LoginRefused) as error:
            await asyncio.to_thread(self._note_poll, watch.name, str(error))
            return error
        finally:
            self._asked(watch)
        await asyncio.to_thread(self._note_poll, watch.name, collected.trouble)
        return collected

    def _collect(self, watch: Watch, policy: IntakePolicy) -> Collected:
        """Take in what is new; before that, once after a restore, what the server kept of what is not."""
        premises = self.premises
        kept = kept_mail(premises.settings, watch.name)
        recover(watch.mailbox, self.database, premises.desk, policy, kept, utc_now)
        return collect(watch.mailbox, self.database, policy, utc_now, self._mail_has_come)

    def _asked(self, watch: Watch) -> None:
        """Let the line begin when every mailbox was asked, or could not be: what comes may name higher numbers."""
        self._unasked.discard(watch.name)
        if not self._unasked:
            self._mail_waits.set()

    def _holds_lease(self, mailbox: str) -> bool:
        if self.database.is_sqlite:
            return True  # the file's lock says so
        with self.database.begin() as session:
            return leases.take(session, mailbox, self.owner) is not None

    async def _renew_leases(self) -> None:
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
        deadline = loop.call_later(POLL_DEADLINE, watch.mailbox.abort)
        watch.polling = True
        try:
            return await loop.run_in_executor(watch.thread, work)
        finally:
            watch.polling = False
            deadline.cancel()

    def _note_poll(self, mailbox: str, trouble: str) -> None:
        with self.database.begin() as session:
            if not leases.is_held(session, mailbox, self.owner):
                return  # another daemon polls it meanwhile, and says how it is
            news = mailboxes.note_poll(session, mailbox, utc_now(), trouble)
        if news and trouble:
            log.error("mailbox.unavailable", mailbox=mailbox, detail=trouble)
        elif news:
            log.info("mailbox.recovered", mailbox=mailbox)

    # -- the line and delivery

    async def _process_when_woken(self) -> None:
        while not self.stopping.is_set():
            await self._woken(self._mail_waits)
            if not self.stopping.is_set():
                await self._guarded("processing", asyncio.to_thread(self._process_all))
                self._outbox_waits.set()

    async def _deliver_when_woken(self) -> None:
        while not self.stopping.is_set():
            await self._woken(self._outbox_waits)
            if not self.stopping.is_set():
                await self._guarded("delivery", self._set_off())

    async def _set_off(self) -> None:
        """Give each account that has something due a task of its own: none waits for another's slow server."""
        for account in await self.delivery.due_accounts():
            self._spawn(self._guarded(f"delivery by {account}", self._deliver(account)))

    async def _deliver(self, account: str) -> None:
        if await self.delivery.deliver(account):
            self._outbox_waits.set()  # for what came while it was ending

    def _process_all(self) -> None:
        """Work off the journal batch by batch, each under the rules that are in force when it begins."""
        while (
            not self._unasked
            and not self.stopping.is_set()
            and process_batch(self.database, self._desk(), utc_now, self.owner, by_delivery=self._restored)
        ):
            self._wake(self._outbox_waits)

    async def _guarded(self, what: str, work: Awaitable[object]) -> None:
        """Do a round of work; what nobody foresaw is logged, and the next round comes all the same."""
        try:
            await work
        except Exception:
            log.exception("round.failed", what=what)
            await asyncio.sleep(self.tick)

    async def _woken(self, event: asyncio.Event) -> None:
        """Wait for the event, or for the tick that comes anyway."""
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), self.tick)
        event.clear()

    def _mail_has_come(self) -> None:
        self._wake(self._mail_waits)

    def _wake(self, event: asyncio.Event) -> None:
        self._loop.call_soon_threadsafe(event.set)

    # -- the clock

    def _scheduler(self) -> AsyncIOScheduler:
        """Return the scheduler: a job for each mailbox, timers, rules, watchdog; nothing of it is kept on disk."""
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
        now = utc_now()
        for watch in self.watches:
            name = f"poll {watch.name}"
            scheduler.add_job(self._watch, "interval", args=[watch], seconds=watch.poll, next_run_time=now, id=name)
        scheduler.add_job(self._housekeeping, "interval", seconds=HOUSEKEEPING, next_run_time=now, id="timers")
        scheduler.add_job(self._keep_rules, "interval", args=[self.keeper.look], seconds=LOOK, id="rules")
        if not self.database.is_sqlite:
            scheduler.add_job(self._renew_leases, "interval", seconds=leases.RENEWAL, id="leases")
        if interval := supervision.watchdog_interval():
            scheduler.add_job(supervision.alive, "interval", seconds=interval, next_run_time=now, id="watchdog")
        return scheduler

    async def _watch_clock(self, scheduler: AsyncIOScheduler) -> None:
        """Say when the wall clock was set (T-03); where it was set back, no job's time would come for as long."""
        watch = ClockWatch(utc_now)
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), LOOK)
            if jump := watch.jump():
                log.error("clock.jumped", seconds=round(jump.total_seconds()))
                supervision.tell(f"the clock jumped by {jump.total_seconds():+.0f} s")
                self.delivery.shift_pauses(jump)
                for job in scheduler.get_jobs():
                    if job.next_run_time - utc_now() > job.trigger.interval:
                        job.modify(next_run_time=utc_now())

    async def _keep_rules(self, keep: Callable[[], bool]) -> None:
        if await asyncio.to_thread(keep):
            self._outbox_waits.set()

    async def _housekeeping(self) -> None:
        await asyncio.to_thread(self._keep_mark)
        if await asyncio.to_thread(timers.all_due, self.database, self._desk(), utc_now):
            self._outbox_waits.set()

    def _keep_mark(self) -> None:
        """Let copies made so far be old; on PostgreSQL see whether another server took over meanwhile."""
        restoration.discover(self.database, utc_now())
        restoration.beat(self.database)

    # -- signals, start and end

    def _handle_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)
        self._loop.add_signal_handler(signal.SIGHUP, self.reload)

    def stop(self) -> None:
        """Begin the end: no new claims, no new polls."""
        self.stopping.set()
        self.delivery.stopping.set()
        self._mail_waits.set()
        self._outbox_waits.set()
        for watch in self.watches:
            watch.mailbox.interrupt()

    def reload(self) -> None:
        """Begin to read the rules anew."""
        self._spawn(self._reload())

    async def _reload(self) -> None:
        """Read the rules anew, all or nothing; a broken file leaves the version in force working."""
        supervision.reloading()
        await self._keep_rules(self.keeper.reload)
        supervision.ready(f"{len(self.watches)} mailboxes")

    def _recover(self) -> None:
        """Settle what an earlier end left behind; on SQLite nobody else can be at work (the lock says so)."""
        now = utc_now()
        warm_up(self.database, self._desk(), now)
        alone = self.database.is_sqlite
        with self.database.begin() as session:
            if alone:
                journal.release_dead(session)
            leased_until = now.replace(year=9999) if alone else self.database.lease_clock(session)
            outbox.recover_dead(session, leased_until, now + AMBIGUOUS_WAIT)
            self._restored = restoration.standing(session) is not None
            if self._restored:
                self._unasked = {watch.name for watch in self.watches if restoration.unsearched(session, watch.name)}
        restoration.beat(self.database)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self) -> None:
        """Wait for what is under way, at most so long; then leave the rest to the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)
        late = [task for task in self._tasks if task.cancel()]
        if late:
            await asyncio.wait(late, timeout=PATIENCE / 6)  # to write down that nobody knows what became of a mail
        await self._close()

    async def _close(self) -> None:
        await self.delivery.close()
        loop = asyncio.get_running_loop()
        for watch in self.watches:
            deadline = loop.call_later(PATIENCE / 10, watch.mailbox.abort)
            await loop.run_in_executor(watch.thread, watch.mailbox.close)
            deadline.cancel()
            watch.thread.shutdown(wait=False)
        with suppress(DatabaseUnavailable):  # then they run out by themselves
            await asyncio.to_thread(self._give_leases_back)
