"""winmail.dat opened: what Outlook wraps its mails into for Outlook ([MS-OXTNEF]).

Called by `mail.content`. tnefparse does the reading; its cost is bounded here, since it copies the rest of the
file for each object in it.
"""

from __future__ import annotations

import logging
import struct
from dataclasses import dataclass, field
from typing import Any

from helpdesk.mail import rtf
from helpdesk.mail.charset import decode

MAGIC = b"\x78\x9f\x3e\x22"
TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
MOST_COPIED = 512 * 1024 * 1024
MOST_OBJECTS = 5_000


@dataclass(slots=True)
class Opened:
    """What was inside: the text in its forms, and the files as (name, bytes)."""

    plain: str = ""
    page: str = ""
    rtf: bytes = b""
    files: list[tuple[str, bytes]] = field(default_factory=list)


def is_tnef(kind: str, data: bytes) -> bool:
    """Tell whether these are the bytes of a winmail.dat, whatever it is called."""
    return data.startswith(MAGIC) and (kind in TYPES or kind == "application/octet-stream")


def open_tnef(data: bytes) -> Opened | None:
    """Return the contents, or None where it can't be read."""
    if not _affordable(data):
        return None
    from tnefparse import TNEF  # here: few mails have one

    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)
    try:
        found = TNEF(data, do_checksum=False)
        return _opened(found)
    except Exception:
        return None


def _opened(found: Any) -> Opened:
    codepage = found.codepage or "cp1250"
    opened = Opened(_text(found.body, codepage), _text(found.htmlbody, codepage), rtf.decompress(found._rtfbody or b""))
    for item in found.attachments:
        if isinstance(item.data, bytes):
            opened.files.append((str(item.long_filename()).strip("\x00"), item.data))
    if not opened.plain.strip() and not opened.page and opened.rtf:
        opened.plain = rtf.to_text(opened.rtf, codepage)
    return opened


def _text(value: Any, codepage: str) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    text = decode(value, codepage)[0] if isinstance(value, bytes) else str(value or "")
    return text.replace("\x00", "")


def _affordable(data: bytes) -> bool:
    """Tell whether the objects are few enough for a reader that copies the rest of the file for each."""
    at, count = 6, 0
    while at + 11 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 5)
        at += 11 + length
        count += 1
        if count > MOST_OBJECTS or count * len(data) > 2 * MOST_COPIED:
            return False
    return count > 0
