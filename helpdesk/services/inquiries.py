"""What a consultant may ask for by mail: the customer's files, the whole exchange, tickets by words.

Called by `orders` for #send, #history and #find; the answers travel in the receipt, to the consultant only.
"""

from __future__ import annotations

from helpdesk.desk.folding import fold
from helpdesk.desk.letter import Utterance
from helpdesk.desk.report import Found
from helpdesk.desk.terms import Side
from helpdesk.mail.message import Attachment
from helpdesk.services.desk import Unit
from helpdesk.services.enclosures import files_of
from helpdesk.store import tickets, work
from helpdesk.store.tables import TicketRow
from helpdesk.store.work import TicketFilter

MOST_FOUND = 20
MOST_WORDS = 50  # comments of a history


def whole_exchange(unit: Unit, ticket: TicketRow) -> tuple[Utterance, ...]:
    """Return what was said on the ticket, newest first."""
    said = tickets.comments_of(unit.session, ticket.number)[-MOST_WORDS:]
    return tuple(tickets.quoted(row) for row in reversed(said))


def customers_files(unit: Unit, ticket: TicketRow) -> tuple[Attachment, ...]:
    """Return the files that the customer's side sent, newest first; inline pictures included."""
    found: list[Attachment] = []
    for row in reversed(tickets.comments_of(unit.session, ticket.number)):
        if row.side is Side.CUSTOMER and row.entry is not None:
            found += files_of(unit.session, row.id or 0)
    return tuple(found)


def found(unit: Unit, words: str) -> tuple[Found, ...]:
    """Return the tickets in whose subject or requester all the words occur, in the order of work."""
    wanted = TicketFilter(words=tuple(fold(words).split()), limit=MOST_FOUND)
    return tuple(
        Found(unit.desk.key_of(row), row.subject, row.requester_name or row.requester_addr, row.state)
        for row in work.listed(unit.session, wanted)
    )
