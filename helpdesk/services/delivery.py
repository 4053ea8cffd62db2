"""Delivery: claim → send → record, with no transaction open across the network (steps S10–S11 of RELIABILITY).

Async, since SMTP is; the database is asked in threads. A mail is marked durably before its bytes may leave and
recorded right after the answer, in one small transaction with the mark of the next. So at most one mail per
account is ever in doubt, and that one waits, and is sent again once, with the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from helpdesk import logs
from helpdesk.desk.terms import OutboxState
from helpdesk.errors import LoginRefused, TransportUnavailable
from helpdesk.services import setbacks
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.ports import Accepted, Ambiguous, Deferred, DeliveryResult, Envelope, Rejected, Transport
from helpdesk.services.schedule import AMBIGUOUS_WAIT, AccountPause, next_try
from helpdesk.store import outbox, tickets
from helpdesk.store.outbox import ClaimedMail
from helpdesk.store.unit_of_work import Database, Session

log = logs.get_logger(__name__)

SESSION = 50  # mails claimed at a time
SESSION_BYTES = 32 * 1024 * 1024
LEASE = timedelta(minutes=20)  # longer than the longest wait for an answer


@dataclass
class Delivery:
    """Sends what is due, one task per account. `stopping` ends it after the mail at hand."""

    database: Database
    transports: Mapping[str, Transport]
    owner: str
    clock: Callable[[], datetime]
    desk: Callable[[], Desk]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    pauses: dict[str, AccountPause] = field(default_factory=dict)

    async def deliver_due(self) -> int:
        """Send everything that is due on every account that is not paused; return how many mails were accepted."""
        accounts = await asyncio.to_thread(self._accounts)
        sent = await asyncio.gather(*(self._deliver(account) for account in accounts))
        return sum(sent)

    @property
    def troubles(self) -> list[Exception]:
        """What ails the accounts that rest at the moment."""
        return [pause.trouble for pause in self.pauses.values() if pause.trouble is not None]

    async def close(self) -> None:
        """End all sessions."""
        await asyncio.gather(*(transport.close() for transport in self.transports.values()))

    def _accounts(self) -> list[str]:
        now = self.clock()
        with self.database.begin() as session:
            outbox.recover_dead(session, now, now + AMBIGUOUS_WAIT)
            due = outbox.accounts_with_due(session, now)
        return [name for name in due if name in self.transports and self._pause(name).over(now)]

    def _pause(self, account: str) -> AccountPause:
        return self.pauses.setdefault(account, AccountPause())

    async def _deliver(self, account: str) -> int:
        sent = 0
        while not self.stopping.is_set():
            batch = await asyncio.to_thread(self._claim, account)
            if not batch:
                break
            accepted, went_well = await self._session(account, batch)
            sent += accepted
            if not went_well:
                break
        return sent

    def _claim(self, account: str) -> list[ClaimedMail]:
        with self.database.begin() as session:
            return outbox.claim_due(
                session, account, self.owner, self.clock(), LEASE, limit=SESSION, max_bytes=SESSION_BYTES
            )

    async def _session(self, account: str, batch: Sequence[ClaimedMail]) -> tuple[int, bool]:
        """Send a batch over one session; return how many were accepted, and whether the account can go on."""
        transport, accepted = self.transports[account], 0
        answer: tuple[ClaimedMail, DeliveryResult] | None = None
        for position, mail in enumerate(batch):
            still_ours = await asyncio.to_thread(self._record_and_mark, answer, mail)
            answer = None
            if self.stopping.is_set():
                await asyncio.to_thread(self._release, batch[position:])
                return accepted, False
            if not still_ours:
                continue
            try:
                result = await transport.send(Envelope(mail.sender, mail.recipient, mail.content))
            except (TransportUnavailable, LoginRefused) as error:
                await asyncio.to_thread(self._release, batch[position:])
                self._rest(account, error)
                return accepted, False
            accepted += isinstance(result, Accepted)
            answer = (mail, result)
        await asyncio.to_thread(self._record_and_mark, answer, None)
        self._pause(account).well()
        return accepted, True

    def _record_and_mark(self, answer: tuple[ClaimedMail, DeliveryResult] | None, upcoming: ClaimedMail | None) -> bool:
        """Record the last answer and mark the next mail, in one transaction; False: the next is ours no longer."""
        with self.database.begin() as session:
            if answer is not None:
                self._record(session, *answer)
            return upcoming is not None and outbox.mark_in_data(session, upcoming.id, self.owner)

    def _record(self, session: Session, mail: ClaimedMail, result: DeliveryResult) -> None:
        now = self.clock()
        values = outcome_of(mail, result, now)
        if not outbox.record(session, mail, self.owner, now, values):
            log.warning("delivery.overtaken", outbox=mail.id)
            return
        log.info(
            "mail.delivered" if isinstance(result, Accepted) else "mail.not_delivered",
            outbox=mail.id,
            state=values["state"].value,
            code=values.get("code"),
            attempt=mail.attempt,
        )
        if values["state"] is OutboxState.FAILED:
            self._tell_of_failure(Unit(session, self.desk(), now), mail, values["reason"])

    def _tell_of_failure(self, unit: Unit, mail: ClaimedMail, reason: str) -> None:
        ticket = tickets.ticket(unit.session, mail.ticket) if mail.ticket is not None else None
        if ticket is not None:
            setbacks.tell_of_failure(unit, ticket, mail.notification, mail.recipient, reason, f"outbox:{mail.id}")

    def _release(self, mails: Sequence[ClaimedMail]) -> None:
        with self.database.begin() as session:
            outbox.release(session, [mail.id for mail in mails], self.owner)

    def _rest(self, account: str, error: TransportUnavailable | LoginRefused) -> None:
        """Let the account rest; no row is charged for what is not its fault. Said once, not at every try."""
        if self._pause(account).begin(self.clock(), error):
            log.error("smtp.unavailable", account=account, detail=str(error))


def outcome_of(mail: ClaimedMail, result: DeliveryResult, now: datetime) -> dict[str, Any]:
    """Return the columns that an answer sets on the row; the schedule of further tries is RELIABILITY 2.7's."""
    match result:
        case Accepted(code, reply):
            return {"state": OutboxState.SENT, "sent_at": now, "code": code, "reply": reply, "reason": ""}
        case Rejected(code, enhanced, reply):
            said = f"refused: {code} {enhanced} {reply}".replace("  ", " ")
            return {"state": OutboxState.FAILED, "code": code, "reply": reply, "reason": said}
        case Deferred(code, enhanced, reply):
            again = next_try(mail.attempt, mail.created_at, now, greylisted=enhanced.startswith("4.7") or code == 450)
            if again is None:
                said = f"given up after {mail.attempt} tries: {code} {enhanced} {reply}"
                return {"state": OutboxState.FAILED, "code": code, "reply": reply, "reason": said}
            said = f"not now: {code} {enhanced} {reply}"
            return {
                "state": OutboxState.DEFERRED,
                "code": code,
                "reply": reply,
                "reason": said,
                "next_attempt_at": again,
            }
        case Ambiguous(detail):
            again = now + AMBIGUOUS_WAIT if mail.ambiguous == 0 else None
            return {
                "state": OutboxState.UNKNOWN,
                "reason": f"nobody knows whether it was taken: {detail}",
                "next_attempt_at": again,
                "ambiguous": mail.ambiguous + 1,
            }
