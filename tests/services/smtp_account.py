"""An SMTP account that answers by a script, and a delivery that sends by it: where a server's timing must be exact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from helpdesk.services.delivery import Delivery
from helpdesk.services.ports import Accepted, Ambiguous, Clearance, DeliveryResult, Envelope, Transport, at_once
from helpdesk.store.tables import OutboxRow
from tests.services.desk_at_work import DeskAtWork

Answer = DeliveryResult | Exception
Script = Callable[[Envelope], Answer]
OK = Accepted(250, "2.0.0 queued")


class Account:
    """An SMTP account that remembers what it was asked to send, and what it took."""

    account = "default"

    def __init__(self, script: Script = lambda _: OK) -> None:
        self.script, self.taken, self.asked = script, list[Envelope](), list[Envelope]()

    async def send(self, envelope: Envelope, cleared: Clearance = at_once) -> DeliveryResult:
        await cleared()
        self.asked.append(envelope)
        result = self.script(envelope)
        if isinstance(result, Exception):
            raise result
        if isinstance(result, Accepted | Ambiguous):
            self.taken.append(envelope)
        return result

    async def close(self) -> None:
        return


def delivery(desk: DeskAtWork, transport: Transport) -> Delivery:
    """Return a delivery that sends by one account."""
    return Delivery(desk.database, {"default": transport}, "sender", desk.clock, lambda: desk.desk)


def send(desk: DeskAtWork, transport: Transport) -> int:
    """Send what is due, as a program that has just started; return how many mails."""
    return asyncio.run(delivery(desk, transport).deliver_due())


def ack(desk: DeskAtWork) -> OutboxRow:
    """Return the acknowledgement's row."""
    [row] = desk.outbox(notification="new")
    return row
