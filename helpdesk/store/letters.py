"""What we wrote to somebody on a ticket, to tell it from what they write: called by `services.facts`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session

from helpdesk.desk.terms import CUSTOMER_NOTIFICATIONS, NotificationKind, OutboxState
from helpdesk.store.tables import OutboxRow

NEWEST = 4  # letters to one person on one ticket: who answers an older one names its id
MOST_BYTES = 48 * 1024  # of a letter: its text comes first, the attachments don't matter
OUTWARD = CUSTOMER_NOTIFICATIONS | {NotificationKind.FORWARDED}
NEVER_LEFT = (OutboxState.HELD, OutboxState.MUTED, OutboxState.CANCELLED)


@dataclass(frozen=True, slots=True)
class SentLetter:
    """The beginning of a mail of ours to somebody outside."""

    id: int
    ticket: int
    recipient: str
    content: bytes = field(repr=False)


def sent_letters(
    session: Session, tickets: Collection[int], recipients: Collection[str], ids: Collection[int]
) -> list[SentLetter]:
    """Return the newest letters to each of these people on each of these tickets, and those with these ids.

    Oldest first. One query; no more than MOST_BYTES of a letter, and its attachments stay where they are.
    """
    if not tickets:
        return []
    mail = OutboxRow.__table__.c
    rank = sa.func.row_number().over(partition_by=(mail.ticket, mail.recipient), order_by=mail.id.desc())
    ranked = (
        sa.select(mail.id, rank.label("rank"))
        .where(
            mail.ticket.in_(tickets),
            mail.notification.in_(OUTWARD),
            mail.state.not_in(NEVER_LEFT),
            sa.or_(mail.recipient.in_(recipients), mail.id.in_(ids)),
        )
        .subquery()
    )
    head = sa.func.substr(mail.content, 1, MOST_BYTES, type_=sa.LargeBinary)
    statement = (
        sa.select(mail.id, mail.ticket, mail.recipient, head)
        .join(ranked, ranked.c.id == mail.id)
        .where(sa.or_(ranked.c.rank <= NEWEST, ranked.c.id.in_(ids)))
        .order_by(mail.id)
    )
    return [SentLetter(*row) for row in session.execute(statement) if row[-1]]  # SQLite: the head of nothing is null
