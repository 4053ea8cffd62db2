"""Content-Type and Content-Disposition: a value and its parameters, however written (RFC 2045 §5.1, RFC 2231).

Called by `mail.mime` for each part.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from helpdesk.mail.bounds import MAX_PARAMETERS
from helpdesk.mail.charset import decode, decode_unlabelled
from helpdesk.mail.text import clean_line
from helpdesk.mail.words import decode_words, unfold

TOKEN = re.compile(rb"[\s;]*([^\s;()\"=]{1,200})")
PARAMETER = re.compile(
    rb"(?:;|(?<=[\"\w)])\s)[\s;]{0,20}([^\s=;\"*]{1,80})(\*[0-9]{1,5})?(\*)?\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;]*)", re.S
)
ESCAPED = re.compile(rb"\\([\"\\])")
PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


class Value(NamedTuple):
    """The first word in lower case, and the parameters by lower-case name."""

    word: str
    parameters: dict[str, str]


class _Piece(NamedTuple):
    number: int
    encoded: bool
    value: bytes


def parse_value(field: bytes) -> Value:
    """Return the field's token and parameters; of two of a name the first counts, an encoded one before a plain."""
    field = unfold(field)
    match = TOKEN.match(field)
    token = match[1].decode("ascii", "replace").lower() if match else ""
    pieces: dict[str, list[_Piece]] = {}
    plain: dict[str, str] = {}
    position = match.end() if match else 0
    for _ in range(MAX_PARAMETERS * 5):
        found = PARAMETER.search(field, position)
        if not found:
            break
        position = found.end()
        name, value = found[1].decode("ascii", "replace").lower(), _unquote(found[4])
        if found[2] or found[3]:
            pieces.setdefault(name, []).append(_Piece(int((found[2] or b"*0")[1:]), bool(found[3]), value))
        else:
            plain.setdefault(name, clean_line(decode_words(value)))
    return Value(token, {**plain, **{name: clean_line(_join(parts)) for name, parts in pieces.items()}})


def _unquote(value: bytes) -> bytes:
    value = value.strip()
    if len(value) > 1 and value[:1] == b'"' == value[-1:]:
        # A Windows path or a lone backslash is no escape: only quotes and backslashes are escaped in the field.
        return ESCAPED.sub(rb"\1", value[1:-1]) if b"\\" in value else value[1:-1]
    return value.strip(b'"')


def _join(parts: list[_Piece]) -> str:
    """Put the sections of RFC 2231 §3 in order and decode them (§4)."""
    parts = sorted(parts, key=lambda part: part.number)
    if not any(part.encoded for part in parts):
        return decode_words(b"".join(part.value for part in parts))
    charset, first = "", parts[0].value
    if parts[0].encoded and first.count(b"'") >= 2:
        label, _, first = first.split(b"'", 2)
        charset = label.decode("ascii", "replace")
    values = [PERCENT.sub(lambda m: bytes((int(m[1], 16),)), first) if parts[0].encoded else first]
    values += [PERCENT.sub(lambda m: bytes((int(m[1], 16),)), p.value) if p.encoded else p.value for p in parts[1:]]
    data = b"".join(values)
    return decode(data, charset)[0] if charset else decode_unlabelled(data)
