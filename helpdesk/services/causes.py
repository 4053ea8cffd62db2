"""What letters are written for, as the outbox names it: `entry:17`, `comment:4`, `taken_in:4`, `history:90`.

The same cause never writes to a person twice, and an answer to a letter leads back over it to the words it carried.
Called by whoever writes letters about a change, by `absences`, `changes` and `drafts`.
"""

from __future__ import annotations

from helpdesk.store import notices, outbox, tickets
from helpdesk.store.outbox import SentMail
from helpdesk.store.tables import CommentRow, TicketRow
from helpdesk.store.unit_of_work import Session


def of_change(session: Session, ticket: TicketRow) -> str:
    """Return the cause of letters about the newest line of a ticket's history."""
    return f"history:{tickets.last_event(session, ticket.number)}"


def of_letter(session: Session, letter: SentMail) -> tuple[str, int | None]:
    """Return what kind of thing a letter was written for, and its number if it has one."""
    kind, _, rest = outbox.cause(session, letter.id).partition(":")
    number = rest.partition(":")[0]  # a mail that was heard again is `entry:17:again`
    return kind, int(number) if number.isdigit() else None


def words_of(session: Session, letter: SentMail) -> CommentRow | None:
    """Return the comment whose words a letter carried, None for one about something else."""
    kind, number = of_letter(session, letter)
    if number is None:
        return None
    if kind == "entry":
        return tickets.comment_of_entry(session, number)
    return notices.comment(session, number) if kind in ("comment", "taken_in") else None
