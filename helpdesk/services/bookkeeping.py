"""What delivery writes down: which mails it claims, the mark before a mail may leave, what the server answered.

Called by `delivery`, which sends meanwhile: each unit of work here is over before the network is waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk import logs
from helpdesk.errors import DatabaseUnavailable, LoginRefused, TransportUnavailable
from helpdesk.services import aftermath
from helpdesk.services.accounts import Accounts
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.ports import Accepted, DeliveryResult
from helpdesk.store import sending
from helpdesk.store.sending import ClaimedMail
from helpdesk.store.unit_of_work import Database, Session

log = logs.get_logger(__name__)

SESSION = 50  # mails claimed at a time
SESSION_BYTES = 8 * 1024 * 1024  # of them; one that is bigger is held alone
LEASE = timedelta(minutes=20)  # longer than the longest wait for an answer
Answer = tuple[ClaimedMail, DeliveryResult]


@dataclass
class Bookkeeping:
    """The outbox as one daemon's delivery keeps it."""

    database: Database
    owner: str
    clock: Callable[[], datetime]
    desk: Callable[[], Desk]
    accounts: Accounts
    _unrecorded: list[tuple[str, Answer]] = field(default_factory=list)  # answers that the database did not take yet
    _orphans: list[ClaimedMail] = field(default_factory=list)  # claimed mails that nothing was done with

    def claim(self, account: str) -> list[ClaimedMail]:
        """Return the next mails of an account, which are ours from now on."""
        with self.database.begin() as session:
            until = self.database.lease_clock(session) + LEASE
            return sending.claim_due(
                session, account, self.owner, self.clock(), until, limit=SESSION, max_bytes=SESSION_BYTES
            )

    def settle(self) -> None:
        """Record the answers that the database could not take, before anything else: nothing is sent twice for them."""
        while self._unrecorded:
            account, answer = self._unrecorded[0]
            with self.database.begin() as session:
                self._record(session, account, *answer)
            del self._unrecorded[0]
        while self._orphans:  # another account may add some meanwhile
            self.release(self._orphans[:1])
            del self._orphans[0]

    async def write(
        self, account: str, answer: Answer | None, upcoming: ClaimedMail | None, left: Sequence[ClaimedMail]
    ) -> bool:
        """Record the last answer and mark the next mail, in one transaction; False: the next is ours no longer.

        Raises DatabaseUnavailable; the answer is then kept until it can be recorded. SQLite that nobody writes to is
        asked here and now: the way to a thread and back takes as long as it does.
        """
        if self.database.is_sqlite:
            at_once = self._write(self.database.begin_if_free(), account, answer, upcoming, left)
            if at_once is not None:
                return at_once
        return bool(await asyncio.to_thread(self._write, self.database.begin(), account, answer, upcoming, left))

    def _write(
        self,
        unit: AbstractContextManager[Session | None],
        account: str,
        answer: Answer | None,
        upcoming: ClaimedMail | None,
        left: Sequence[ClaimedMail],
    ) -> bool | None:
        """Do it in this unit; None for one that could not begin. Where the database can't, all is kept (D-03)."""
        try:
            with unit as session:
                return None if session is None else self._record_and_mark(session, account, answer, upcoming)
        except DatabaseUnavailable:
            if answer is not None:
                self._unrecorded.append((account, answer))
            self._orphans += left
            raise

    def _record_and_mark(
        self, session: Session, account: str, answer: Answer | None, upcoming: ClaimedMail | None
    ) -> bool:
        if answer is not None:
            self._record(session, account, *answer)
        until = self.database.lease_clock(session) + LEASE
        return upcoming is not None and sending.mark_in_data(session, upcoming, self.owner, until)

    def _record(self, session: Session, account: str, mail: ClaimedMail, result: DeliveryResult) -> None:
        now = self.clock()
        values = aftermath.outcome_of(mail, result, now)
        if not sending.record(session, mail, self.owner, now, values):
            log.warning("delivery.overtaken", outbox=mail.id)
            return
        log.info(
            "mail.delivered" if isinstance(result, Accepted) else "mail.not_delivered",
            outbox=mail.id,
            state=values["state"].value,
            code=values.get("code"),
            attempt=mail.attempt,
        )
        aftermath.follow(Unit(session, self.desk(), now), account, mail, result, values)
        self.accounts.judge(session, account, result)

    def give_back(self, mails: Sequence[ClaimedMail], error: TransportUnavailable | LoginRefused) -> None:
        """Give mails back uncharged; one that ends a session again and again lets the others go first."""
        with self.database.begin() as session:
            if getattr(error, "at_mail", False):
                now = self.clock()
                aftermath.interrupted(Unit(session, self.desk(), now), mails[0], self.owner, str(error))
                mails = mails[1:]
            sending.release(session, mails, self.owner)

    def release(self, mails: Sequence[ClaimedMail]) -> None:
        with self.database.begin() as session:
            sending.release(session, mails, self.owner)
