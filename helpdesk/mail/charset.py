"""Bytes to text when the label may lie: RFC 2045 charsets as clients really use them.

Called for every text part, header and parameter. Never raises; what had to be guessed is said by a code.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# What a label means in the field, where that is not what it says (WHATWG Encoding, and experience).
ALIASES = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "iso-8859-6-e": "iso8859_6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "ksc5601": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "x-utf-8": "utf-8",
    "utf": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "x-mac-ce": "mac_latin2",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "windows-31j": "cp932",
    "x-cp1250": "cp1250",
    "cp-1250": "cp1250",
    "win-1250": "cp1250",
    "windows1250": "cp1250",
    "cp-850": "cp850",
    "dos-852": "cp852",
    "ibm-852": "cp852",
    "x-user-defined": "cp1252",
    "8bit": "",
    "binary": "",
    "default": "",
    "none": "",
}
NOT_TEXT = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "palmos"})
STATEFUL = ("utf-7", "utf-16", "utf-32", "iso2022", "hz")  # ASCII bytes need not mean ASCII letters
WIDE = ("utf-16", "utf-32")
LABEL = re.compile(r"[A-Za-z0-9_.:+()-]{1,40}\Z")
ASCII_BYTES = bytes(range(128))
POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
WESTERN = frozenset("äöüßÄÖÜáàâãåæçéèêëíìîïñóòôõøúùûýÁÀÂÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÕØÚÙÛÝœŒ")
TYPOGRAPHY = frozenset("„”“’‘‚–—…•«»€§°©®\xa0·×½²³™´¨")
GUESSES = ("cp1250", "iso8859_2", "cp1252")
# Polish letters of cp1250 and iso-8859-2 as they look when read as cp1252, inside a word.
SIGNS = "¹³¿Ÿ¶±¼¯œ"
MISREAD = re.compile(f"[A-Za-zóêæñœ][{SIGNS}]+[a-zóêæñœ]|[a-zóêæñ]{{2}}[¹³¿¶±¼](?![A-Za-z0-9])")
# And ą, ś, ź of iso-8859-2 read as cp1250.
SIGNS_LATIN2 = "±¶Ľ"
MISREAD_LATIN2 = re.compile("[a-ząęłóćń][±¶Ľ][a-ząęłóćń]|[a-ząęłóćń]{2}±(?![A-Za-z0-9])|(?<![A-Za-z])¶[a-z]{2}")
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
MIXED = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
C1 = re.compile(rb"[\x80-\x9f]")
SINGLE_BYTE = frozenset(
    ["cp1250", "cp1251", "cp1252", "cp1254", "cp1257", "cp852", "iso8859-2", "iso8859-15", "iso8859-16"]
)
VALID_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@lru_cache(maxsize=256)
def codec_for(label: str) -> str:
    """Return the codec a label stands for, or "" for none that is known and decodes text."""
    name = label.strip().strip("\"'").lower()
    name = ALIASES.get(name, name)
    if not LABEL.match(name):
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    name = info.name.replace("_", "-") if info.name.startswith("utf") else info.name
    return "" if name.replace("-", "_") in NOT_TEXT or not info._is_text_encoding else name


def decode(data: bytes, label: str) -> tuple[str, str]:
    """Return the text, and a defect's code where the label was wrong or missing ("" where it was right).

    Codes: charset_unknown, charset_missing, charset_mislabelled, charset_broken.
    """
    codec = codec_for(label) if label else ""
    if data.isascii() and not codec.startswith(STATEFUL):
        return data.decode("ascii"), "charset_unknown" if label and not codec and label.lower() not in ALIASES else ""
    if codec.startswith(WIDE):
        return _wide(data, codec)
    if not codec or codec == "ascii":
        return decode_unlabelled(data), "charset_unknown" if label and not codec else "charset_missing"
    if codec == "utf-8":
        return _utf8(data)
    return _labelled(data, codec)


def decode_unlabelled(data: bytes) -> str:
    """Return raw 8-bit bytes as text: UTF-8 if they are that, else the likeliest of the Polish and western sets."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _utf8(data)[0]


def guess_legacy(data: bytes) -> str:
    """Return the likeliest single-byte codec of bytes that are no UTF-8; Polish wins a draw."""
    if _looks_chinese(data):
        return "gb18030"
    high = data.translate(None, ASCII_BYTES)[:4096]
    return max(GUESSES, key=lambda codec: _fitness(high.decode(codec, "replace")))


def _looks_chinese(data: bytes) -> bool:
    """Tell whether the high bytes come in long runs of pairs, with no Latin letter beside them."""
    runs = HIGH_RUN.findall(data[:4096])
    long_runs = bool(runs) and sum(map(len, runs)) >= 8 * len(runs)
    return long_runs and all(len(run) % 2 == 0 for run in runs) and not MIXED.search(data[:4096])


def _fitness(letters: str) -> float:
    return sum(1.0 if c in POLISH else 0.9 if c in WESTERN else 0.5 if c in TYPOGRAPHY else -1.0 for c in letters)


def _utf8(data: bytes) -> tuple[str, str]:
    """Read as UTF-8; where hardly a sequence is valid, the label lied."""
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8-sig", "replace")
    valid, broken = len(VALID_UTF8.findall(data)), text.count("\ufffd")
    if valid >= broken:
        return text, "charset_broken"
    return data.decode(guess_legacy(data), "replace"), "charset_mislabelled"


def _wide(data: bytes, codec: str) -> tuple[str, str]:
    """Read UTF-16 or UTF-32; without a mark the position of the zero bytes tells the order (RFC 2781 §4.3)."""
    if codec == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        if 0 not in data[:400]:
            return _utf8(data)[0], "charset_mislabelled"
        codec = "utf-16-be" if data[0:200:2].count(0) >= data[1:200:2].count(0) else "utf-16-le"
    text = data.decode(codec, "replace").lstrip("\ufeff")
    return text, "charset_broken" if "\ufffd" in text else ""


def _labelled(data: bytes, codec: str) -> tuple[str, str]:
    """Read by the label, unless the bytes show that it lies."""
    text = data.decode(codec, "replace")
    if (codec in SINGLE_BYTE or "\ufffd" in text) and not data.isascii():
        try:
            return data.decode("utf-8-sig"), "charset_mislabelled"
        except UnicodeDecodeError:
            pass
    if codec == "iso2022_jp_ext" and "\ufffd" in text:
        return _wider_japanese(data), "charset_mislabelled"
    guess = codec
    if codec == "iso8859-2" and C1.search(data):
        guess = "cp1250"
    elif codec == "cp1250" and _holds(text, SIGNS_LATIN2) and MISREAD_LATIN2.search(text):
        guess = "iso8859-2"
    elif codec == "cp1252" and _holds(text, SIGNS) and MISREAD.search(text):
        guess = guess_legacy(data)
    if guess != codec:
        return data.decode(guess, "replace"), "charset_mislabelled"
    return text, "charset_broken" if "\ufffd" in text else ""


def _holds(text: str, letters: str) -> bool:
    """Tell whether one of the letters stands in the text: far sooner known than where it stands between others."""
    return any(letter in text for letter in letters)


def _wider_japanese(data: bytes) -> str:
    """Read JIS with the makers' rows, circled digits among them, which Japanese clients write under the plain name.

    JIS X 0213 holds them at the same places, and what stands in JIS X 0208 as well; it has another escape sequence.
    """
    return data.replace(b"\x1b$B", b"\x1b$(Q").decode("iso2022_jp_2004", "replace")
