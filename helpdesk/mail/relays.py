"""The id that a relay gave a mail of ours in place of our own, as its 250 names it (Amazon SES, some gateways).

Called by delivery. A customer's client that keeps only In-Reply-To then names that id. Relays often leave its
domain out, so the index holds such an id with nothing behind the @.
"""

from __future__ import annotations

import re

_WHOLE = re.compile(r"<([^<>@\s]{1,200}@[^<>@\s]{1,200})>")
_BARE = re.compile(r"(?:2\.\d\.\d\s+)?ok:?\s+([0-9a-z][0-9a-z.-]{8,120}[0-9a-z])", re.IGNORECASE)


def kept_id(reply: str) -> str:
    """Return the id that the reply to the final dot says the mail goes on under; "" if it names none."""
    if whole := _WHOLE.search(reply):
        return whole[1]
    bare = _BARE.fullmatch(reply.strip())
    return f"{bare[1]}@" if bare else ""


def without_domain(identifier: str) -> str:
    """Return a Message-ID as it would be indexed had the relay left its domain out."""
    return identifier.rpartition("@")[0] + "@"
