"""Raw bytes to an `InboundMessage`: never raises, reads no more than the bounds allow (RFC 5322, 2045–2047).

Called by `services.process` for each journal entry and by `helpdesk parse`. The envelope fields — people,
dates — go through mail-parser, mended first where it would lose letters; the tree of parts is ours
(`mail.mime`), so attached messages don't leak into the text and size costs no memory. mail-parser sees
bounded fields only: never the whole of an untrusted header block, never the attachments.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from helpdesk.mail import dsn
from helpdesk.mail.addresses import addresses, prepare
from helpdesk.mail.body import new_text
from helpdesk.mail.bounds import MAX_ENVELOPE_CHARS, MAX_SUBJECT_CHARS
from helpdesk.mail.charset import decode_unlabelled
from helpdesk.mail.content import read_content
from helpdesk.mail.fields import Block
from helpdesk.mail.identifiers import all_ids, content_digest, first_id, is_forward_subject, is_reply_subject
from helpdesk.mail.message import Address, Defect, Headers, InboundMessage
from helpdesk.mail.mime import Part, split_message
from helpdesk.mail.text import clean_line
from helpdesk.mail.words import decode_words, unfold

ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=")
PEOPLE = ("from", "sender", "reply-to", "to", "cc")
MAILBOXES = frozenset(PEOPLE) - {"sender"}  # mail-parser knows no Sender
SHORT = 200  # characters of an address field that is remembered


def parse_message(raw: bytes) -> InboundMessage:
    """Return the message; whatever is wrong with it is listed in its `defects`."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    root, defects = split_message(raw)
    content = read_content(root)
    envelope = _Envelope(root.block)
    headers = Headers(tuple((field.name, clean_line(decode_words(field.value))) for field in root.block.fields))
    text, page = content.render()
    authors = envelope.people("from")
    subject = headers.get("subject")[:MAX_SUBJECT_CHARS]
    in_reply_to, references = (all_ids(_text(root.block, name)) for name in ("in-reply-to", "references"))
    answers = bool(in_reply_to or references) or is_reply_subject(subject)
    return InboundMessage(
        author=authors[0] if authors else None,
        authors=authors,
        sender=envelope.sender(),
        reply_to=envelope.people("reply-to"),
        to=envelope.people("to"),
        cc=envelope.people("cc"),
        return_path=_return_path(root.block),
        subject=subject,
        date=envelope.date(),
        message_id=first_id(_text(root.block, "message-id")),
        in_reply_to=in_reply_to,
        references=references,
        text=text,
        new_text=new_text(text, answers=answers, hands_on=is_forward_subject(subject)),
        html=page,
        attachments=tuple(content.attachments),
        headers=headers,
        defects=(*defects, *content.defects.values(), *envelope.defects),
        content_digest=_digest(raw, root),
        size=len(raw),
        report=dsn.read_report(root, raw, headers, text),
    )


def text_of(raw: bytes) -> str:
    """Return only the text of a mail, as `parse_message` reads it; one that was cut off is read as far as it goes."""
    return read_content(split_message(raw)[0]).words()


class _Mailboxes(NamedTuple):
    """An address field as it was read: whether mail-parser doubts it, and whether it could not read it as it stands."""

    people: tuple[Address, ...]
    doubtful: bool
    broken: bool = False


class _Envelope:
    """The fields that name people and dates, as mail-parser reads them."""

    def __init__(self, block: Block) -> None:
        self.defects: list[Defect] = []
        self.values: dict[str, str] = {}
        for field in block.fields:
            name = field.name.lower()
            if name not in (*PEOPLE, "date") or self._repeated(name, field.value):
                continue
            value = unfold(field.value)
            text = value.decode("ascii") if value.isascii() else decode_unlabelled(value)
            if not value.isascii():
                self._mark("header_raw_8bit", field.name)
            self.values[name] = (prepare(text) if name in PEOPLE else text)[:MAX_ENVELOPE_CHARS]
        self.stated = parse_mail_date(self.values.get("date"))
        self.read = {name: _read_mailboxes(text) for name, text in self.values.items() if name in MAILBOXES}
        self._mark_flaws()

    def _mark_flaws(self) -> None:
        """Note what mail-parser could not read, or doubted."""
        if any(field.broken for field in self.read.values()):
            self._mark("header_unreadable", "a field that mail-parser can't read")
        if any(field.doubtful for field in self.read.values()):
            self._mark("header_defect", "AddressHeaderDefect")
        if self.stated.reasons:
            self._mark("header_defect", "DateHeaderDefect")

    def _repeated(self, name: str, value: bytes) -> bool:
        """Tell whether an earlier field of that name counts; one that holds no address gives way."""
        if name not in self.values:
            return False
        if name == "from":
            self._mark("from_repeated", "more than one From field")
        return "@" in self.values[name] or b"@" not in value

    def people(self, name: str) -> tuple[Address, ...]:
        """Return the field's addresses."""
        return self.read[name].people if name in self.read else ()

    def sender(self) -> Address | None:
        """Return who sent it for the author, where one address can be meant."""
        return next(iter(addresses((), self.values.get("sender", ""))), None)

    def date(self) -> datetime | None:
        """Return what the sender claims, aware; mail-parser's reading, else the standard library's laxer one."""
        if isinstance(value := self.stated.value, datetime):
            return value
        try:
            lax = parsedate_to_datetime(self.values.get("date", "")[:100])
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return lax if lax.tzinfo else lax.replace(tzinfo=UTC)

    def _mark(self, code: str, detail: str) -> None:
        self.defects.append(Defect(code, detail))


def _read_mailboxes(text: str) -> _Mailboxes:
    return (_remembered if len(text) <= SHORT else _mailboxes)(text)


def _mailboxes(text: str) -> _Mailboxes:
    """Return a field as mail-parser reads it; one that it can't read, as it reads it without its encoded words."""
    flaws: list[object] = []
    pairs = _pairs(text, flaws)
    if pairs is not None:
        return _Mailboxes(addresses(pairs, text), doubtful=bool(flaws))
    pairs = _pairs(ENCODED_WORD.sub("", text), flaws)
    return _Mailboxes(addresses(pairs or (), text), doubtful=bool(flaws), broken=True)


_remembered = lru_cache(maxsize=256)(_mailboxes)  # the desk's own address stands in nearly every mail


def _pairs(text: str, flaws: list[object]) -> list[tuple[str, str]] | None:
    """Return names and addresses, mail-parser's doubts added to `flaws`; None where it raises: on some encoded words.

    Its `MailParser` reads fields with this very function, then makes parts, keys and logs that nobody asks for here.
    """
    try:
        pairs = get_addresses(text, defects=flaws, decode_names=True)
    except (MessageError, RecursionError, ValueError, LookupError, TypeError):
        return None
    return [("" if name == addr else name, addr) for name, addr in pairs]


def _text(block: Block, name: str) -> str:
    return clean_line(decode_words(block.first(name)))


def _return_path(block: Block) -> str | None:
    """Return the reverse-path; "" is the null one, None says nothing."""
    if not any(field.name.lower() == "return-path" for field in block.fields):
        return None
    return clean_line(decode_words(block.first("return-path"))).strip("<> ")


def _digest(raw: bytes, root: Part) -> str:
    first = root.block.first
    return content_digest((first("message-id"), first("date"), first("from"), first("subject")), raw, root.block.body)
