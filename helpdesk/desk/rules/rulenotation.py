"""How single values are written in conditions and actions: patterns, comparisons, tags, headers.

Each function returns the value and raises ValueError with a sentence for the admin.
"""

from __future__ import annotations

import re

from helpdesk.desk.folding import fold, squeeze
from helpdesk.desk.rules.conditions import Comparison
from helpdesk.desk.rules.notation import domain, is_address
from helpdesk.desk.rules.patterns import Pattern, Whole, parse_pattern

_COMPARISON = re.compile(r"([<>]=?|=)?\s*(\d{1,12})\s*([KMG]?B)?", re.ASCII | re.IGNORECASE)
_UNITS = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}


def size(text: str) -> Comparison:
    """Return the comparison of `> 10MB` (1 MB is 1024 × 1024 bytes)."""
    parts = _COMPARISON.fullmatch(text)
    if parts is None or parts[1] is None:
        raise ValueError(f"{text!r} compares with no size; write for instance '> 10MB' or '<= 200KB'")
    return Comparison(text, parts[1], int(parts[2]) * _UNITS[(parts[3] or "").upper()])


def priority(text: str) -> Comparison:
    """Return the comparison of `2` or `<= 2`."""
    parts = _COMPARISON.fullmatch(text)
    if parts is None or parts[3] or not 1 <= int(parts[2]) <= 5:
        raise ValueError(f"{text!r} is no priority; write 1 to 5, or for instance '<= 2'")
    return Comparison(text, parts[1] or "=", int(parts[2]))


def person(text: str) -> Pattern:
    """Return the pattern for an address: a complete one means exactly that one."""
    return _exactly(text) if is_address(text) and "*" not in text else parse_pattern(text, globs=True)


def domain_pattern(text: str) -> Pattern:
    """Return the pattern for a domain: a plain one means exactly that one, not what merely contains it."""
    return _exactly(domain(text)) if "*" not in text and not text.startswith("re:") else parse_pattern(text, globs=True)


def _exactly(text: str) -> Pattern:
    return Whole(text, re.compile(re.escape(squeeze(fold(text))) + r"\Z"))


def language(text: str) -> str:
    """Return a language code."""
    if not re.fullmatch(r"[a-z]{2,3}", text):
        raise ValueError(f"{text!r} is no language; write for instance pl or en")
    return text


def tag(text: str) -> str:
    """Return a tag: one word."""
    if not re.fullmatch(r"[\w.:/-]{1,50}", text):
        raise ValueError(f"{text!r} can't be a tag: one word of letters, digits and - _ . : /")
    return text


def template(text: str) -> str:
    """Return the name of a template's folder."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", text):
        raise ValueError(f"{text!r} can't be a template: small letters, digits and _")
    return text


def header(text: str) -> str:
    """Return a header's name in lower case (RFC 5322 §2.2)."""
    if not re.fullmatch(r"[!-9;-~]{1,80}", text):
        raise ValueError(f"{text!r} can't be the name of a header")
    return text.lower()


def plain_size(text: str) -> int:
    """Return the bytes of `200`, `200KB` or `2MB`; a sample weighs at most 100 MB."""
    parts = _COMPARISON.fullmatch(text)
    if parts is None or parts[1]:
        raise ValueError(f"{text!r} is no size; write for instance 200KB or 2MB")
    found = int(parts[2]) * _UNITS[(parts[3] or "").upper()]
    if found > 100 * 1024**2:
        raise ValueError(f"{text!r}: a sample weighs at most 100MB")
    return found
