"""People's mail programs: the headers they write, the way they quote, what a phone leaves out.

A `Program` writes new mails, answers and forwards for its owner; the words are the test's, the form is the program's.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

from babel.dates import format_datetime as say_datetime

WARSAW = ZoneInfo("Europe/Warsaw")
File = tuple[str, bytes]


@dataclass(frozen=True)
class Program:
    """A mail program. `quote` returns what it puts below the answer; without `ids` it loses the thread's ids."""

    name: str
    fields: dict[str, str]
    answers: str  # what it puts before the subject
    forwards: str
    quote: Callable[[EmailMessage], str]
    farewell: str = ""
    html: bool = True
    ids: bool = True
    flowed: bool = False

    def write(
        self,
        author: str,
        to: str,
        subject: str,
        text: str,
        at: datetime,
        *,
        cc: Sequence[str] = (),
        files: Sequence[File] = (),
        below: str = "",
        fields: dict[str, str] | None = None,
    ) -> bytes:
        """Return a mail as the program sends it; `below` is what it quotes."""
        mail = EmailMessage()
        domain = author.rpartition("@")[2].rstrip(">")
        seed = f"{author}{to}{subject}{text}{at}".encode()
        head = {
            "From": author,
            "To": to,
            **({"Cc": ", ".join(cc)} if cc else {}),
            "Subject": subject,
            "Date": format_datetime(at.astimezone(WARSAW)),
            "Message-ID": f"<{hashlib.sha256(seed).hexdigest()[:20].upper()}@{domain}>",
            **self.fields,
            **(fields or {}),
        }
        if "Thread-Index" in head:
            head["Thread-Index"] = base64.b64encode(hashlib.sha256(subject.encode()).digest()[:22]).decode()
        for name, value in head.items():
            mail[name] = value
        said = "\n\n".join(filter(None, (text, self.farewell)))
        body = f"{said}\n\n{below}" if below else said
        mail.set_content(body + "\n", cte="quoted-printable" if self.html else "8bit")
        if self.flowed:
            mail.set_param("format", "flowed")
        if self.html:
            mail.add_alternative(_page(said, below), subtype="html", cte="base64")
        for name, content in files:
            kind = "png" if name.endswith(".png") else "octet-stream"
            mail.add_attachment(
                content, maintype="image" if kind == "png" else "application", subtype=kind, filename=name
            )
        return mail.as_bytes(policy=SMTP)

    def answer(
        self,
        author: str,
        parent: EmailMessage,
        text: str,
        at: datetime,
        *,
        files: Sequence[File] = (),
        fields: dict[str, str] | None = None,
    ) -> bytes:
        """Return an answer to a mail, to whom it asks answers to go."""
        ids = {
            "In-Reply-To": str(parent["Message-ID"]),
            "References": " ".join(f"{parent['References'] or ''} {parent['Message-ID']}".split()),
        }
        subject = self.answers + _bare(str(parent["Subject"]))
        target, below = str(parent["Reply-To"] or parent["From"]), self.quote(parent)
        more = (ids if self.ids else {}) | (fields or {})
        return self.write(author, target, subject, text, at, files=files, below=below, fields=more)

    def forward(self, author: str, original: EmailMessage, to: str, text: str, at: datetime) -> bytes:
        """Return a mail handed on with words of one's own above it."""
        subject = self.forwards + _bare(str(original["Subject"]))
        return self.write(author, to, subject, text, at, below=_outlook_quote(original))


def _bare(subject: str) -> str:
    while subject[:4].upper() in ("RE: ", "ODP:", "PD: "):
        subject = subject[4:].lstrip()
    return subject


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n") if part else ""


def _when(mail: EmailMessage, pattern: str, locale: str = "pl") -> str:
    at: datetime = mail["Date"].datetime
    return str(say_datetime(at.astimezone(WARSAW), pattern, locale=locale))


def _from(mail: EmailMessage) -> tuple[str, str]:
    sender = mail["From"].addresses[0]
    return sender.display_name or sender.addr_spec, sender.addr_spec


def _marked(mail: EmailMessage) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text_of(mail).split("\n"))


def _outlook_quote(mail: EmailMessage) -> str:
    name, addr = _from(mail)
    head = (
        f"Od: {name} <{addr}>\nWysłano: {_when(mail, 'EEEE, d MMMM y HH:mm')}\n"
        f"Do: {mail['To']}\nTemat: {mail['Subject']}"
    )
    return f"________________________________\n{head}\n\n{text_of(mail)}"


def _outlook_english(mail: EmailMessage) -> str:
    name, addr = _from(mail)
    sent = _when(mail, "EEEE, MMMM d, y h:mm a", "en")
    return f"From: {name} <{addr}>\nSent: {sent}\nTo: {mail['To']}\nSubject: {mail['Subject']}\n\n{text_of(mail)}"


def _gmail_quote(mail: EmailMessage) -> str:
    name, addr = _from(mail)
    return f"{_when(mail, 'EEE, d MMM y')} o {_when(mail, 'HH:mm')} {name} <{addr}> napisał(a):\n\n{_marked(mail)}"


def _gmail_english(mail: EmailMessage) -> str:
    name, addr = _from(mail)
    when = f"{_when(mail, 'EEE, MMM d, y', 'en')} at {_when(mail, 'h:mm a', 'en')}"
    return f"On {when} {name} <{addr}> wrote:\n\n{_marked(mail)}"


def _thunderbird_quote(mail: EmailMessage) -> str:
    return f"W dniu {_when(mail, 'd.MM.y')} o {_when(mail, 'HH:mm')}, {_from(mail)[0]} pisze:\n{_marked(mail)}"


def _apple_quote(mail: EmailMessage) -> str:
    name, addr = _from(mail)
    when = f"{_when(mail, 'd MMM y')}, o godz. {_when(mail, 'HH:mm')}"
    return f"Wiadomość napisana przez {name} <{addr}> w dniu {when}:\n\n{_marked(mail)}"


def _iphone_quote(mail: EmailMessage) -> str:
    name, addr = _from(mail)
    when = f"{_when(mail, 'd MMM y')}, o godz. {_when(mail, 'HH:mm')}"
    return f"> Wiadomość napisana przez {name} <{addr}> w dniu {when}:\n> \n{_marked(mail)}"


def _galaxy_quote(mail: EmailMessage) -> str:
    name, addr = _from(mail)
    when = _when(mail, "d.MM.y  HH:mm")
    head = f"Od: {name} <{addr}> Data: {when}  (GMT+01:00) Do: {mail['To']} Temat: {mail['Subject']} "
    return f"-------- Oryginalna wiadomość --------\n{head}\n{text_of(mail)}"


def _page(said: str, below: str) -> str:
    quoted = f"<blockquote>{_paragraphs(below)}</blockquote>" if below else ""
    return f'<html><body dir="auto"><div>{_paragraphs(said)}</div>{quoted}</body></html>'


def _paragraphs(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.split("\n"))


_EXCHANGE = {"Thread-Topic": "", "Thread-Index": "", "Accept-Language": "pl-PL, en-US", "X-MS-Has-Attach": ""}
OUTLOOK = Program("Outlook pl", _EXCHANGE, "ODP: ", "PD: ", _outlook_quote)
OUTLOOK_ENGLISH = Program("Outlook en", _EXCHANGE | {"Accept-Language": "en-GB"}, "RE: ", "FW: ", _outlook_english)
GMAIL = Program("Gmail", {"MIME-Version": "1.0"}, "Re: ", "Fwd: ", _gmail_quote)
GMAIL_ENGLISH = Program("Gmail en", {"MIME-Version": "1.0"}, "Re: ", "Fwd: ", _gmail_english)
THUNDERBIRD = Program(
    "Thunderbird",
    {"User-Agent": "Mozilla Thunderbird", "Content-Language": "pl"},
    "Re: ",
    "Fwd: ",
    _thunderbird_quote,
    html=False,
    flowed=True,
)
APPLE = Program("Apple Mail", {"X-Mailer": "Apple Mail (2.3826.200.121)"}, "Re: ", "Fwd: ", _apple_quote, html=False)
IPHONE = Program(
    "iPhone", {"X-Mailer": "iPhone Mail (22B83)"}, "Re: ", "Fwd: ", _iphone_quote, "Wysłane z iPhone'a", html=False
)
GALAXY = Program(
    "Galaxy",
    {"Importance": "normal"},
    "RE: ",
    "Fwd: ",
    _galaxy_quote,
    "Wysłane z telefonu Galaxy",
    html=False,
    ids=False,
)
