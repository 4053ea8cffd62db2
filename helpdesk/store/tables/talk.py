"""What is said and what happens on a ticket: its comments with their files, and its history."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from helpdesk.desk.terms import Side, Standing, Via, Visibility
from helpdesk.store.tables.base import ID, Row, identity, words


class CommentRow(Row, table=True):
    """Something said on a ticket; one mail can never be two comments (unique `entry`)."""

    __tablename__ = "comment"
    id: int | None = identity()
    ticket: int = Field(foreign_key="ticket.number", index=True, sa_type=ID)
    entry: int | None = Field(default=None, unique=True, foreign_key="journal.id", sa_type=ID)
    side: Side = Field(sa_type=words(Side))
    author_addr: str
    author_name: str = ""
    visibility: Visibility = Field(sa_type=words(Visibility))
    standing: Standing = Field(default=Standing.CONFIRMED, sa_type=words(Standing))
    standing_reason: str = ""  # why it is worth no more, or was taken for more; "" where there is nothing to say
    via: Via = Field(sa_type=words(Via))
    text: str
    new_text: str
    html: str = ""
    message_id: str = ""
    created_at: datetime
    delivered_at: datetime


class AttachmentRow(Row, table=True):
    """A file on a comment. `content` is null when the bytes stand in the comment's raw mail."""

    __tablename__ = "attachment"
    id: int | None = identity()
    comment: int = Field(foreign_key="comment.id", index=True, sa_type=ID)
    position: int  # among the attachments of the mail, from 0
    name: str
    type: str
    size: int = Field(sa_type=sa.BigInteger)
    inline: bool = False
    content_id: str = ""
    content: bytes | None = Field(default=None, sa_type=sa.LargeBinary)


class HistoryRow(Row, table=True):
    """What happened to a ticket: who, when, from what to what, why."""

    __tablename__ = "history"
    id: int | None = identity()
    ticket: int = Field(foreign_key="ticket.number", index=True, sa_type=ID)
    at: datetime
    event: str
    by: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""
