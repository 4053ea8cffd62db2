"""The rows of questions whose answer decides what somebody's words on a ticket are worth."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.desk.vouching import QuestionKind, QuestionState
from helpdesk.store.tables.base import ID, Row, identity, words


class QuestionRow(Row, table=True):
    """A question that waits for the answer of one person. Its ticket is its comment's: comments can be moved."""

    __tablename__ = "question"
    __table_args__ = (sa.Index("ix_question_state_lapses_at", "state", "lapses_at"),)
    id: int | None = identity()
    kind: QuestionKind = Field(sa_type=words(QuestionKind))
    state: QuestionState = Field(default=QuestionState.OPEN, sa_type=words(QuestionState))
    comment: int = Field(foreign_key="comment.id", index=True, sa_type=ID)  # the words it is about, the first of them
    author: str  # whose words they are or claim to be, case-folded
    asked: str = Field(index=True)  # who is asked, case-folded
    message_id: str = Field(index=True)  # of the mail that asks
    asked_at: datetime
    lapses_at: datetime
    answered_at: datetime | None = None
