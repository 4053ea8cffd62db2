"""Questions whose answer decides what somebody's words are worth: asked, found again, answered.

Called by `services.vouching`, `verdicts`, `answers` and the clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from helpdesk.desk.terms import NotificationKind, Side, Standing
from helpdesk.desk.vouching import QuestionKind, QuestionState
from helpdesk.store.tables import CommentRow, OutboxRow, QuestionRow


def of_mail(session: Session, message_ids: Collection[str]) -> list[QuestionRow]:
    """Return the questions that were asked by mails with these ids."""
    if not message_ids:
        return []
    return list(session.exec(select(QuestionRow).where(col(QuestionRow.message_id).in_(message_ids))))


def open_about(session: Session, ticket: int, author: str, kind: QuestionKind) -> QuestionRow | None:
    """Return the open question about somebody's words on a ticket."""
    statement = _open(kind).where(CommentRow.ticket == ticket, QuestionRow.author == author)
    return session.exec(statement).first()


def open_to(session: Session, ticket: int, asked: str, kind: QuestionKind) -> list[QuestionRow]:
    """Return the open questions that one person was asked about a ticket."""
    return list(session.exec(_open(kind).where(CommentRow.ticket == ticket, QuestionRow.asked == asked)))


def _open(kind: QuestionKind) -> SelectOfScalar[QuestionRow]:
    statement = select(QuestionRow).join(CommentRow, col(CommentRow.id) == col(QuestionRow.comment))
    return statement.where(QuestionRow.state == QuestionState.OPEN, QuestionRow.kind == kind)


def open_about_comment(session: Session, comment: int) -> list[QuestionRow]:
    """Return the open questions about one comment."""
    statement = select(QuestionRow).where(QuestionRow.comment == comment, QuestionRow.state == QuestionState.OPEN)
    return list(session.exec(statement))


def waiting(session: Session) -> list[tuple[QuestionRow, int]]:
    """Return the open questions, what lapses first on top, each with its ticket."""
    statement = (
        select(QuestionRow, CommentRow.ticket)
        .join(CommentRow, col(CommentRow.id) == col(QuestionRow.comment))
        .where(QuestionRow.state == QuestionState.OPEN)
        .order_by(col(QuestionRow.lapses_at), col(QuestionRow.id))
    )
    return [(question, ticket) for question, ticket in session.exec(statement)]


def question(session: Session, identifier: int) -> QuestionRow | None:
    """Return one question, locked for who is about to settle it."""
    statement = select(QuestionRow).where(QuestionRow.id == identifier).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).first()


def held_words(session: Session, ticket: int, author: str) -> list[CommentRow]:
    """Return what somebody of the customer's side said on a ticket that is held, oldest first."""
    statement = (
        select(CommentRow)
        .where(
            CommentRow.ticket == ticket,
            CommentRow.author_addr == author,
            CommentRow.side == Side.CUSTOMER,
            CommentRow.standing == Standing.HELD,
        )
        .order_by(col(CommentRow.id))
    )
    return list(session.exec(statement))


def was_asked_since(session: Session, asked: str, kind: QuestionKind, since: datetime) -> bool:
    """Return whether somebody was asked such a question since then, on whatever ticket."""
    statement = select(QuestionRow.id).where(
        QuestionRow.asked == asked, QuestionRow.kind == kind, QuestionRow.asked_at > since
    )
    return session.exec(statement.limit(1)).first() is not None


def was_told_since(session: Session, ticket: int, recipient: str, kind: NotificationKind, since: datetime) -> bool:
    """Return whether a mail of that kind was written to somebody about a ticket since then."""
    statement = select(OutboxRow.id).where(
        OutboxRow.ticket == ticket,
        OutboxRow.recipient == recipient,
        OutboxRow.notification == kind,
        OutboxRow.created_at > since,
    )
    return session.exec(statement.limit(1)).first() is not None
