"""Text made fit to store and show: no NUL, no lone surrogates, one kind of line end (RFC 3676 for format=flowed).

Used wherever decoded text enters the program.
"""

from __future__ import annotations

import re

CONTROLS = {code: None for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if code not in (9, 10)}
SURROGATES = re.compile("[\ud800-\udfff]")
LINE_BREAKS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
LINE_CONTROLS = {
    **dict.fromkeys((*range(0x20), 0x7F, *range(0x80, 0xA0)), " "),
    0x2028: " ",
    0x2029: " ",
    0: None,
    **BIDI,
}
BLANKS = re.compile("[ \t]{2,}")
DIRTY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
DIRTY_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|  ")


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list written as one text."""
    return frozenset(words.split())


def clean_text(text: str) -> str:
    r"""Return the text with `\n` as the only line end and no control characters but tabs."""
    text = text.replace("\r\n", "\n")
    if not DIRTY.search(text):  # nearly always: what follows takes ten times as long
        return text
    text = LINE_BREAKS.sub("\n", text)
    return SURROGATES.sub("\ufffd", text.translate(CONTROLS))


def clean_line(text: str) -> str:
    """Return the text as one line, without control characters and direction overrides."""
    if (text.isprintable() and "  " not in text) or not DIRTY_LINE.search(text):  # what is dirty is never printable
        return text.strip()
    return BLANKS.sub(" ", SURROGATES.sub("\ufffd", text.translate(LINE_CONTROLS))).strip()


def unflow(text: str, *, delsp: bool) -> str:
    """Return format=flowed text with its soft line breaks undone, quote by quote (RFC 3676 §4)."""
    out: list[str] = []
    depth_before, open_before = 0, False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        flowed = content.endswith(" ") and content != "-- "
        if open_before and depth == depth_before and content != "-- ":
            out[-1] += content
        else:
            out.append(">" * depth + (" " if depth and content else "") + content)
        if flowed and delsp:
            out[-1] = out[-1][:-1]
        depth_before, open_before = depth, flowed
    return "\n".join(out)
