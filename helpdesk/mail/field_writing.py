"""Header fields as they are written: folded, encoded, and unable to carry a line break.

Called by `compose`. RFC 5322 §2.2.3 (folding), RFC 2047 (encoded words), RFC 2231 (parameters), RFC 5891 (IDN).
What people chose (subjects, names) is cleaned; what programs chose (addresses, ids, field names) is refused if unclean.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote

from helpdesk.mail.message import Address

LINE = 76  # RFC 5322 §2.1.1 recommends 78, an encoded word's line may have 76 (RFC 2047 §2)
LONGEST_ID = 900  # a field of one id must stay under 998 octets
LONGEST_NAME = 120  # characters of a display name
LONGEST_FILE_NAME = 240  # octets; file systems take 255
MOST_REFERENCES = 40

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\s]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_MSG_ID = re.compile(r"[!-;=?-~]+")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}|\"[ !#-\[\]-~]{0,62}\"")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[[0-9A-Fa-f:.IPv]{2,45}\]")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_SAFE_IN_Q = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = {byte: chr(byte) if byte in _SAFE_IN_Q else "_" if byte == 0x20 else f"={byte:02X}" for byte in range(256)}


def cleaned(value: str) -> str:
    """Return the value on one line: every run of blanks, controls and lone surrogates is one space."""
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip()
    return _UNPRINTABLE.sub(" ", value).strip()


def unstructured(name: str, value: str) -> str:
    """Return `Name: value` folded and 7-bit, without the final line break. Raises ValueError for a bad field name."""
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"not a header field name: {name!r}")
    words = cleaned(value).split(" ")
    if all(map(_is_plain, words)):
        return _fold(name + ":", words)
    return _partly_encoded(name + ":", words)


def addressed(name: str, address: Address) -> str:
    """Return the field for one mailbox, its domain in punycode. Raises ValueError for an unmailable address."""
    spec = wire_address(address.addr)
    phrase = _phrase(cleaned(address.name)[:LONGEST_NAME].rstrip(), LINE - len(name) - 2)
    return _fold(name + ":", [*phrase, f"<{spec}>"] if phrase else [spec])


def wire_address(addr: str) -> str:
    """Return the addr-spec in ASCII. Raises ValueError: what is in it would break the field, or needs SMTPUTF8."""
    local, _, domain = addr.rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode("ascii")  # UnicodeError is a ValueError
    if not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ValueError(f"not an address that mail can be sent to: {addr!r}")
    return f"{local}@{domain}"


def own_id(message_id: str) -> str:
    """Return the Message-ID field. Raises ValueError, since an id of ours that is broken is our fault."""
    if not _usable_id(message_id):
        raise ValueError(f"not a message id: {message_id!r}")
    return f"Message-ID: <{message_id}>"


def foreign_ids(name: str, ids: Iterable[str]) -> str:
    """Return the field of these ids, one a line if need be, or "" if none is usable.

    An id is never encoded nor broken, or threading would break at the receiver. Of a very long chain the first,
    which is the thread's root, and the newest stay (RFC 5322 §3.6.4 leaves that open; servers bound headers).
    """
    usable = [f"<{each}>" for each in dict.fromkeys(ids) if _usable_id(each)]
    if len(usable) > MOST_REFERENCES:
        usable = [usable[0], *usable[1 - MOST_REFERENCES :]]
    return _fold(name + ":", usable) if usable else ""


def file_name_parameter(name: str) -> str:
    """Return `filename="…"`, or `filename*=…` where the name is not plain ASCII (RFC 2231 §4)."""
    name = _short_file_name(cleaned(name).replace("/", "_").replace("\\", "_") or "attachment")
    if name.isascii() and '"' not in name and "=?" not in name:
        return f'filename="{name}"'
    return "filename*=utf-8''" + quote(name, safe="!#$&+^`|~")


def _short_file_name(name: str) -> str:
    """Return the name in at most LONGEST_FILE_NAME octets, its extension kept."""
    if len(name.encode()) <= LONGEST_FILE_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = dot + extension if stem and len(extension.encode()) <= 20 else ""
    return name.encode()[: LONGEST_FILE_NAME - len(tail.encode())].decode(errors="ignore") + tail


def _usable_id(message_id: str) -> bool:
    return len(message_id) <= LONGEST_ID and _MSG_ID.fullmatch(message_id) is not None


def _fold(label: str, words: Iterable[str]) -> str:
    """Return the words after the label, a line break before each that would reach beyond the line."""
    text, width = label, len(label)
    for word in words:
        folds = width + 1 + len(word) > LINE and width > len(label)
        text += ("\r\n " if folds else " ") + word
        width = 1 + len(word) if folds else width + 1 + len(word)
    return text


def _is_plain(word: str) -> bool:
    return word.isascii() and len(word) < LINE and "=?" not in word


def _partly_encoded(head: str, words: list[str]) -> str:
    """Return the field with its first plain words as they are, so that the subject's tag stays legible.

    The line is not folded before the first encoded word: some readers lose the blank there.
    """
    plain = 0
    while _is_plain(words[plain]) and len(head) + 1 + len(words[plain]) <= LINE // 2:
        head += " " + words[plain]
        plain += 1
    return f"{head} " + "\r\n ".join(_encoded(" ".join(words[plain:]), LINE - len(head) - 1))


def _phrase(name: str, room: int) -> list[str]:
    """Return a display name as atoms, one quoted string, or encoded words, the first within `room` characters."""
    if not all(map(_is_plain, name.split(" "))):
        return _encoded(name, room)
    if _ATOMS.fullmatch(name):
        return name.split()
    return ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"']


def _encoded(text: str, room: int) -> list[str]:
    """Return the text as encoded words of at most 75 characters, the first of at most `room` if that is possible.

    Each is made of whole letters (RFC 2047 §5 rule 3), in Q unless most of it is not ASCII.
    """
    data = text.encode()
    if sum(len(_Q[octet]) for octet in data) <= len(data) * 2:
        stretches = _stretches(text, _cost_in_q, max(room - 12, 12), 63)
        return [f"=?utf-8?q?{_q(stretch)}?=" for stretch in stretches]
    stretches = _stretches(text, lambda letter: len(letter.encode()), max((room - 12) // 4 * 3, 12), 45)
    return [f"=?utf-8?b?{b2a_base64(stretch.encode(), newline=False).decode()}?=" for stretch in stretches]


def _q(text: str) -> str:
    return "".join(_Q[octet] for octet in text.encode())


@lru_cache(maxsize=1024)  # an alphabet or two
def _cost_in_q(letter: str) -> int:
    return len(_q(letter))


def _stretches(text: str, cost: Callable[[str], int], first: int, further: int) -> Iterator[str]:
    """Yield the text in stretches whose letters cost at most `first`, then `further`."""
    begin, spent, room = 0, 0, first
    for position, letter in enumerate(text):
        spent += (price := cost(letter))
        if spent > room and position > begin:
            yield text[begin:position]
            begin, spent, room = position, price, further
    if begin < len(text):
        yield text[begin:]
