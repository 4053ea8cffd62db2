"""Pictures inside a text: Outlook writes `[cid:image001.png@01DC]` where one stands; its file's name says more.

Called by `services.wording` for every letter: the picture travels beside the words, under that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.mail.message import Attachment

_MARK = re.compile(r"\[cid:([^\]\s]{1,200})\]", re.IGNORECASE)


def name_pictures(text: str, attachments: Iterable[Attachment]) -> str:
    """Return the text with each picture's mark as `[name]`, by its Content-ID (RFC 2392)."""
    names = {each.content_id.strip("<>"): each.name for each in attachments if each.content_id}
    return _MARK.sub(lambda mark: f"[{names.get(mark[1]) or mark[1].partition('@')[0]}]", text)
