"""How receivers read a composed mail, for the tests of `compose`."""

from __future__ import annotations

import email
import re
import unicodedata
from email import policy
from email.message import EmailMessage


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def assert_fit_for_the_wire(raw: bytes) -> None:
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), "every line ends with CRLF"
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def unfolded(header: str) -> str:
    """Return the header on one line: mail-parser leaves the folds of plain ones in."""
    return header.replace("\r\n ", " ")


def composed(value: str) -> str:
    """Return the text with composed letters: so mail-parser reads subjects and bodies."""
    return unicodedata.normalize("NFC", value)


def tidy(value: str) -> str:
    return " ".join(value.split())
