"""Files uuencoded into plain text, the way of the years before MIME and of some machines still.

Called by `mail.content` for texts that have a line beginning with `begin`.
"""

from __future__ import annotations

import re

from helpdesk.mail.transfer import decode_uu

BEGIN = re.compile(r"^begin [0-7]{3,4} (\S[^\n]{0,255})\n", re.M)
END = re.compile(r"\n[`]?\s*\nend[ \t]*(?:\n|\Z)|\nend[ \t]*(?:\n|\Z)")
LINE = re.compile(r"[ -`]{1,90}\Z")


def split_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text without its uuencoded files, and the files as (name, bytes); no stretch is tried twice."""
    files: list[tuple[str, bytes]] = []
    kept: list[str] = []
    at = 0
    while match := BEGIN.search(text, at):
        end = END.search(text, match.end() - 1)
        if end is None:
            break
        body = text[match.end() : end.start()]
        if _plausible(body):
            kept.append(text[at : match.start()])
            files.append((match[1].strip(), decode_uu(body.encode("ascii", "replace"))))
            at = end.end()
        else:
            kept.append(text[at : match.end()])
            at = match.end()
            if len(kept) > 1000:
                break
    return ("".join(kept) + text[at:], files) if files else (text, [])


def _plausible(body: str) -> bool:
    """Tell whether the first lines have the length that they state."""
    lines = body.split("\n", 3)[:3]
    return bool(body) and all(
        LINE.match(line) and abs(len(line) - 1 - ((ord(line[0]) - 32 & 63) + 2) // 3 * 4) <= 2 for line in lines if line
    )
