"""The files of a comment as rows: those that stand in a raw mail are kept there, and only their places are noted.

Called by `course` for every comment, and by `replay` where a mail is read anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.desk.terms import Via
from helpdesk.mail.message import Attachment
from helpdesk.store.tables import AttachmentRow

WHOLE_MAIL = -1  # the position of an attachment that is the raw mail itself


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
