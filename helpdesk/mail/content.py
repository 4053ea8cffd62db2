"""What of a message's tree is its text, and what is attached (RFC 2046, 2387, 1847, 3156).

Called by `mail.parse`. Alternatives are paired, attachments are found wherever clients hide them, and
nothing inside an attached message leaks into the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.mail import html
from helpdesk.mail.attachments import safe_name, settle_type
from helpdesk.mail.bounds import MAX_DECODED_BYTES, MAX_TEXT_CHARS
from helpdesk.mail.charset import codec_for, decode
from helpdesk.mail.message import Attachment, Defect
from helpdesk.mail.mime import Part
from helpdesk.mail.text import clean_text, unflow

META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
BODY_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html", "text/x-plain"})
ENRICHED = re.compile(r"<</?|</?([A-Za-z0-9-]{1,60})>")
BEFORE_TEXT = re.compile(r"<param>[^<]{0,500}</param>", re.I)


@dataclass(slots=True)
class Piece:
    """One stretch of the body, in up to two forms of the same words."""

    plain: str | None = None
    page: str | None = None  # raw HTML, decoded

    @property
    def text(self) -> str:
        if self.plain is not None and (self.plain.strip() or self.page is None):
            return self.plain
        return html.to_text(html.sanitise(self.page or ""))

    @property
    def clean_page(self) -> str:
        return html.sanitise(self.page) if self.page is not None else html.from_text(self.plain or "")


@dataclass(slots=True)
class Content:
    """The outcome: text, page and attachments, with what was wrong."""

    pieces: list[Piece] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: dict[str, Defect] = field(default_factory=dict)

    def text(self) -> str:
        """The whole text, as people read it."""
        joined = "\n\n".join(filter(None, (piece.text.strip("\n") for piece in self.pieces)))
        if len(joined) > MAX_TEXT_CHARS:
            self.mark("text_limit", f"more than {MAX_TEXT_CHARS} characters")
        return joined[:MAX_TEXT_CHARS]

    def page(self) -> str:
        """The sanitised HTML, where the mail has any."""
        if not any(piece.page is not None for piece in self.pieces):
            return ""
        return "<hr>".join(piece.clean_page for piece in self.pieces if piece.page or piece.plain)

    def mark(self, code: str, detail: str = "") -> None:
        self.defects.setdefault(code, Defect(code, detail))


def read_content(root: Part) -> Content:
    """Return what the tree says."""
    reader = _Reader()
    reader.content.pieces = reader.walk(root, "")
    return reader.content


class _Reader:
    def __init__(self) -> None:
        self.content = Content()
        self.taken: set[str] = set()
        self.number = 0
        self.decoded = 0

    def walk(self, part: Part, parent: str) -> list[Piece]:
        """Return the text below a part; attachments go to the content on the way."""
        if part.children:
            kind = part.type.partition("/")[2]
            if kind == "encrypted":
                self.content.mark("encrypted", part.parameters.get("protocol", ""))
            below = [self.walk(child, kind) for child in part.children]
            return _pair(below) if kind == "alternative" else [piece for pieces in below for piece in pieces]
        self.number += 1
        if part.major == "multipart":
            return [] if part.start >= part.end else [Piece(plain=self._text(part))]
        if not self._is_text(part, parent):
            self._attach(part, parent)
            return []
        return [self._piece(part)]

    def _is_text(self, part: Part, parent: str) -> bool:
        if part.type and part.type not in BODY_TYPES:
            return False
        if part.disposition.token == "attachment":
            return not parent and not part.filename
        return not part.filename or (self.number == 1 and part.type in ("text/plain", "text/html"))

    def _piece(self, part: Part) -> Piece:
        text = self._text(part)
        if part.type == "text/html":
            return Piece(page=text)
        if part.type == "text/x-amp-html":
            return Piece()
        if part.type in ("text/enriched", "text/richtext"):
            return Piece(plain=ENRICHED.sub(lambda m: "<" if m[0] == "<<" else "", BEFORE_TEXT.sub("", text)))
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
        return Piece(plain=text)

    def _text(self, part: Part) -> str:
        data, code = part.content()
        if code:
            self.content.mark(code, part.encoding)
        data = data[: MAX_TEXT_CHARS * 4]
        label = part.parameters.get("charset", "")
        if part.type == "text/html" and not codec_for(label) and (meta := META_CHARSET.search(data[:4096])):
            label = meta[1].decode("ascii")
        text, code = decode(data, label)
        if code:
            self.content.mark(code, label)
        return clean_text(text)

    def _attach(self, part: Part, parent: str) -> None:
        data, code = (
            part.content()
            if part.major != "message" or part.encoding in ("base64", "quoted-printable")
            else (part.body(), "")
        )
        if code:
            self.content.mark(code, part.encoding)
        self.decoded += len(data)
        if self.decoded > MAX_DECODED_BYTES:
            self.content.mark("decoded_limit", f"more than {MAX_DECODED_BYTES} bytes")
            data = b""
        name = part.filename or self._title(part, data)
        kind = settle_type(part.type, name, data)
        name = safe_name(name, self.taken, kind=kind, number=self.number)
        inline = part.disposition.token != "attachment" and (
            part.disposition.token == "inline" or (bool(part.content_id) and parent == "related")
        )
        self.content.attachments.append(Attachment(name, kind, data, inline, part.content_id))

    def _title(self, part: Part, data: bytes) -> str:
        """Return a name for an attached message: its subject."""
        if part.type != "message/rfc822":
            return ""
        from helpdesk.mail.fields import split_block
        from helpdesk.mail.words import decode_words

        subject = decode_words(split_block(data, 0, min(len(data), 65536), top=True).first("subject"))
        return f"{subject[:80].replace('/', '-').strip()}.eml" if subject.strip() else "message.eml"


def _pair(below: list[list[Piece]]) -> list[Piece]:
    """Put the forms of one text together: the first plain one and the last HTML one (RFC 2046 §5.1.4)."""
    flat = [piece for pieces in below for piece in pieces]
    plain = next(
        (
            pieces
            for pieces in below
            if pieces and all(p.page is None for p in pieces) and any((p.plain or "").strip() for p in pieces)
        ),
        None,
    )
    pages = next((pieces for pieces in reversed(below) if any(p.page is not None for p in pieces)), None)
    if plain is None or pages is None:
        return plain or pages or flat[:1]
    page = "".join(p.page if p.page is not None else html.from_text(p.plain or "") for p in pages)
    return [Piece(plain="\n".join(p.plain or "" for p in plain), page=page)]
