"""Signed reverse-paths: to which of our mails a report belongs, beyond doubt (RELIABILITY 2.7, 3.1).

`delivery` sends under them where the queue's server has sub-addressing, `reports` reads them. What came back to one can
only speak of that mail; a report that merely names an id may be anybody's who has seen the id.
"""

from __future__ import annotations

from helpdesk.desk.tokens import number_of, word_of
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.facts import Understood
from helpdesk.store import outbox
from helpdesk.store.outbox import SentMail


def signed_sender(desk: Desk, sender: str, identifier: int) -> str:
    """Return the envelope sender of one outgoing mail: signed where it can be, else as it was; `<>` stays `<>`."""
    return desk.keyring.bounce_address(sender, word_of(identifier)) if can_sign(desk, sender) else sender


def can_sign(desk: Desk, sender: str) -> bool:
    """Return whether reports on mail with this sender are expected at a signed address."""
    queue = desk.rules.queue_of_address(sender) if sender else None
    return queue is not None and queue.name in desk.subaddressed and desk.keyring.signs


def returned_mail(unit: Unit, item: Understood) -> SentMail | None:
    """Return the mail of ours whose reverse-path a message came to; None for a forged one or any other address."""
    desk = unit.desk
    delivered_to = desk.delivered_to(item.entry.mailbox, item.message)
    for addr in (delivered_to, *(one.addr for one in item.message.recipients)):
        word = desk.keyring.reads_bounce(addr) if desk.rules.queue_of_address(addr) is not None else None
        if word is not None:
            return outbox.by_number(unit.session, number_of(word))
    return None
