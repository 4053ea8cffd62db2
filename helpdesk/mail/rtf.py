"""Rich text of Outlook: decompressed, and made into plain text ([MS-OXRTFCP]).

Called by `mail.tnef` for mails whose only words are RTF. Pictures, styles and field codes are passed over.
"""

from __future__ import annotations

import re
import struct

LARGEST = 4 * 1024 * 1024
DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArial"
    b"Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S)
SKIPPED = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "themedata",
        "datastore",
        "latentstyles",
        "listtable",
        "listoverridetable",
        "generator",
        "header",
        "footer",
        "headerl",
        "headerr",
        "footerl",
        "footerr",
        "xmlnstbl",
        "rsidtbl",
        "mmathPr",
        "htmltag",
        "mhtmltag",
        "fldinst",
    ]
)
BREAKS = {"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "tab": "\t", "cell": "\t", "row": "\n"}
SIGNS = {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—"}


def decompress(data: bytes) -> bytes:
    """Return the RTF of a compressed body; what is no such thing comes back as it is."""
    if len(data) < 16:
        return data
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == 0x414C454D:  # MELA: stored
        return data[16 : 16 + size]
    return _unpack(data[16:], min(size, LARGEST)) if kind == 0x75465A4C else data  # LZFu


def _unpack(data: bytes, size: int) -> bytes:
    window = bytearray(4096)
    window[: len(DICTIONARY)] = DICTIONARY
    write, at, out = len(DICTIONARY), 0, bytearray()
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) >= size:
                break
            if control & (1 << bit):
                if at + 1 >= len(data):
                    return bytes(out)
                offset, length = data[at] << 4 | data[at + 1] >> 4, (data[at + 1] & 15) + 2
                at += 2
                if offset == write:
                    return bytes(out)
                piece = [window[(offset + i) % 4096] for i in range(min(length, (write - offset) % 4096))]
                piece = (piece * (length // max(len(piece), 1) + 1))[:length]
            else:
                piece = [data[at]]
                at += 1
            for byte in piece:
                window[write] = byte
                write = (write + 1) % 4096
            out += bytes(piece)
    return bytes(out[:size])


def to_text(rtf: bytes, codepage: str) -> str:
    """Return the words of an RTF document."""
    out: list[str] = []
    skipping: list[bool] = [False]
    swallow = 0  # letters that stand for those who know no Unicode
    for match in TOKEN.finditer(rtf.decode("latin-1")):
        word, number, code, symbol, brace, text = match.groups()
        if brace == "{":
            skipping.append(skipping[-1])
        elif brace == "}":
            if len(skipping) > 1:
                skipping.pop()
        elif symbol == "*" or word in SKIPPED:
            skipping[-1] = True
        elif skipping[-1]:
            continue
        elif code:
            if swallow:
                swallow -= 1
            else:
                out.append(bytes((int(code, 16),)).decode(codepage, "replace"))
        elif word == "u" and number:
            out.append(chr(int(number) % 0x10000))
            swallow = 1
        elif word:
            out.append(BREAKS.get(word, SIGNS.get(word, "")))
        elif symbol:
            out.append({"~": " ", "-": "", "_": "-"}.get(symbol, symbol if symbol in "\\{}" else ""))
        elif text:
            out.append(text[swallow:])
            swallow = 0
    return "".join(out).strip()
