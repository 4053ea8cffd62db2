"""The daemon: the composition root, and the one place that knows of event loop and signals.

    polling     mailboxes in threads of their own, under leases      clockwork   the scheduler and what it calls

What polls bring wakes the line (worker threads), what the line writes wakes delivery (this loop, a task an account).
All three also run by the clock: a wake-up may be missed, a tick is not.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any

from helpdesk import logs, supervision
from helpdesk.daemon.clockwork import Clockwork
from helpdesk.daemon.polling import GOODBYE, Mailboxes
from helpdesk.premises import Premises, utc_now
from helpdesk.reloading import RulesKeeper
from helpdesk.services import timers
from helpdesk.services.delivery import Delivery
from helpdesk.services.desk import Desk
from helpdesk.services.process import process_batch
from helpdesk.services.schedule import AMBIGUOUS_WAIT
from helpdesk.services.warmup import warm_up
from helpdesk.store import claims, restoration, sending
from helpdesk.wiring import make_transport

log = logs.get_logger(__name__)

TICK = 5.0  # seconds between two looks at what the clock and the queues hold
PATIENCE = 60.0  # seconds that the end waits for what is under way


class Daemon:
    """A desk at work. `run` stays until a signal; `run_once` does all that is due and returns what went wrong."""

    def __init__(self, premises: Premises, tick: float = TICK) -> None:
        self.premises = premises
        self.tick = tick  # seconds
        self.database = premises.database
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"  # in containers all are process 1
        settings = premises.settings
        self.mailboxes = Mailboxes(premises, self.owner, lambda: self._wake(self._mail_waits))
        transports = {account: make_transport(settings, account) for account in settings.smtp_accounts}
        self.delivery = Delivery(self.database, transports, self.owner, utc_now, self._desk)
        self.keeper = RulesKeeper(premises)
        self.clockwork = Clockwork(
            premises, self.mailboxes, self.delivery, transports, self.keeper, lambda: self._wake(self._outbox_waits)
        )
        self.stopping = asyncio.Event()
        self._line = asyncio.Lock()  # one batch at a time, so that an answer never overtakes its question
        self._mail_waits = asyncio.Event()
        self._outbox_waits = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._restored = False

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
        scheduler = self.clockwork.scheduler()
        scheduler.start()
        self._spawn(self._process_when_woken())
        self._spawn(self._deliver_when_woken())
        self._spawn(self.clockwork.watch(scheduler, self.stopping))
        self._mail_waits.set()
        self._outbox_waits.set()
        supervision.ready(f"{len(self.mailboxes.watches)} mailboxes")
        log.info("daemon.started", mailboxes=len(self.mailboxes.watches), owner=self.owner)
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
        collecting = asyncio.gather(
            *(self.mailboxes.collect_all(each, self._work_off) for each in self.mailboxes.watches)
        )
        await self._process_while(collecting)
        troubles = await collecting
        await asyncio.to_thread(timers.all_due, self.database, self._desk(), utc_now)
        if self.premises.refused:
            await asyncio.to_thread(self.keeper.reload)  # so that the admin is told
        while await self.delivery.deliver_due():
            pass
        await asyncio.to_thread(self.clockwork.note_accounts)
        await self._close()
        return [trouble for trouble in troubles if trouble is not None] + self.delivery.troubles

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
            not self.mailboxes.unasked
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

    def _wake(self, event: asyncio.Event) -> None:
        self._loop.call_soon_threadsafe(event.set)

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
        self.mailboxes.interrupt()

    def reload(self) -> None:
        """Begin to read the rules anew."""
        self._spawn(self._reload())

    async def _reload(self) -> None:
        """Read the rules anew, all or nothing; a broken file leaves the version in force working."""
        supervision.reloading()
        await self.clockwork.keep_rules(self.keeper.reload)
        supervision.ready(f"{len(self.mailboxes.watches)} mailboxes")

    def _recover(self) -> None:
        """Settle what an earlier end left behind; on SQLite nobody else can be at work (the lock says so)."""
        now = utc_now()
        warm_up(self.database, self._desk(), now)
        alone = self.database.is_sqlite
        with self.database.begin() as session:
            if alone:
                claims.release_dead(session)
            leased_until = now.replace(year=9999) if alone else self.database.lease_clock(session)
            sending.recover_dead(session, leased_until, now + AMBIGUOUS_WAIT)
            self._restored = restoration.standing(session) is not None
            if self._restored:
                self.mailboxes.unasked = {
                    watch.name for watch in self.mailboxes.watches if restoration.unsearched(session, watch.name)
                }
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
        await self.clockwork.ended(GOODBYE)
        await self._close()

    async def _close(self) -> None:
        await self.delivery.close()
        await self.mailboxes.close()
