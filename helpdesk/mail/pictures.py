"""Pictures inside a text: marked where they stand, named by their files, shown there in the HTML that goes out.

A text can't hold a picture, so clients write a mark: Outlook `[cid:image001.png@01DC]`, Gmail `[image: zrzut.png]`,
others nothing at all. Called by `services.conversation` and `drafts` for a consultant's words, by `services.wording`
for every letter, and by `services.envelopes` for the mail around it (RFC 2387, RFC 2392).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    names, marks = _names(attachments), {identifier.casefold() for identifier in _MARK.findall(text)}
    left_out = (each for each in dict.fromkeys(_IMAGE.findall(page)) if each in names and each.casefold() not in marks)
    missing = {each for each in left_out if f"[image: {names[each]}]" not in text}
    if not missing:
        return text
    marked = _IMAGE.sub(lambda image: f"<br>[cid:{image[1]}]<br>" if image[1] in missing else "", page)
    return "\n".join(_with_marks(text.split("\n"), _places(htmltext.to_text(marked).splitlines(), missing)))


def is_mark(line: str) -> bool:
    """Return whether a line is nothing but a picture's mark."""
    return _MARK.fullmatch(line.strip()) is not None


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


def _places(page: Sequence[str], missing: set[str]) -> dict[str, list[str]]:
    """Return, for the lines of a page that stand before a picture and nowhere below it, the marks in their order."""
    shown = [_plain(line) for line in page]
    last = {line: number for number, line in enumerate(shown)}
    places: dict[str, list[str]] = {}
    waiting, before = set(missing), ""
    for number, line in enumerate(shown):
        mark = _MARK.fullmatch(line)
        if mark is None:
            before = line or before
        elif before and mark[1] in waiting and last[before] < number:
            waiting.discard(mark[1])
            places.setdefault(before, []).append(line)
    return places


def _with_marks(lines: Sequence[str], places: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the lines, with marks below those that read like no other, and nothing beside the marks."""
    plain = [_plain(line) for line in lines]
    often = Counter(plain)
    for number, (line, words) in enumerate(zip(lines, plain, strict=True)):
        yield line
        marks = places.get(words, ()) if often[words] == 1 else ()
        for mark in marks:
            yield from ("", mark)
        if marks and any(plain[number + 1 : number + 2]):
            yield ""


def _plain(line: str) -> str:
    return " ".join(line.split())
