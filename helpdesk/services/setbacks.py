"""A mail of ours that did not arrive: said on the ticket, and to its consultants.

Called where a server refuses a mail (`delivery`) and where a report comes back later (`reports`).
"""

from __future__ import annotations

from helpdesk.desk.notify import Occasion
from helpdesk.desk.terms import NotificationKind, Person, Side
from helpdesk.services import course, letters
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store.tables import TicketRow

POSTMASTER = Person("", "postmaster")


def tell_of_failure(
    unit: Unit,
    ticket: TicketRow,
    notification: NotificationKind,
    recipient: str,
    reason: str,
    cause: str,
    *,
    event: str = "undelivered",
) -> None:
    """Note on the ticket that a mail failed for good and tell its consultants, in the open transaction.

    About a failed notice of failure nobody is told again.
    """
    course.note(unit, ticket, event, POSTMASTER, old=notification, new=recipient, reason=reason)
    if notification is NotificationKind.NOTICE_UNDELIVERED:
        return
    words = Words(POSTMASTER, Side.CUSTOMER, problem=reason, failed_recipient=recipient)
    people = letters.people_of(unit, ticket, ())
    letters.tell(unit, ticket, Occasion.UNDELIVERED, people, words, cause)
