"""Stretches of a mail's body, each in up to two forms of the same words (RFC 2046 §5.1.4).

Built by `mail.content` while it walks the tree; made into text and HTML only when asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.mail import html, htmltext
from helpdesk.mail.text import unflow

# "This message needs an HTML reader": a plain form that says nothing.
PLACEHOLDER = re.compile(
    r"\s*(?:[^\n]{0,80}(?:html|mime)[^\n]{0,120}(?:reader|viewer|client|browser|format|klient|program|"
    r"enabled|compatible|view)[^\n]{0,80})\s*\Z",
    re.I,
)
ENRICHED = re.compile(r"<<|</?[A-Za-z0-9-]{1,60}>")
ENRICHED_PARAM = re.compile(r"<param>[^<]{0,500}</param>", re.I)


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch: as plain text, as HTML as it came, or both."""

    plain: str | None = None
    page: str | None = None

    @property
    def has_words(self) -> bool:
        """Whether the plain form says something."""
        return self.plain is not None and bool(self.plain.strip())

    @property
    def plain_says_it(self) -> bool:
        """Whether the plain form holds the words, so that the HTML need not be asked for them."""
        return self.page is None or (self.has_words and not PLACEHOLDER.match(self.plain or ""))

    def words(self) -> str:
        """Return the words alone: where the plain form says them, no HTML is cleaned."""
        return self.plain or "" if self.plain_says_it else self.rendered()[0]

    def rendered(self) -> tuple[str, str]:
        """Return the words, from the plain form where it says something, and the harmless HTML, if there is any."""
        clean = html.sanitise(self.page) if self.page is not None else ""
        if self.plain_says_it:
            return self.plain or "", clean
        return htmltext.to_text(clean) or self.plain or "", clean


def pair(below: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Return the alternatives as one piece: the first plain form and the last HTML one."""
    plain = next((pieces for pieces in below if any(p.has_words for p in pieces) and not _paged(pieces)), None)
    pages = next((pieces for pieces in reversed(below) if _paged(pieces)), None)
    if plain is None or pages is None:
        return list(plain or pages or next((pieces for pieces in below if pieces), ()))
    page = "".join(p.page if p.page is not None else html.from_text(p.plain or "") for p in pages)
    return [Piece("\n".join(p.plain or "" for p in plain), page)]


def _paged(pieces: Sequence[Piece]) -> bool:
    return any(piece.page is not None for piece in pieces)


def make_piece(kind: str, text: str, parameters: dict[str, str]) -> Piece:
    """Return decoded text of a MIME type as a piece; AMP is code and says nothing (RFC 3676, 1896)."""
    if kind == "text/html":
        return Piece(page=text)
    if kind == "text/x-amp-html":
        return Piece()
    if kind in ("text/enriched", "text/richtext"):
        return Piece(ENRICHED.sub(lambda match: "<" if match[0] == "<<" else "", ENRICHED_PARAM.sub("", text)))
    if parameters.get("format", "").lower() == "flowed":
        return Piece(unflow(text, delsp=parameters.get("delsp", "").lower() == "yes"))
    return Piece(text)
