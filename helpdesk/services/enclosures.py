"""The files of a comment: those that came in a mail stay in its raw bytes, and rows note only their places there.

Called by `course` for every comment, by `replay` where a mail is read anew, and by whoever sends the files on.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.desk.terms import Via
from helpdesk.mail.message import Attachment
from helpdesk.mail.parse import parse_message
from helpdesk.store import tickets
from helpdesk.store.tables import AttachmentRow
from helpdesk.store.unit_of_work import Session

WHOLE_MAIL = -1  # the position of an attachment that is the raw mail itself


def files_of(session: Session, comment: int) -> tuple[Attachment, ...]:
    """Return the files of a comment that came by mail, inline pictures included; none of any other."""
    raw = tickets.raw_of_comment(session, comment)
    return parse_message(raw).attachments if raw else ()


def mail_attachments(comment: int, attachments: Sequence[Attachment]) -> list[AttachmentRow]:
    """Return rows for attachments whose bytes stand in the comment's raw mail, by their position there."""
    return [_row(comment, position, item) for position, item in enumerate(attachments)]


def rows_of(comment: int, attachments: Sequence[Attachment], *, via: Via, whole_mail: bool) -> list[AttachmentRow]:
    """Return rows for a comment's attachments; `whole_mail`: the only one is the raw mail itself."""
    if via is not Via.MAIL:
        return [_row(comment, position, item, item.content) for position, item in enumerate(attachments)]
    if whole_mail:
        return [_row(comment, WHOLE_MAIL, item) for item in attachments]
    return mail_attachments(comment, attachments)


def _row(comment: int, position: int, item: Attachment, content: bytes | None = None) -> AttachmentRow:
    return AttachmentRow(
        comment=comment,
        position=position,
        name=item.name,
        type=item.type,
        size=item.size,
        inline=item.inline,
        content_id=item.content_id,
        content=content,
    )
