"""HTML made into text that reads well: paragraphs, lists, tables, links, quotes.

Called by `mail.pieces` with what the sanitiser hands back. That is well formed, so one pass over its tags does,
without a tree: nesting costs nothing.
"""

from __future__ import annotations

import html as entities
import re

TOKEN = re.compile(r"<(/?)([a-z0-9]+)((?:[^>\"]|\"[^\"]*\")*)>|<!--.*?-->|([^<]+)|<", re.S)
ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
BLANKS = re.compile(r"[ \t\r\n\f]+")
BLOCKS = frozenset(
    [
        "address",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ol",
        "p",
        "pre",
        "table",
        "tr",
        "ul",
        "hr",
        "caption",
    ]
)
SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"])


def to_text(clean: str) -> str:
    """Return sanitised HTML as text: paragraphs, lists, tables, links with their targets, quotes marked with `>`."""
    return _Writer().write(clean)


class _Writer:
    """Lines as they grow; blocks open and close on a small stack of what matters."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.current: list[str] = []
        self.width = 0
        self.blank_due = False
        self.quotes = 0
        self.lists: list[int | None] = []
        self.verbatim = 0
        self.link: tuple[str, int] | None = None
        self.cells = 0

    def write(self, clean: str) -> str:
        for match in TOKEN.finditer(clean):
            if match[4] is not None:
                self._text(entities.unescape(match[4]))
            elif match[2]:
                (self._close if match[1] else self._open)(match[2], match[3])
            elif match[0] == "<":
                self._text("<")
        self._break()
        return "\n".join(self.lines).strip("\n")

    def _text(self, text: str) -> None:
        if self.verbatim:
            first, *rest = text.split("\n")
            self.current.append(first)
            for line in rest:
                self._break(force=True)
                self.current.append(line)
            return
        text = BLANKS.sub(" ", text)
        if text == " " and not self.current:
            return
        if not self.current or self.current[-1].endswith(" "):
            text = text.removeprefix(" ")
        if text:
            self.current.append(text)

    def _open(self, tag: str, rest: str) -> None:
        if tag == "br":
            self._break(force=True)
        elif tag == "img":
            alt = dict(ATTRIBUTE.findall(rest)).get("alt", "").strip()
            if alt:
                self._text(f"[{entities.unescape(alt)}]")
        elif tag == "a":
            self.link = (entities.unescape(dict(ATTRIBUTE.findall(rest)).get("href", "")), len(self.current))
        elif tag in ("td", "th"):
            if self.cells and self.current:
                self.current.append(" | ")
            self.cells += 1
        elif tag in BLOCKS:
            self._block(tag, rest)

    def _block(self, tag: str, rest: str) -> None:
        self._break()
        self.blank_due = self.blank_due or (tag in SPACED and not (tag in ("ul", "ol") and self.lists))
        if tag == "blockquote":
            self.quotes += 1
        elif tag in ("ul", "ol"):
            start = dict(ATTRIBUTE.findall(rest)).get("start", "1")
            self.lists.append(int(start[:6]) if tag == "ol" and start.isdigit() else 1 if tag == "ol" else None)
        elif tag == "li":
            self._bullet()
        elif tag == "pre":
            self.verbatim += 1
        elif tag == "tr":
            self.cells = 0
        elif tag == "hr":
            self.current.append("-" * 20)
            self._break()

    def _bullet(self) -> None:
        number = self.lists[-1] if self.lists else None
        indent = "  " * max(min(len(self.lists), 8) - 1, 0)
        self.current.append(f"{indent}{'*' if number is None else f'{number}.'} ")
        if number is not None:
            self.lists[-1] = number + 1

    def _close(self, tag: str, _rest: str) -> None:
        if tag == "a" and self.link is not None:
            self._target(*self.link)
            self.link = None
        if tag not in BLOCKS:
            return
        self._break()
        if tag == "blockquote":
            self.quotes = max(self.quotes - 1, 0)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "pre":
            self.verbatim = max(self.verbatim - 1, 0)
        self.blank_due = self.blank_due or (tag in SPACED and not (tag in ("ul", "ol") and self.lists))

    def _target(self, href: str, since: int) -> None:
        """Show where a link leads, unless its words say so already."""
        words = "".join(self.current[since:]).strip()
        bare = re.sub(r"^(?:mailto|tel):|^https?://|/$", "", href)
        if (
            not href.lower().startswith(("http:", "https:"))
            or not words
            or bare.split("?")[0] in words
            or len(href) > 300
        ):
            return
        self.current.append(f" <{href}>")

    def _break(self, *, force: bool = False) -> None:
        line = "".join(self.current)
        self.current = []
        line = line.rstrip() if not self.verbatim else line
        if not line.strip() and not force:
            return
        mark = "> " * min(self.quotes, 20)
        if self.blank_due and self.lines and self.lines[-1].strip("> "):
            self.lines.append(mark.rstrip() if self.lines[-1].startswith(">") else "")
        self.blank_due = False
        self.lines.append((mark + line).rstrip())
