"""Pictures inside a text: marked where they stand, named by their files, shown there in the HTML that goes out.

A text can't hold a picture, so clients write a mark: Outlook `[cid:image001.png@01DC]`, Gmail `[image: zrzut.png]`,
others nothing at all. Called by `services.conversation` for a consultant's words, by `services.wording` for every
letter, and by `services.envelopes` for the mail around it (RFC 2387, RFC 2392).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from helpdesk.mail import htmltext
from helpdesk.mail.message import Attachment

_MARK = re.compile(r"\[cid:([^\]\s]{1,200})\]", re.IGNORECASE)
_IMAGE = re.compile(r'<img\b[^<>]*?\bsrc="cid:([^"<>\s]{1,200})"[^<>]*>', re.IGNORECASE)
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif"})  # what every client can show


def mark_pictures(text: str, page: str, attachments: Iterable[Attachment]) -> str:
    """Return the text with a mark for each picture that the mail's sanitised HTML shows and the text leaves out.

    It is put below the line that stands before the picture; where that line is not in the text, neither is the mark.
    """
    names = _names(attachments)
    missing = {each for each in _IMAGE.findall(page) if each in names and not _is_marked(text, each, names[each])}
    if not missing:
        return text
    marked = _IMAGE.sub(lambda image: f"<br>[cid:{image[1]}]<br>" if image[1] in missing else "", page)
    shown, lines = [_plain(line) for line in htmltext.to_text(marked).splitlines()], text.split("\n")
    before = ""
    for number, line in enumerate(shown):
        mark = _MARK.fullmatch(line)
        if mark is None:
            before = line or before
        elif before and mark[1] in missing and before not in shown[number + 1 :]:
            missing.discard(mark[1])
            _insert(lines, before, line)
    return "\n".join(lines)


def name_pictures(text: str, attachments: Iterable[Attachment]) -> str:
    """Return the text with each picture's mark as `[name]`, by its Content-ID or by the name that stands in it."""
    names = _names(attachments)
    for name in names.values():
        text = text.replace(f"[image: {name}]", f"[{name}]")
    return _MARK.sub(lambda mark: f"[{names.get(mark[1]) or mark[1].partition('@')[0]}]", text)


@dataclass(frozen=True, slots=True)
class Illustrated:
    """A page with its pictures, each under a Content-ID of ours; the files are what is not shown in it."""

    page: str
    pictures: tuple[Attachment, ...]
    files: tuple[Attachment, ...]


def illustrate(page: str, text: str, files: Sequence[Attachment], message_id: str) -> Illustrated:
    """Return the page with pictures in place of the names that `name_pictures` has put into its text."""
    pictures: list[Attachment] = []
    for file in files:
        name = html.escape(f"[{file.name}]")
        if not (file.inline and file.type in _SHOWN and f"[{file.name}]" in text and name in page):
            continue
        own = f"picture{len(pictures) + 1}.{message_id}"
        image = f'<img src="cid:{html.escape(own)}" alt="{name}" style="max-width:100%;height:auto;">'
        page = page.replace(name, image)
        pictures.append(replace(file, content_id=own))
    shown = {picture.name for picture in pictures}
    return Illustrated(page, tuple(pictures), tuple(file for file in files if file.name not in shown))


def _names(attachments: Iterable[Attachment]) -> dict[str, str]:
    return {each.content_id.strip("<>"): each.name for each in attachments if each.content_id}


def _is_marked(text: str, identifier: str, name: str) -> bool:
    return f"[cid:{identifier}]".casefold() in text.casefold() or f"[image: {name}]" in text


def _insert(lines: list[str], before: str, mark: str) -> None:
    """Put the mark below the only line that reads like that, with nothing beside it."""
    found = [number for number, line in enumerate(lines) if _plain(line) == before]
    if len(found) == 1:
        at = found[0] + 1
        lines[at:at] = ["", mark, *([""] if at < len(lines) and lines[at].strip() else [])]


def _plain(line: str) -> str:
    return " ".join(line.split())
