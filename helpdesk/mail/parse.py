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
from email.message import Message
from email.utils import parsedate_to_datetime

import mailparser

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
        sender=next(iter(envelope.people("sender")), None),
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
        self.mails = self._normalised()
        for category in sorted({str(each) for mail in self.mails.values() for each in mail.defects_categories}):
            self._mark("header_defect", category)

    def _normalised(self) -> dict[str, mailparser.MailParser]:
        """Return mail-parser's reading of each field: of all at once, or one by one where one breaks it.

        It raises on some encoded words and on deep nesting; such a field is read again without its encoded words,
        and left out if that does not help.
        """
        if whole := _normalise(self.values):
            return dict.fromkeys(self.values, whole)
        self._mark("header_unreadable", "a field that mail-parser can't read")
        alone = {
            name: _normalise({name: text}) or _normalise({name: ENCODED_WORD.sub("", text)})
            for name, text in self.values.items()
        }
        return {name: mail for name, mail in alone.items() if mail is not None}

    def _repeated(self, name: str, value: bytes) -> bool:
        """Tell whether an earlier field of that name counts; one that holds no address gives way."""
        if name not in self.values:
            return False
        if name == "from":
            self._mark("from_repeated", "more than one From field")
        return "@" in self.values[name] or b"@" not in value

    def people(self, name: str) -> tuple[Address, ...]:
        """Return the field's addresses."""
        if name not in self.values:
            return ()
        pairs = getattr(self.mails.get(name), "from_" if name == "from" else name.replace("-", "_"), None)
        return addresses(pairs if isinstance(pairs, list) else [], self.values[name])

    def date(self) -> datetime | None:
        """Return what the sender claims, aware; mail-parser's reading, else the standard library's laxer one."""
        value = getattr(self.mails.get("date"), "date", None)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        try:
            lax = parsedate_to_datetime(self.values.get("date", "")[:100])
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return lax if lax.tzinfo else lax.replace(tzinfo=UTC)

    def _mark(self, code: str, detail: str) -> None:
        self.defects.append(Defect(code, detail))


def _normalise(values: dict[str, str]) -> mailparser.MailParser | None:
    """Return mail-parser's reading of these fields and no others; None where they are too much for it."""
    message = Message()
    for name, text in values.items():
        message.set_raw(name, text)
    message.set_payload("")
    try:
        return mailparser.MailParser(message)
    except (MessageError, RecursionError, ValueError, LookupError, TypeError):
        return None


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
