"""Addresses as mail-parser gives them, made whole: what it leaves out, and what must never pass (RFC 5322 §3.4, 6532).

Called by `mail.parse`, which asks mail-parser first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from helpdesk.mail.bounds import MAX_ADDRESSES
from helpdesk.mail.message import Address
from helpdesk.mail.text import clean_line
from helpdesk.mail.words import decode_words

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
LOOSE = re.compile(r"[^\s<>()\[\]\",;:@]+@(?:[^\s<>()\[\]\",;:@]+|\[[0-9A-Fa-f.:IPv]{3,50}\])")
INVISIBLE = re.compile(
    "[\x00-\x20\x7f-\xa0\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def prepare(value: str) -> str:
    """Return an address field as mail-parser reads it best: one line, commas where some clients put semicolons."""
    value = value.replace("\x00", "").rstrip(" ,")
    if ";" in value and ":" not in QUOTED.sub("", value):
        value = value.rstrip(" ;,")
        value = "".join(
            part if part[:1] == '"' else part.replace(";", ",") for part in re.split(r'("(?:[^"\\]|\\.)*")', value)
        )
    return value


def addresses(pairs: Iterable[tuple[str, str]], value: str) -> tuple[Address, ...]:
    """Return the mailboxes of a field: what mail-parser found, else what stands between its brackets."""
    found = [make_address(name, addr) for name, addr in pairs]
    result = [address for address in found if address is not None]
    return tuple(result[:MAX_ADDRESSES]) or _loose(value)


def make_address(name: str, addr: str) -> Address | None:
    """Return an address with its domain in lower case; None where it is none, or where letters hide in it."""
    local, at, domain = addr.strip().strip("<>").rpartition("@")
    if not at or not local or not domain:
        return None
    if INVISIBLE.search(domain) or _has_symbol(domain) or (INVISIBLE.search(local) and not local.startswith('"')):
        return None
    return Address(clean_name(name), f"{local}@{domain.rstrip('.').lower()}")


def _has_symbol(domain: str) -> bool:
    """Tell whether a domain holds what no domain can: a byte that a server damaged reads as such (RFC 5892 §2)."""
    return not domain.isascii() and any(unicodedata.category(letter)[0] == "S" for letter in domain)


def clean_name(name: str) -> str:
    """Return a display name as people read it: encoded words that were quoted are decoded too."""
    if "=?" in name:
        name = decode_words(name.encode("utf-8", "replace"))
    name = clean_line(name)
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name


def _loose(value: str) -> tuple[Address, ...]:
    """Return the address of a field that follows no grammar, if exactly one can be meant."""
    bare = QUOTED.sub(" ", value)
    inner = re.findall(r"<([^<>]{3,320})>", bare)
    found = {match for text in (inner or [bare]) for match in LOOSE.findall(text)}
    if len(found) != 1:
        return ()
    addr = found.pop()
    address = make_address(value[: value.find(addr)].strip(' <>"'), addr)
    return (address,) if address else ()
