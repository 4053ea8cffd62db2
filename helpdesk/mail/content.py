"""What of a message's tree is its text, and what is attached (RFC 2046, 2387, 1847, 3156, 8551).

Called by `mail.parse`. Attachments are found wherever clients hide them, containers that only hide a mail from
other clients are opened (winmail.dat, signed S/MIME, uuencode), and nothing inside an attached message leaks
into the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from helpdesk.mail import html, smime, tnef
from helpdesk.mail.attachments import name_by_id, safe_name, settle_type
from helpdesk.mail.bounds import MAX_DECODED_BYTES, MAX_LEVELS, MAX_TEXT_CHARS
from helpdesk.mail.charset import codec_for, decode
from helpdesk.mail.fields import split_block
from helpdesk.mail.message import Attachment, Defect
from helpdesk.mail.mime import Part, split_message
from helpdesk.mail.pieces import Piece, make_piece, pair
from helpdesk.mail.text import clean_line, clean_text
from helpdesk.mail.uuencode import split_files
from helpdesk.mail.words import decode_words

META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
BODY_TYPES = frozenset(["text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html"])
READ_INLINE = frozenset({"text/plain", "text/html"})


@dataclass(slots=True)
class Content:
    """The outcome: pieces of text, attachments, and what was wrong."""

    pieces: list[Piece] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: dict[str, Defect] = field(default_factory=dict)

    def words(self) -> str:
        """Return the whole text as people read it."""
        return self._whole(piece.words() for piece in self.pieces)

    def render(self) -> tuple[str, str]:
        """Return the whole text as people read it, and the sanitised HTML where the mail has any."""
        rendered = [piece.rendered() for piece in self.pieces]
        text = self._whole(words for words, _ in rendered)
        if not any(piece.page is not None for piece in self.pieces):
            return text, ""
        return text, "<hr>".join(page or html.from_text(words) for words, page in rendered if page or words)

    def _whole(self, stretches: Iterable[str]) -> str:
        text = "\n\n".join(filter(None, (words.strip("\n") for words in stretches)))
        if len(text) > MAX_TEXT_CHARS:
            self.mark("text_limit", f"more than {MAX_TEXT_CHARS} characters")
        return text[:MAX_TEXT_CHARS]

    def mark(self, code: str, detail: str = "") -> None:
        """Note what was wrong, once a kind."""
        if code:
            self.defects.setdefault(code, Defect(code, clean_line(detail[:200])))


def read_content(root: Part) -> Content:
    """Return what the tree says."""
    reader = _Reader()
    reader.content.pieces = reader.walk(root, "")
    return reader.content


class _Reader:
    """The walk over the tree, with what it has gathered."""

    def __init__(self) -> None:
        self.content = Content()
        self.taken: set[str] = set()
        self.number = 0  # of the leaf, for names and for knowing the first
        self.decoded = 0
        self.texts = 0

    def walk(self, part: Part, parent: str) -> list[Piece]:
        """Return the text below a part; attachments go to the content on the way."""
        if part.children:
            kind = part.type.partition("/")[2]
            if kind == "encrypted":
                self.content.mark("encrypted", part.parameters.get("protocol", ""))
            below = [self.walk(child, kind) for child in part.children]
            return pair(below) if kind == "alternative" else [piece for pieces in below for piece in pieces]
        self.number += 1
        if part.major == "multipart":  # nothing in it, or nested too deep: shown as it stands
            return [Piece(self._text(part))] if part.start < part.end else []
        if self._is_text(part, parent):
            return self._read(part)
        return self._open(part, parent)

    def _is_text(self, part: Part, parent: str) -> bool:
        """Tell the body from a text file: by its type, its disposition, and whether anybody named it."""
        if part.type and part.type not in BODY_TYPES:
            return False
        if part.disposition.word == "attachment":
            return not parent and not part.filename
        return not part.filename or (not self.texts and part.type in READ_INLINE)

    def _read(self, part: Part) -> list[Piece]:
        self.texts += 1
        text = self._text(part)
        if part.disposition.parameters.get("filename"):  # shown as text, and there to be saved
            self._add(part.filename, part.type, part.content()[0], inline=True)
        if part.type in ("text/plain", "") and "\nbegin " in f"\n{text}":
            text, files = split_files(text)
            for name, data in files:
                self._add(name, "", data, inline=True)
        return [make_piece(part.type, text, part.parameters)]

    def _text(self, part: Part) -> str:
        data, code = part.content()
        self.content.mark(code, part.encoding)
        if len(data) > MAX_TEXT_CHARS * 4:
            self.content.mark("text_limit", f"more than {MAX_TEXT_CHARS * 4} bytes of text")
            data = data[: MAX_TEXT_CHARS * 4]
        label = part.parameters.get("charset", "")
        if part.type == "text/html" and not codec_for(label) and (meta := META_CHARSET.search(data[:4096])):
            label = meta[1].decode("ascii")
        text, code = decode(data, label)
        self.content.mark(code, label)
        return clean_text(text)

    def _open(self, part: Part, parent: str) -> list[Piece]:
        """Attach a part, or what it wraps."""
        whole = part.major == "message" and part.encoding not in ("base64", "quoted-printable")
        data, code = (part.body(), "") if whole else part.content()
        self.content.mark(code, part.encoding)
        if tnef.is_tnef(part.type, data) and (opened := tnef.open_tnef(data)):
            return self._unwrap(opened)
        if part.type in smime.TYPES and part.level < MAX_LEVELS:
            inner = smime.signed_content(data)
            if inner is not None:
                return self._signed(part, inner, data)
            if "signed" not in part.parameters.get("smime-type", ""):
                self.content.mark("encrypted", part.type)
        inline = part.disposition.word != "attachment" and (
            part.disposition.word == "inline" or (bool(part.content_id) and parent == "related")
        )
        self._add(part.filename or self._title(part, data), part.type, data, inline=inline, content_id=part.content_id)
        return []

    def _signed(self, part: Part, inner: bytes, data: bytes) -> list[Piece]:
        root, defects = split_message(inner, level=part.level + 1)
        for defect in defects:
            self.content.mark(defect.code, defect.detail)
        pieces = self.walk(root, "signed")
        self._add(part.filename, part.type, data, inline=True)
        return pieces

    def _unwrap(self, opened: tnef.Opened) -> list[Piece]:
        """Attach what a winmail.dat holds; its text counts where the mail has none beside it."""
        for name, data in opened.files:
            self._add(name, "", data)
        for name, kind, body in (
            ("body.rtf", "application/rtf", opened.rtf),
            ("body.html", "text/html", opened.page.encode()),
        ):
            if body:
                self._add(name, kind, body, inline=True)
        if self.texts or not (opened.plain.strip() or opened.page):
            return []
        self.texts += 1
        return [Piece(clean_text(opened.plain), clean_text(opened.page) if opened.page else None)]

    def _add(self, name: str, stated: str, data: bytes, *, inline: bool = False, content_id: str = "") -> None:
        self.decoded += len(data)
        if self.decoded > MAX_DECODED_BYTES:
            self.content.mark("decoded_limit", f"more than {MAX_DECODED_BYTES} bytes")
            data = b""
        kind = settle_type(stated, name, data)
        name = safe_name(name, self.taken, kind=kind, number=self.number)
        self.content.attachments.append(Attachment(name, kind, data, inline, content_id))

    def _title(self, part: Part, data: bytes) -> str:
        """Return a name for a part that has none: an attached message's subject, an image's Content-ID."""
        if part.type != "message/rfc822":
            return name_by_id(part.content_id, part.type)
        subject = decode_words(split_block(data, 0, min(len(data), 65536), top=True).first("subject"))
        return f"{subject[:80].replace('/', '-').strip() or 'message'}.eml"
