"""Customers at their desks: mails of every ordinary kind from a seed, with what must become of each."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, compat32
from email.utils import formataddr

from tests.office import CONSULTANT, QUEUES, address

NAMES = ("Zofia Żak", "Łukasz Gęś", "Jan Kowalczyk", "Świętosława Wójcik", "Ewa Nowicka", "Michał Żółć")
TOPICS = ("Błąd przy księgowaniu", "Nie działa raport", "Proszę o dostęp", "Wolne logowanie", "Zgubiona faktura")
CHARSETS = ("utf-8", "iso-8859-2", "windows-1250")


@dataclass
class Expected:
    """What the mails handed out so far must have led to."""

    tickets: int = 0
    comments: int = 0  # on tickets, the opening ones included
    acknowledgements: int = 0
    dispositions: Counter[str] = field(default_factory=Counter)


class Customers:
    """Writes mails; `expected` keeps the account."""

    def __init__(self, seed: int) -> None:
        self.random, self.expected, self._serial = random.Random(seed), Expected(), 0
        self.asked: list[tuple[str, str, str]] = []  # (message id, author, queue) of mails that opened tickets

    def new_question(self, *, attachment: bool = False) -> tuple[str, bytes]:
        """A person writes for the first time."""
        queue, mail, author = self._mail()
        if attachment:
            content = bytes(self.random.randrange(256) for _ in range(2_000))
            mail.add_attachment(content, maintype="image", subtype="png", filename="zrzut ekranu żółty.png")
        self._opens(acknowledged=True)
        self.asked.append((str(mail["Message-ID"]), author, queue))
        return queue, mail.as_bytes(policy=SMTP)

    def alarm(self) -> tuple[str, bytes]:
        """A monitor writes by itself: a ticket, and no answer."""
        queue, mail, _ = self._mail()
        mail["Auto-Submitted"] = "auto-generated"
        self._opens(acknowledged=False)
        return queue, mail.as_bytes(policy=SMTP)

    def follow_up(self) -> tuple[str, bytes]:
        """A customer answers their own mail before any answer of ours came."""
        identifier, author, queue = self.random.choice(self.asked)
        return queue, self._answer(author, queue, identifier, "Re: to samo")

    def answer_to(self, ack: bytes, *, keep_ids: bool = True) -> tuple[str, bytes]:
        """A customer answers a mail of ours, from a client that keeps References, or from one that doesn't."""
        ours = message_from_bytes(ack, policy=compat32)
        subject = str(make_header(decode_header(str(ours["Subject"]))))
        identifier = str(ours["Message-ID"]) if keep_ids else ""
        author = str(ours["To"]).rpartition("<")[2].rstrip(">")
        return queue_of(ack), self._answer(author, queue_of(ack), identifier, f"Odp: {subject}")

    def out_of_office(self, ack: bytes) -> tuple[str, bytes]:
        """A customer's server answers our mail by itself: recorded, never answered, nothing moves."""
        ours = message_from_bytes(ack, policy=compat32)
        author = str(ours["To"]).rpartition("<")[2].rstrip(">")
        queue, mail, _ = self._mail(author, queue_of(ack))
        mail.replace_header("Subject", "Odpowiedź automatyczna: nieobecność")
        mail["In-Reply-To"], mail["Auto-Submitted"] = str(ours["Message-ID"]), "auto-replied"
        self.expected.comments += 1
        self.expected.dispositions["recorded"] += 1
        return queue, mail.as_bytes(policy=SMTP)

    def bounce(self, ack: bytes) -> tuple[str, bytes]:
        """A server says that our mail could not be delivered (RFC 3464)."""
        ours = message_from_bytes(ack, policy=compat32)
        recipient = str(ours["To"]).rpartition("<")[2].rstrip(">")
        self._serial += 1
        boundary = f"granica{self._serial}"
        lines = [
            "Return-Path: <>",
            "From: Mail Delivery System <mailer-daemon@poczta.test>",
            f"To: {address(queue_of(ack))}",
            "Subject: Undelivered Mail Returned to Sender",
            f"Message-ID: <zwrot{self._serial}@poczta.test>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
            "",
            f"--{boundary}",
            "Content-Type: text/plain",
            "",
            "Your message could not be delivered.",
            f"--{boundary}",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; poczta.test",
            "",
            f"Final-Recipient: rfc822; {recipient}",
            "Action: failed",
            "Status: 5.1.1",
            "Diagnostic-Code: smtp; 550 5.1.1 no such user",
            "",
            f"--{boundary}",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: {ours['Message-ID']}",
            f"To: {recipient}",
            "",
            f"--{boundary}--",
            "",
        ]
        self.expected.dispositions["recorded"] += 1
        return queue_of(ack), "\r\n".join(lines).encode()

    def again(self, mail: tuple[str, bytes]) -> tuple[str, bytes]:
        """A server delivers the same mail a second time."""
        self.expected.dispositions["duplicate"] += 1
        return mail

    def _mail(self, author: str = "", queue: str = "") -> tuple[str, EmailMessage, str]:
        self._serial += 1
        queue = queue or self.random.choice(list(QUEUES))
        author = author or f"klient{self._serial % 60}@acme.test"
        mail = EmailMessage()
        mail["From"] = formataddr((self.random.choice(NAMES), author))
        mail["To"] = address(queue)
        mail["Subject"] = f"{self.random.choice(TOPICS)} {self._serial}"
        mail["Message-ID"] = f"<{self._serial}.{self.random.getrandbits(48):x}@acme.test>"
        mail["Date"] = "Fri, 20 Nov 2026 10:00:00 +0100"
        text = f"Dzień dobry,\n\nproszę o pomoc, sprawa {self._serial}: żółć, gęś, łódź.\n\nPozdrawiam\n"
        mail.set_content(text, charset=self.random.choice(CHARSETS))
        return queue, mail, author

    def _answer(self, author: str, queue: str, identifier: str, subject: str) -> bytes:
        _, mail, _ = self._mail(author, queue)
        mail.replace_header("Subject", subject)
        if identifier:
            mail["In-Reply-To"] = mail["References"] = identifier
        self.expected.comments += 1
        self.expected.dispositions["commented"] += 1
        return mail.as_bytes(policy=SMTP)

    def _opens(self, *, acknowledged: bool) -> None:
        self.expected.tickets += 1
        self.expected.comments += 1
        self.expected.acknowledgements += acknowledged
        self.expected.dispositions["opened"] += 1


def queue_of(ack: bytes) -> str:
    """Return the queue that a mail of ours came from."""
    sender = str(message_from_bytes(ack, policy=compat32)["From"]).lower()
    return next(queue for queue in QUEUES if address(queue) in sender)


def is_acknowledgement(content: bytes) -> bool:
    """Return whether a mail of ours answers one to acknowledge it."""
    mail = message_from_bytes(content, policy=compat32)
    return mail["Auto-Submitted"] == "auto-replied" and CONSULTANT not in str(mail["To"])
