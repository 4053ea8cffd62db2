"""A consultant's mail that nothing proves: its owner is asked, and "yes" carries it out (RELIABILITY 3.6).

The letter goes to the registered address alone, so whoever can answer it is the consultant. A From that our mail server
calls forged is never asked about. Called by `conversation`; `rehearing` does what the answer calls for.
"""

from __future__ import annotations

from helpdesk.desk.sender import Proof
from helpdesk.desk.terms import OutboxState
from helpdesk.desk.vouching import QuestionKind
from helpdesk.services import orders, vouching
from helpdesk.services.desk import Unit
from helpdesk.services.errands import Errand
from helpdesk.store import questions
from helpdesk.store.tables import CommentRow, OutboxRow, TicketRow


def refuse(errand: Errand) -> tuple[list[OutboxRow], bool]:
    """Tell the registered address of commands that nothing proves; return the receipt, and whether it asks.

    It asks whose they are once a day at most; one that the gate holds or mutes has asked nothing.
    """
    unit, sender = errand.unit, errand.sender
    since = unit.now - vouching.ONCE_IN
    asked = questions.was_asked_since(unit.session, sender.person.addr, QuestionKind.AUTHORSHIP, since)
    challenge = sender.proof is Proof.NONE and not asked
    receipts = orders.refuse_unproven(errand, challenge=challenge)
    return receipts, challenge and all(row.state is OutboxState.QUEUED for row in receipts)


def remember(unit: Unit, ticket: TicketRow, row: CommentRow, receipts: list[OutboxRow]) -> None:
    """Write down that a receipt asks about this mail."""
    for letter in receipts:
        vouching.remember(unit, row, QuestionKind.AUTHORSHIP, letter, vouching.lapses_at(unit, ticket))
