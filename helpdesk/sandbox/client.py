"""The mail program of the demo's people: writes by SMTP, reads by IMAP, quotes when it answers.

It is made of Python's own smtplib, imaplib and email alone, and shares no code with the desk: what it understands
of our mail, another program will understand as well.
"""

from __future__ import annotations

import imaplib
import re
import smtplib
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from helpdesk.sandbox.cast import PASSWORD, Actor, address_of
from helpdesk.sandbox.mailserver import HOST, MailServer
from helpdesk.sandbox.post import Request

PATIENCE = 15.0  # seconds for one answer of a server


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as its reader's program shows it."""

    message: EmailMessage

    @property
    def id(self) -> str:
        return self.header("Message-ID")

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def sender(self) -> str:
        """The name in From, which is what programs show."""
        name, addr = parseaddr(self.header("From"))
        return name or addr

    @property
    def text(self) -> str:
        """The plain text."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part is not None else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part is not None else ""

    @property
    def attachments(self) -> dict[str, bytes]:
        """Each attached file by its name."""
        return {part.get_filename() or "": _content(part) for part in self.message.iter_attachments()}

    def header(self, name: str) -> str:
        """Return a header's text; "" if it is not there."""
        return str(self.message.get(name, ""))


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


class MailClient:
    """One person's mail program."""

    def __init__(self, owner: Actor, server: MailServer) -> None:
        self.owner, self._server = owner, server

    def write(self, to: str, subject: str, text: str) -> EmailMessage:
        """Return a new mail of the owner's, not yet sent."""
        message = EmailMessage(policy=policy.SMTP)
        domain = self.owner.addr.partition("@")[2]
        message["From"] = Address(self.owner.name, addr_spec=self.owner.addr)
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.now().astimezone())
        message["Message-ID"] = make_msgid(domain=domain)
        message.set_content(text, cte="quoted-printable")
        return message

    def request(self, request: Request) -> EmailMessage:
        """Return a customer's first mail."""
        message = self.write(address_of(request.product), request.subject, request.text)
        for name, content in request.attachments:
            message.add_attachment(content, maintype="text", subtype="plain", filename=name)
        return message

    def reply(self, mail: Mail, text: str) -> EmailMessage:
        """Return an answer, the mail quoted below it as programs in Polish do."""
        subject = mail.subject if re.match(r"re:", mail.subject, re.IGNORECASE) else f"Re: {mail.subject}"
        head = f"W dniu {datetime.now().astimezone():%d.%m.%Y o %H:%M}, {mail.sender} pisze:"
        quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.splitlines())
        answer = self.write(mail.header("Reply-To") or mail.header("From"), subject, f"{text}\n\n{head}\n{quoted}\n")
        return _in_thread(answer, mail)

    def out_of_office(self, mail: Mail, text: str) -> EmailMessage:
        """Return what a vacation program answers to a mail (RFC 3834)."""
        to = mail.header("Return-Path").strip("<>") or mail.header("From")
        answer = self.write(to, f"Automatyczna odpowiedź: {mail.subject}", text)
        answer["Auto-Submitted"] = "auto-replied"
        return _in_thread(answer, mail)

    def send(self, message: EmailMessage) -> None:
        """Hand a mail over to the server."""
        with smtplib.SMTP(HOST, self._server.smtp_port, timeout=PATIENCE) as smtp:
            smtp.send_message(message)

    def inbox(self) -> list[Mail]:
        """Return all mails of the inbox, oldest first."""
        with imaplib.IMAP4(HOST, self._server.imap_port, timeout=PATIENCE) as imap:
            imap.login(self.owner.addr, PASSWORD)
            _, (count, *_rest) = imap.select("INBOX", readonly=True)
            _, found = imap.fetch("1:*", "(BODY.PEEK[])") if int(count or 0) else ("OK", [])
        return [Mail(_parsed(item[1])) for item in found if isinstance(item, tuple)]


def _parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _in_thread(answer: EmailMessage, mail: Mail) -> EmailMessage:
    answer["In-Reply-To"] = mail.id
    answer["References"] = f"{mail.header('References')} {mail.id}".strip()
    return answer
