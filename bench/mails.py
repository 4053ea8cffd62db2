"""Mails as four product mailboxes get them: invented people, `.test` domains, the same mails for the same seed.

Of a hundred about 55 ask something new, 24 go on with an earlier mail of the same person, 10 are out-of-office
answers, 7 are bounces and 4 come from monitoring. Polish in three charsets and English; half with an HTML
alternative; one in eight with a file. Called by `runs`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

QUEUES = ("DYNAMICS", "PROPHIX", "TARGIT", "POWERBI")
MACHINES = ("absence", "bounce")

_FIRST = ("Jan", "Zofia", "Łukasz", "Małgorzata", "Wojciech", "Agnieszka", "Grażyna", "Paweł", "Emma", "Oliver")
_LAST = ("Próbny", "Testowa", "Wzorcowy", "Żółkiewska", "Dąb", "Śnieżna", "Ćwikła", "Przykładny", "Sample", "Mock")
_FIRMS = ("acme", "bolt", "cynk", "delta", "ekran", "fala", "gwint", "huta", "iskra", "jodla")
_ASCII = str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ")
_TYPED = str.maketrans("„”", '""')  # ISO 8859-2 has no typographer's quotes
_CHARSETS = (("utf-8", "quoted-printable"), ("utf-8", "base64"), ("iso-8859-2", "8bit"), ("windows-1250", "8bit"))
_POLISH = (
    "Od dzisiejszego poranka raport sprzedaży nie odświeża się u nikogo z naszego działu.",
    "Po kliknięciu przycisku „Zatwierdź” program czeka około minuty i pokazuje pusty ekran.",
    "Próbowaliśmy na dwóch komputerach, w różnych przeglądarkach, zawsze z tym samym skutkiem.",
    "Kolega z księgowości mówi, że w zeszłym tygodniu wszystko jeszcze działało poprawnie.",
    "Proszę o sprawdzenie uprawnień dla nowej osoby, która zaczyna u nas w poniedziałek.",
    "Zależy nam na czasie, ponieważ jutro zamykamy miesiąc i potrzebujemy tych zestawień.",
    "W załączeniu przesyłam zrzut ekranu, na którym widać treść komunikatu i godzinę.",
    "Czy mogą Państwo oddzwonić, zanim cokolwiek zostanie zmienione na serwerze?",
)
_ENGLISH = (
    "Since this morning the sales report has not been refreshing for anyone in our team.",
    "After pressing Approve the program waits for about a minute and then shows an empty page.",
    "We tried two computers and three browsers, always with exactly the same result.",
    "Please check the permissions of a new colleague who starts with us on Monday.",
    "We close the month tomorrow, so we would be grateful for a quick answer.",
)
_TOPICS = ("Raport nie działa", "Błąd logowania", "Nowe uprawnienia", "Budżet: zła suma", "Kostka się nie liczy")
_ENGLISH_TOPICS = ("Report is empty", "Cannot log in", "New permissions", "Wrong total", "Refresh fails")


_BOUNCE = """\
Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.example.org>
To: {queue}
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: <bounce.{number}@mx.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

This is the mail system at host mx.example.org.

<nikt.{number}@huta.test>: host mx.huta.test said: 550 5.1.1 user unknown

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; nikt.{number}@huta.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--=_b
Content-Type: text/rfc822-headers

From: {queue}
To: nikt.{number}@huta.test
Message-ID: <gone.{number}@desk.example.org>

--=_b--
"""


@dataclass(frozen=True)
class Person:
    """Somebody at a customer's."""

    name: str
    addr: str
    english: bool


@dataclass(frozen=True)
class Mail:
    """A generated mail: where it was delivered, what it is, its bytes."""

    queue: str
    kind: str  # new, reply, absence, bounce, alarm
    raw: bytes


@dataclass(frozen=True)
class _Earlier:
    """A mail that later ones go on with."""

    author: Person
    subject: str
    message_id: str
    body: str


def address(queue: str) -> str:
    """Return the queue's mail address."""
    return f"pomoc{queue.lower()}@desk.example.org"


def generate(count: int, seed: int) -> list[Mail]:
    """Return so many mails, in the order of their delivery; the seed decides everything."""
    random.seed(seed)  # the standard library draws MIME boundaries from there
    return list(_Generator(random.Random(seed)).mails(count))


class _Generator:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._people = [self._person(firm) for firm in _FIRMS for _ in range(8)]
        self._earlier: dict[str, list[_Earlier]] = {queue: [] for queue in QUEUES}
        self._clock = datetime(2026, 11, 20, 7, tzinfo=UTC)
        self._number = 0

    def mails(self, count: int) -> Iterator[Mail]:
        makers: dict[str, Callable[[str], bytes]] = {
            "new": self._new,
            "reply": self._reply,
            "absence": self._absence,
            "bounce": self._bounce,
            "alarm": self._alarm,
        }
        for self._number in range(count):
            queue = self._chance.choice(QUEUES)
            kind = self._chance.choices(tuple(makers), (55, 24, 10, 7, 4))[0]
            if kind == "reply" and not self._earlier[queue]:
                kind = "new"
            self._clock += timedelta(seconds=self._chance.randrange(1, 30))
            yield Mail(queue, kind, makers[kind](queue))

    def _new(self, queue: str) -> bytes:
        author = self._chance.choice(self._people)
        topic = self._chance.choice(_ENGLISH_TOPICS if author.english else _TOPICS)
        mail = self._message(queue, author, f"{topic} {self._number}")
        body = self._letter(author)
        self._write(mail, author, body)
        if self._chance.random() < 0.125:
            self._attach(mail)
        self._earlier[queue].append(_Earlier(author, str(mail["Subject"]), str(mail["Message-ID"]), body))
        return _bytes(mail)

    def _reply(self, queue: str) -> bytes:
        earlier = self._chance.choice(self._earlier[queue])
        author = earlier.author
        mail = self._message(queue, author, f"{'Re' if author.english else 'Odp'}: {earlier.subject}")
        mail["In-Reply-To"] = mail["References"] = earlier.message_id
        quoted = "\n".join(f"> {line}" for line in earlier.body.splitlines())
        said = "wrote" if author.english else "napisał(a)"
        self._write(mail, author, f"{self._letter(author, 2)}\n\n{author.name} {said}:\n{quoted}\n")
        return _bytes(mail)

    def _absence(self, queue: str) -> bytes:
        author = self._chance.choice(self._people)
        mail = self._message(queue, author, "Automatyczna odpowiedź: nieobecność")
        mail["Auto-Submitted"] = "auto-replied"
        mail["In-Reply-To"] = self._some_id(queue)
        self._write(mail, author, "Jestem na urlopie do piątku. W pilnych sprawach proszę dzwonić do sekretariatu.\n")
        return _bytes(mail)

    def _bounce(self, queue: str) -> bytes:
        text = _BOUNCE.format(queue=address(queue), number=self._number, date=format_datetime(self._clock))
        return text.replace("\n", "\r\n").encode("ascii")

    def _alarm(self, queue: str) -> bytes:
        monitor = Person("Monitoring", "monitor@nadzor.test", english=True)
        mail = self._message(queue, monitor, f"PROBLEM: disk {self._number} is 91% full")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("State: WARNING\nHost: sql-01\nService: disk\nInfo: 91% of 500 GB\n")
        return _bytes(mail)

    def _message(self, queue: str, author: Person, subject: str) -> EmailMessage:
        mail = EmailMessage()
        mail["Received"] = f"from mx.{author.addr.partition('@')[2]} by mx.example.org with SMTP id {self._number:08x}"
        mail["From"] = f"{author.name} <{author.addr}>"
        mail["To"] = f"Pomoc {queue} <{address(queue)}>"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self._clock)
        mail["Message-ID"] = f"<m{self._number}.{self._chance.getrandbits(48):012x}@{author.addr.partition('@')[2]}>"
        mail["X-Mailer"] = "Poczta 16.0"
        return mail

    def _write(self, mail: EmailMessage, author: Person, body: str) -> None:
        charset, encoding = self._chance.choice(_CHARSETS)
        if charset == "iso-8859-2":
            body = body.translate(_TYPED)
        signed = f"{body}\n--\n{author.name}\ntel. 22 000 00 {self._number % 90 + 10}\n"
        mail.set_content(signed, charset=charset, cte=encoding)
        if self._chance.random() < 0.5:
            mail.add_alternative(_page(signed), subtype="html", charset=charset, cte=encoding)

    def _letter(self, author: Person, paragraphs: int = 3) -> str:
        sentences = _ENGLISH if author.english else _POLISH
        text = [" ".join(self._chance.choices(sentences, k=self._chance.randrange(2, 5))) for _ in range(paragraphs)]
        return "\n\n".join(["Hello," if author.english else "Dzień dobry,", *text]) + "\n"

    def _attach(self, mail: EmailMessage) -> None:
        data = self._chance.randbytes(self._chance.randrange(4_000, 80_000))
        name, subtype = self._chance.choice((("zrzut ekranu.png", "png"), ("wydruk.pdf", "pdf")))
        mail.add_attachment(data, "image" if subtype == "png" else "application", subtype, filename=name)

    def _person(self, firm: str) -> Person:
        first, last = self._chance.choice(_FIRST), self._chance.choice(_LAST)
        name = f"{first} {last}"
        return Person(name, f"{name.translate(_ASCII).lower().replace(' ', '.')}@{firm}.test", first in _FIRST[-2:])

    def _some_id(self, queue: str) -> str:
        return self._chance.choice(self._earlier[queue]).message_id if self._earlier[queue] else "<none@nowhere.test>"


def _page(text: str) -> str:
    """Return the text as an office program writes it: twice as long as it need be."""
    style = "margin:0cm;font-size:11.0pt;font-family:'Calibri',sans-serif"
    paragraphs = "".join(f'<p class="MsoNormal" style="{style}">{line or "&nbsp;"}</p>\n' for line in text.split("\n"))
    return f"<html><head><style>p.MsoNormal {{ {style} }}</style></head>\n<body lang=PL>\n{paragraphs}</body></html>\n"


def _bytes(mail: EmailMessage) -> bytes:
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n", max_line_length=200))
