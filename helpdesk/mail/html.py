"""HTML from mail made harmless: nothing loads, nothing runs.

Called by `mail.pieces`. The sanitiser is ammonia's (nh3), a browser-grade parser that writes well-formed HTML.
"""

from __future__ import annotations

import html as entities
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from helpdesk.mail.bounds import MAX_HTML_BYTES, MAX_HTML_DEPTH
from helpdesk.mail.text import clean_text, word_set

if TYPE_CHECKING:
    import nh3

TAGS = word_set(
    "a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike "
    "strong sub sup table tbody td tfoot th thead tr tt u ul var wbr"
)
ATTRIBUTES = {
    "*": {"dir", "lang", "align", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "valign", "width"},
    "th": {"colspan", "rowspan", "valign", "width", "scope"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "ol": {"start", "type"},
    "font": {"color", "size"},
    "col": {"span", "width"},
}
DROPPED_WITH_CONTENT = word_set(
    "script style title head template noscript iframe object svg math noembed noframes xmp plaintext textarea "
    "select option button audio video xml"
)

ENDLESS = word_set(
    "p li td th tr tbody thead tfoot dt dd br img hr input meta link col wbr area base source option param embed"
)
NESTING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,20})")
ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
HIDDEN = re.compile(r"<(script|style|head)\b.{0,100000}?</\1\s*>", re.I | re.S)


def sanitise(source: str) -> str:
    """Return the HTML without scripts, forms, styles and anything remote; images keep only `cid:` sources.

    Where elements are nested deeper than any mail needs, only the words are left: a browser's way of reading
    costs depth times tags.
    """
    source = source[:MAX_HTML_BYTES]
    if source.count("<") > MAX_HTML_DEPTH and _depth(source) > MAX_HTML_DEPTH:  # most mail has fewer tags than that
        return from_text(entities.unescape(ANY_TAG.sub(" ", HIDDEN.sub(" ", source))))
    return clean_text(_cleaner().clean(source))


def _depth(source: str) -> int:
    """Return how deep the tags go that need an end."""
    depth = deepest = 0
    for match in NESTING.finditer(source):
        if match[2].lower() not in ENDLESS:
            depth += -1 if match[1] and depth else 0 if match[1] else 1
            deepest = max(deepest, depth)
    return deepest


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    import nh3  # here: most mail has no HTML, and the daemon's memory counts

    return nh3.Cleaner(
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        clean_content_tags=set(DROPPED_WITH_CONTENT),
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        attribute_filter=_keep,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _keep(_tag: str, name: str, value: str) -> str | None:
    """Keep pictures of the mail itself, and links that lead out of it."""
    if name == "src":
        return value if value.strip().lower().startswith("cid:") else None
    if name == "href":
        return None if value.strip().lower().startswith("cid:") else value
    return value


def from_text(text: str) -> str:
    """Return plain text as HTML that keeps its lines."""
    return f"<pre>{entities.escape(text)}</pre>" if text.strip() else ""
