"""HTML from mail made harmless: nothing loads, nothing runs.

Called by `mail.pieces`. The sanitiser is ammonia's (nh3), a browser-grade parser that writes well-formed HTML.
"""

from __future__ import annotations

import html as entities
from functools import lru_cache
from typing import TYPE_CHECKING

from helpdesk.mail.bounds import MAX_HTML_BYTES
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


def sanitise(source: str) -> str:
    """Return the HTML without scripts, forms, styles and anything remote; images keep only `cid:` sources."""
    return clean_text(_cleaner().clean(source[:MAX_HTML_BYTES]))


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
