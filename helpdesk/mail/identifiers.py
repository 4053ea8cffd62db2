"""Message ids, subjects' marks, and what makes two copies of one mail the same (RFC 5322 §3.6.4, RELIABILITY 2.1).

Called by `mail.parse`; `base_subject` by the desk when it threads.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from helpdesk.mail.bounds import MAX_ID_CHARS, MAX_REFERENCES

ANGLES = re.compile(r"<([^<>]{1,1100})>")
COMMENT = re.compile(r"\([^()]*\)")
BLANK = re.compile(r"\s+")
VALID = re.compile(r"[^\x00-\x20<>\x7f]+\Z")
BARE = re.compile(r"[^\s<>,;()\"]+")
# Re, Odp, PD, FW, AW … with counters ("Re[2]:", "Re^3:", "Odp (2):"), in the spellings of the usual clients.
COUNTER = r"\s*(?:[\[(^]\s*\d{1,4}\s*[\])]?)?\s*[:：]\s*"
FORWARD = r"(?:fwd?|fw|pd|przekazano|przek|wg|weitergeleitet|tr|rv|enc|vl|i|doorst|转发|轉寄)"
REPLY = r"(?:re|odp|odpowied[zź]|aw|antw|antwort|sv|vs|rép|rif|ref|res|r|ynt|ilt|hå|va|回复|答复|回覆)"
MARK = re.compile(rf"\s*(?:{REPLY}|{FORWARD}){COUNTER}", re.I)
REPLY_MARK = re.compile(rf"\s*{REPLY}{COUNTER}", re.I)
FORWARD_MARK = re.compile(rf"\s*{FORWARD}{COUNTER}", re.I)
NOT_CR, CR = re.compile(rb"[^\r]"), 13
PIECE = 1 << 20  # bytes of a body that are copied at a time
LIST_TAG = re.compile(r"\s*\[(?:external|ext|extern|spam|zewn[eę]trzn[ay]|nadawca zewn[eę]trzny)\]\s*", re.I)


def clean_id(text: str) -> str:
    """Return a message id without brackets and inner whitespace, or "" if it can't be one."""
    candidate = BLANK.sub("", text.strip()).strip("<>")
    return candidate if candidate and len(candidate) <= MAX_ID_CHARS and VALID.match(candidate) else ""


def first_id(value: str) -> str:
    """Return the first valid id of a Message-ID field; a field without brackets is taken as it stands."""
    return next(iter(all_ids(value)), "")


def all_ids(value: str) -> tuple[str, ...]:
    """Return every id a field names, in order, each once; the first and the nearest ones if there are very many.

    Whitespace inside an id is mended: some clients fold there. Comments and words around ids are passed over.
    """
    found = [clean_id(match) for match in ANGLES.findall(value)]
    if not found:
        found = [clean_id(match) for match in BARE.findall(COMMENT.sub(" ", value)) if "@" in match.strip("@")]
        if not found and " " not in value.strip():
            found = [clean_id(value)]
    unique = list(dict.fromkeys(item for item in found if item))
    return tuple(unique if len(unique) <= MAX_REFERENCES else unique[:1] + unique[1 - MAX_REFERENCES :])


def content_digest(identity: tuple[bytes, bytes, bytes, bytes], raw: bytes, body: int) -> str:
    """Return the SHA-256 in hex over Message-ID, Date, From, Subject and the body with its line ends made alike.

    Trace fields stay out: they differ between two copies of one mail.
    """
    digest = hashlib.sha256()
    for value in identity:
        digest.update(b" ".join(value.split()) + b"\n")
    for piece in _alike(raw, body):
        digest.update(piece)
    return digest.hexdigest()


def _alike(raw: bytes, start: int) -> Iterator[bytes]:
    """Yield a body with its line ends made alike and no blank lines at its end, piece by piece: it may be huge."""
    stop = _end(raw, start)
    while start < stop:
        end = min(start + PIECE, stop)
        if raw[end - 1] == CR and end < stop:  # a line's end is not cut in two
            following = NOT_CR.search(raw, end, stop)
            end = following.end() if following else stop
        yield raw[start:end].replace(b"\r\n", b"\n")
        start = end


def _end(raw: bytes, start: int) -> int:
    """Return where a body ends without the blanks and blank lines at its end."""
    stop = len(raw)
    while stop > start:
        piece = raw[max(start, stop - PIECE) : stop]
        kept = piece.rstrip(b"\r\n \t")
        stop -= len(piece) - len(kept)
        if kept:
            break
    return stop


def base_subject(subject: str) -> str:
    """Return the subject without the marks of replies and forwards, on one line.

    Linear however many marks there are.
    """
    position = 0
    while match := MARK.match(subject, position) or LIST_TAG.match(subject, position):
        position = match.end()
    return " ".join(subject[position:].split())


def is_reply_subject(subject: str) -> bool:
    """Tell whether the outermost mark is one of an answer."""
    return bool(REPLY_MARK.match(subject))


def is_forward_subject(subject: str) -> bool:
    """Tell whether the outermost mark is one of a forward."""
    return bool(FORWARD_MARK.match(subject))
