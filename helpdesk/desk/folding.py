"""Text without the differences that nobody means: case, Polish and other Latin letters, runs of blanks.

Conditions compare folded text, so that `awari` finds *awaria* and *AWARII*, and `zwrot` finds *ZWRÓT*.
"""

from __future__ import annotations

import unicodedata

# What decomposition does not take apart.
_WHOLE = {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i"}
_COMBINING = range(0x300, 0x370)


def _letter_table() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(_COMBINING)
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base != chr(code) and base.isascii():
            table[code] = base
    table.update({ord(letter): plain for letter, plain in _WHOLE.items()})
    table.update({0xA0: " ", 0xAD: None, 0x200B: None, 0x2011: "-", 0x2013: "-", 0x2014: "-"})
    return table


_LETTERS = _letter_table()


def plain_letters(text: str) -> str:
    """Return the text with Latin letters stripped of their marks; case and blanks stay."""
    return text if text.isascii() else text.translate(_LETTERS)


def fold(text: str) -> str:
    """Return the text as conditions compare it: plain letters, no case; line breaks stay."""
    return plain_letters(text).casefold()


def squeeze(folded: str) -> str:
    """Return the text with every run of blanks and line breaks made one blank."""
    return " ".join(folded.split())
