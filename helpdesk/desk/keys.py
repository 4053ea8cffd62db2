"""Ticket keys: PREFIX-NUMBER, where the last digit of the number is a Damm check digit.

A key survives retyping: every single wrong digit and every swap of neighbours is noticed
(H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004). The prefix is decoration: a ticket is
found by number and check digit under any prefix of this desk, so it keeps its number in another queue.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from helpdesk.mail.identifiers import base_subject

MAX_DIGITS = 18  # a bigger number is no ticket of ours, and would not fit the column

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]{0,15})-([0-9]{2,19})")
_GAP = r"[\s\u200e\u200f\u061c]*"  # blanks, and the direction marks that right-to-left clients put in
_TAG = re.compile(rf"\[{_GAP}{_KEY.pattern}{_GAP}\]")


def check_digit(number: int) -> int:
    """Return the Damm digit that follows `number` in a key."""
    interim = 0
    for digit in str(number):
        interim = _DAMM[interim][int(digit)]
    return interim


def format_key(prefix: str, number: int) -> str:
    """Return the key people see: `format_key("DYN", 48213)` is "DYN-482135"."""
    return f"{prefix}-{number}{check_digit(number)}"


def parse_key(text: str, prefixes: Collection[str]) -> int | None:
    """Return the ticket number of a key or a bare "482135"; None if it is no key of this desk."""
    bare = text.strip().strip("[]").strip()
    if bare.isascii() and bare.isdigit():
        return _number(bare)
    match = _KEY.fullmatch(bare)
    return _number(match[2]) if match and _ours(match[1], prefixes) else None


def key_fault(text: str, prefixes: Collection[str]) -> str:
    """Return what is wrong with a text that `parse_key` refuses, as a sentence for who typed it."""
    bare = text.strip().strip("[]").strip()
    match = _KEY.fullmatch(bare)
    if match and not _ours(match[1], prefixes):
        return f"{text!r} is no key of this desk: its prefixes are {', '.join(sorted(prefixes))}"
    if match:
        return f"{text!r} is no key: its last digit checks the others, and one of them is wrong"
    if bare.isascii() and bare.isdigit() and bare[0] != "0" and len(bare) < MAX_DIGITS:
        whole = f"{bare}{check_digit(int(bare))}"
        return f"{text!r} is no key: its last digit doesn't check the others; if it is left out, write {whole}"
    return f"{text!r} is no key of a ticket, such as {format_key(min(prefixes, default='DYN'), 1001)}"


def tagged_numbers(subject: str, prefixes: Collection[str]) -> tuple[int, ...]:
    """Return the ticket numbers of the tags `[KEY]` in a subject, in order, wrong check digits left out."""
    found = (_number(match[2]) for match in _TAG.finditer(subject) if _ours(match[1], prefixes))
    return tuple(dict.fromkeys(number for number in found if number is not None))


def strip_tags(subject: str, prefixes: Collection[str]) -> str:
    """Return the subject without this desk's tags."""
    kept = _TAG.sub(lambda match: "" if _ours(match[1], prefixes) and _number(match[2]) else match[0], subject)
    return " ".join(kept.split())


def plain_subject(subject: str, prefixes: Collection[str]) -> str:
    """Return what a subject is about, without marks of replies and without our tags: writing puts a tag on again."""
    return base_subject(strip_tags(base_subject(subject), prefixes))


def _ours(prefix: str, prefixes: Collection[str]) -> bool:
    return prefix.upper() in {known.upper() for known in prefixes}


def _number(digits: str) -> int | None:
    if not 2 <= len(digits) <= MAX_DIGITS or digits[0] == "0":
        return None
    number = int(digits[:-1])
    return number if check_digit(number) == int(digits[-1]) else None
