"""What every message read must keep to, whatever the bytes were; shared by the property tests and the fuzzer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from enum import Enum

from helpdesk.mail.body import answering_text
from helpdesk.mail.message import InboundMessage

LINE_FIELDS = ("subject", "message_id", "return_path", "in_reply_to", "references")
RESERVED = frozenset("/\\\x00")


def broken_promises(message: InboundMessage) -> list[str]:
    """Return a sentence for each promise that does not hold; none for a message that can be stored and shown."""
    broken = [f"text can't be stored: {text[:60]!r}" for text in texts(message) if not storable(text)]
    if message.text.strip() and not message.new_text.strip():
        broken.append("new text is empty although there is text")
    if message.text.strip() and not answering_text(message.text, [message.new_text]).strip():
        broken.append("nothing is left once what we sent is folded")
    names = [item.name for item in message.attachments]
    broken += [
        f"unsafe name {name!r}" for name in names if RESERVED & set(name) or not name or len(name.encode()) > 255
    ]
    if len({name.casefold() for name in names}) != len(names):
        broken.append("two attachments share a name")
    for name in LINE_FIELDS:
        broken += [f"{name} has a line break" for text in texts(getattr(message, name)) if "\n" in text or "\r" in text]
    if message.date is not None and message.date.tzinfo is None:
        broken.append("the date is naive")
    return broken


def storable(text: str) -> bool:
    """Tell whether a text has neither NUL nor half a letter."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def texts(value: object) -> Iterator[str]:
    """Yield every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type | Enum | datetime):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name))
