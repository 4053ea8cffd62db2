"""Which envelope sender an account takes: learnt from its refusals, and kept to (RELIABILITY 2.7, M-09).

Called by `delivery` for each mail. Three are tried, the best first: the signed address that bounces come back to, or
the null sender; then the queue's plain address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from helpdesk import logs
from helpdesk.services import aftermath, reverse_paths
from helpdesk.services.desk import Desk
from helpdesk.services.ports import Accepted, Clearance, Deferred, DeliveryResult, Envelope, Transport
from helpdesk.store import accounts, tickets
from helpdesk.store.sending import ClaimedMail
from helpdesk.store.unit_of_work import Database

log = logs.get_logger(__name__)


@dataclass
class Senders:
    """What is known of each account; `null_refused` is kept in the database, the rest is learnt at each start."""

    database: Database
    desk: Callable[[], Desk]
    null_refused: set[str] = field(default_factory=set)
    signed_refused: set[str] = field(default_factory=set)

    async def send(self, transport: Transport, account: str, mail: ClaimedMail, cleared: Clearance) -> DeliveryResult:
        """Hand a mail over; where the account refuses its sender, at once with the one that comes next."""
        sender = mail.sender
        if account not in self.signed_refused:
            sender = reverse_paths.signed_sender(self.desk(), mail.sender, mail.id)
        if not sender and account in self.null_refused:
            sender = await asyncio.to_thread(self._address_of, mail)
        result = await transport.send(Envelope(sender, mail.recipient, mail.content), cleared)
        if not aftermath.is_ours(result) or (sender and sender == mail.sender):
            return result
        if sender and mail.sender:
            return await self._plainly(transport, account, mail, cleared)
        return result if sender else await self._by_the_queue(transport, account, mail, cleared)

    async def _plainly(
        self, transport: Transport, account: str, mail: ClaimedMail, cleared: Clearance
    ) -> DeliveryResult:
        """Hand a mail over that was refused under its signed sender; an account that takes it has no more of those."""
        result = await transport.send(Envelope(mail.sender, mail.recipient, mail.content), cleared)
        if isinstance(result, Accepted):
            self.signed_refused.add(account)
            log.warning("smtp.refuses_signed_senders", account=account)
        return result

    async def _by_the_queue(
        self, transport: Transport, account: str, mail: ClaimedMail, cleared: Clearance
    ) -> DeliveryResult:
        """Hand a mail over whose null sender was refused; if that was what displeased, it is remembered."""
        sender = await asyncio.to_thread(self._address_of, mail)
        result = await transport.send(Envelope(sender, mail.recipient, mail.content), cleared)
        if not aftermath.is_ours(result) and not isinstance(result, Deferred):
            self.null_refused.add(account)
            await asyncio.to_thread(self._remember, account)
        return result

    def _address_of(self, mail: ClaimedMail) -> str:
        """Return the address of the queue that a mail speaks for: bounces go there."""
        with self.database.read() as session:
            ticket = tickets.ticket(session, mail.ticket) if mail.ticket is not None else None
            return self.desk().queue_facts(ticket.queue if ticket else "").address

    def _remember(self, account: str) -> None:
        with self.database.begin() as session:
            accounts.remember_null_sender_refused(session, account)
        log.warning("smtp.refuses_null_sender", account=account)
