"""Delivery: claim → send → record, with no transaction open across the network (steps S10–S11 of RELIABILITY).

Async, since SMTP is; `bookkeeping` asks the database. A mail is marked durably before its bytes may leave, while the
server looks at its envelope, and recorded after the answer, in one small transaction with the mark of the next. So at
most one mail per account is ever in doubt, and that one waits, and is sent again once, with the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk import crashpoints, logs
from helpdesk.errors import DatabaseUnavailable, LoginRefused, TransportUnavailable
from helpdesk.services.accounts import Accounts
from helpdesk.services.bookkeeping import Answer, Bookkeeping
from helpdesk.services.desk import Desk
from helpdesk.services.ports import Accepted, Transport, Withheld
from helpdesk.services.schedule import AMBIGUOUS_WAIT
from helpdesk.services.senders import Senders
from helpdesk.store import accounts, restoration, sending
from helpdesk.store.sending import ClaimedMail
from helpdesk.store.unit_of_work import Database

log = logs.get_logger(__name__)

RESTORED = "the database was restored from a copy: nothing goes out until `helpdesk outbox release`"


@dataclass
class Delivery:
    """Sends what is due, account by account: none waits for another's server. `stopping` ends it after a mail.

    `deliver_due` waits for all of them; who has other things to do asks for `due_accounts` and gives each a task
    of its own in `deliver`.
    """

    database: Database
    transports: Mapping[str, Transport]
    owner: str
    clock: Callable[[], datetime]
    desk: Callable[[], Desk]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    accounts: Accounts = field(default_factory=Accounts)
    restored: bool = False  # the database is a copy, and nobody has released it yet
    _at_work: set[str] = field(default_factory=set)  # accounts that somebody is sending on just now
    senders: Senders = field(init=False)
    _books: Bookkeeping = field(init=False)

    def __post_init__(self) -> None:
        self.senders = Senders(self.database, self.desk)
        self._books = Bookkeeping(self.database, self.owner, self.clock, self.desk, self.accounts)

    async def deliver_due(self) -> int:
        """Send everything that is due on every account that is not paused; return how many mails were accepted."""
        due = await self.due_accounts()
        sent = await asyncio.gather(*(self.deliver(account) for account in due))
        return sum(sent)

    async def due_accounts(self) -> list[str]:
        """Return the accounts that have something due, are not paused, and that nobody is sending on."""
        await asyncio.to_thread(self._books.settle)
        due = await asyncio.to_thread(self._accounts, frozenset(self._at_work))
        crashpoints.reached("C10")
        return [account for account in due if account not in self._at_work]

    async def deliver(self, account: str) -> int:
        """Send everything that is due on one account; return how many mails were accepted.

        Nothing is done, and 0 returned, while somebody is at it already: the transport serves one task at a time.
        """
        if account in self._at_work:
            return 0
        self._at_work.add(account)
        try:
            return await self._deliver(account)
        finally:
            self._at_work.discard(account)

    @property
    def troubles(self) -> list[Exception]:
        """What keeps mail from going out at the moment."""
        copied = [DatabaseUnavailable(RESTORED)] if self.restored else []
        return [*copied, *self.accounts.troubles]

    async def close(self) -> None:
        """End all sessions."""
        await asyncio.gather(*(transport.close() for transport in self.transports.values()))

    def _accounts(self, at_work: frozenset[str]) -> list[str]:
        now = self.clock()
        with self.database.begin() as session:
            ours = (self.owner, at_work)  # however long we slept: whoever waits for an answer still gets it
            sending.recover_dead(session, self.database.lease_clock(session), now + AMBIGUOUS_WAIT, living=ours)
            due = sending.accounts_with_due(session, now)
            known = accounts.states(session)
            self.restored = restoration.standing(session) is not None
        if self.restored:
            return []  # what would go out may have gone before: a person says when it goes on
        self.accounts.learn(known)
        self.senders.null_refused = {name for name, row in known.items() if row.refuses_null_sender}
        return [name for name in due if name in self.transports and self.accounts.can_send(name, now)]

    async def _deliver(self, account: str) -> int:
        sent = 0
        while not self.stopping.is_set():
            batch = await asyncio.to_thread(self._books.claim, account)
            if not batch:
                break
            crashpoints.reached("C11")
            accepted, went_well = await self._session(account, batch)
            del batch  # the next may be big as well
            sent += accepted
            if not went_well:
                break
        return sent

    async def _session(self, account: str, batch: Sequence[ClaimedMail]) -> tuple[int, bool]:
        """Send a batch over one session; return how many were accepted, and whether the account can go on."""
        accepted = 0
        answer: Answer | None = None
        for position, mail in enumerate(batch):
            left = batch[position:]
            try:
                answer = await self._next(account, answer, mail, left)
            except (TransportUnavailable, LoginRefused) as error:
                await asyncio.to_thread(self._books.give_back, left, error)
                self.accounts.rest(account, error, self.clock(), took_some=accepted > 0)
                return accepted, False
            if answer is None and self._must_stop(account):
                await asyncio.to_thread(self._books.release, left)
                return accepted, False
            accepted += answer is not None and isinstance(answer[1], Accepted)
        await self._books.write(account, answer, None, ())
        self.accounts.went_well(account)
        return accepted, account not in self.accounts.held

    def _must_stop(self, account: str) -> bool:
        return self.stopping.is_set() or account in self.accounts.held

    async def _next(
        self, account: str, last: Answer | None, mail: ClaimedMail, left: Sequence[ClaimedMail]
    ) -> Answer | None:
        """Announce a mail while the last answer and its own mark are written, then hand it over; None: it did not go.

        Its content waits until both are durable (T4b): a mail is on record before it can be out, and only one is.
        """
        written = asyncio.create_task(self._books.write(account, last, mail, left))  # begins when MAIL was said

        async def cleared() -> None:
            if not await asyncio.shield(written) or self._must_stop(account):
                raise Withheld
            crashpoints.reached("C12")

        try:
            result = await self.senders.send(self.transports[account], account, mail, cleared)
        except Withheld:
            return None
        except (TransportUnavailable, LoginRefused):
            await written  # if the database is away as well, that is the greater trouble
            raise
        finally:
            if not written.done():
                await asyncio.wait([written])  # whatever stopped us, the last answer is recorded
        crashpoints.reached("C14")
        return (mail, result) if await written else None
