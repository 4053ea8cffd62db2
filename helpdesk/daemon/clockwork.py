"""The daemon's clock: the scheduler with its jobs, the timers' rounds, and a wall clock that somebody set.

The one place that knows APScheduler; nothing of it is kept on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpdesk import logs, supervision
from helpdesk.adapters.smtp import SmtpTransport
from helpdesk.clockwatch import ClockWatch
from helpdesk.daemon.polling import Mailboxes
from helpdesk.premises import Premises, utc_now
from helpdesk.reloading import RulesKeeper
from helpdesk.services import timers
from helpdesk.services.delivery import Delivery
from helpdesk.store import leases, restoration

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logs.get_logger(__name__)

HOUSEKEEPING = 60.0  # seconds between two rounds of the timers
LOOK = 2.0  # seconds between two looks at the rules' file; it is judged when two found it alike


@dataclass
class Clockwork:
    """What is done by the clock; `written` is called when mail was written."""

    premises: Premises
    mailboxes: Mailboxes
    delivery: Delivery
    transports: Mapping[str, SmtpTransport]
    keeper: RulesKeeper
    written: Callable[[], None]
    _turns: set[asyncio.Task[Any]] = field(default_factory=set)

    def scheduler(self) -> AsyncIOScheduler:
        """Return the scheduler: a job for each mailbox, timers, rules, leases, watchdog."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # `run --once` has no use for it

        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
        now = utc_now()
        for watch in self.mailboxes.watches:
            scheduler.add_job(
                self._turn(self.mailboxes.watch),
                "interval",
                args=[watch],
                seconds=watch.poll,
                next_run_time=now,
                id=f"poll {watch.name}",
            )
        housekeeping, keep_rules = self._turn(self._housekeeping), self._turn(self.keep_rules)
        scheduler.add_job(housekeeping, "interval", seconds=HOUSEKEEPING, next_run_time=now, id="timers")
        scheduler.add_job(keep_rules, "interval", args=[self.keeper.look], seconds=LOOK, id="rules")
        if not self.premises.database.is_sqlite:
            renew = self._turn(self.mailboxes.renew_leases)
            scheduler.add_job(renew, "interval", seconds=leases.RENEWAL, id="leases")
        if interval := supervision.watchdog_interval():
            scheduler.add_job(supervision.alive, "interval", seconds=interval, next_run_time=now, id="watchdog")
        return scheduler

    def _turn(self, job: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
        """Return the job so that `ended` can wait for it: the scheduler would cancel it and call that an error."""

        async def turn(*args: object) -> None:
            task = asyncio.ensure_future(job(*args))
            self._turns.add(task)
            task.add_done_callback(self._turns.discard)
            await task

        return turn

    async def ended(self, seconds: float) -> None:
        """Wait for the turns that are under way, at most so long."""
        if self._turns:
            await asyncio.wait(self._turns, timeout=seconds)

    async def watch(self, scheduler: AsyncIOScheduler, stopping: asyncio.Event) -> None:
        """Say when the wall clock was set (T-03); where it was set back, no job's time would come for as long."""
        watch = ClockWatch(utc_now)
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK)
            if jump := watch.jump():
                log.error("clock.jumped", seconds=round(jump.total_seconds()))
                supervision.tell(f"the clock jumped by {jump.total_seconds():+.0f} s")
                self.delivery.accounts.shift(jump)
                for job in scheduler.get_jobs():
                    if job.next_run_time - utc_now() > job.trigger.interval:
                        job.modify(next_run_time=utc_now())

    async def keep_rules(self, keep: Callable[[], bool]) -> None:
        """Look at the rules' file, or read it anew."""
        if await asyncio.to_thread(keep):
            self.written()

    async def _housekeeping(self) -> None:
        await asyncio.to_thread(self._keep_mark)
        await asyncio.to_thread(self.note_accounts)
        if await asyncio.to_thread(timers.all_due, self.premises.database, self.premises.desk, utc_now):
            self.written()

    def note_accounts(self) -> None:
        """Write down how the SMTP accounts fare that were tried."""
        for account, pause in list(self.delivery.accounts.pauses.items()):
            if pause.trouble or pause.proven:
                left = self.transports[account].token_left
                self.mailboxes.logins.keep(f"SMTP account {account}", pause.trouble, left)

    def _keep_mark(self) -> None:
        """Let copies made so far be old; on PostgreSQL see whether another server took over meanwhile."""
        restoration.discover(self.premises.database, utc_now())
        restoration.beat(self.premises.database)
