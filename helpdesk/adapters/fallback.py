"""The built-in letter: what goes out when a template fails, so that an admin's slip costs no customer a mail.

Plain text, without Jinja, babel or any file; asked by `adapters.templates` for the services.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.desk.letter import Letter, bare_subject, for_its_reader
from helpdesk.desk.terms import NotificationKind
from helpdesk.services.ports import Content

_WORDS = {
    "pl": {
        NotificationKind.NEW: "Dzień dobry,\n\nmamy Państwa zgłoszenie. Jego numer to {key}.",
        NotificationKind.COMMENT: "Nowa wiadomość w zgłoszeniu {key}.",
        NotificationKind.RESOLVED: "Zgłoszenie {key} uznajemy za rozwiązane.",
        NotificationKind.CLOSED: "Zgłoszenie {key} zostało zamknięte.",
        NotificationKind.NOTICE_OPENED: "Nowe zgłoszenie {key}.",
        NotificationKind.NOTICE_COMMENT: "Nowa wiadomość w zgłoszeniu {key}.",
        NotificationKind.NOTICE_CHANGED: "Zmiana w zgłoszeniu {key}.",
        NotificationKind.NOTICE_UNDELIVERED: "Nasza wiadomość w sprawie {key} nie dotarła.",
        NotificationKind.NOT_COVERED: "Państwa plan obejmuje błędy. Zgłoszenie {key} wykracza poza ten plan.",
        NotificationKind.NOTICE_DEADLINE: "Zgłoszenie {key} czeka na reakcję.",
        NotificationKind.NOTICE_DIGEST: "Zgłoszenia na dziś.",
        NotificationKind.NOTICE_CONTRACTS: "Umowy, które się kończą.",
        NotificationKind.RECEIPT: "Polecenia w zgłoszeniu {key}.",
        NotificationKind.FORWARDED: "Przekazujemy Państwu zgłoszenie {key}.",
        NotificationKind.REJECTED: "Dzień dobry,\n\ntej wiadomości nie możemy przyjąć jako zgłoszenia.",
        NotificationKind.HELD_BACK: "Dzień dobry,\n\nPaństwa wczorajsze wiadomości czekają u nas na odpowiedź.",
        NotificationKind.NOTICE_ON_CALL: "Pilne zgłoszenie {key}.",
        NotificationKind.ASK_CONTACT: (
            "Dzień dobry,\n\nczy ta osoba może brać udział w zgłoszeniu {key}? Prosimy o odpowiedź „tak” albo „nie”."
        ),
        NotificationKind.AWAITS_CONTACT: "Dzień dobry,\n\nzgłoszenie {key} czeka na zgodę w Państwa firmie.",
        NotificationKind.TURNED_AWAY: "Dzień dobry,\n\ntej wiadomości nie mogliśmy dołączyć do zgłoszenia {key}.",
        NotificationKind.CHALLENGE: (
            "Dzień dobry,\n\nczy to Państwo napisali do nas w sprawie {key}? Prosimy o odpowiedź „tak” albo „nie”."
        ),
        NotificationKind.NOTICE_RULES: "Plik reguł nie został przyjęty. Obowiązują poprzednie reguły.",
        NotificationKind.CONSENT: "Dzień dobry,\n\nw sprawie {key} proponujemy pomoc zdalną. Prosimy odpowiedzieć TAK, "
        "jeśli zgadzają się Państwo na nią.",
        NotificationKind.INVITATION: "Dzień dobry,\n\nzapraszamy na spotkanie w sprawie {key}.",
        NotificationKind.INVITATION_CANCELLED: "Dzień dobry,\n\nspotkanie w sprawie {key} nie odbędzie się.",
        NotificationKind.NOTICE_VISIT: "Wizyta w zgłoszeniu {key}.",
        NotificationKind.CONFIRM_CALL: "Dzień dobry,\n\nzapisaliśmy Państwa telefon jako zgłoszenie {key}. "
        "Prosimy o potwierdzenie w odpowiedzi na tę wiadomość.",
        NotificationKind.REMINDER: "Dzień dobry,\n\nw sprawie {key} nadal czekamy na Państwa odpowiedź.",
        NotificationKind.NOTICE_STALE: "Zgłoszenie {key} stoi w miejscu.",
        NotificationKind.ANSWER: "Polecenia.",
    },
    "en": {
        NotificationKind.NEW: "Hello,\n\nWe have your request. Its number is {key}.",
        NotificationKind.COMMENT: "There is a new message on {key}.",
        NotificationKind.RESOLVED: "We consider {key} resolved.",
        NotificationKind.CLOSED: "{key} has been closed.",
        NotificationKind.NOTICE_OPENED: "New ticket {key}.",
        NotificationKind.NOTICE_COMMENT: "New message on {key}.",
        NotificationKind.NOTICE_CHANGED: "{key} was changed.",
        NotificationKind.NOTICE_UNDELIVERED: "Our mail on {key} was not delivered.",
        NotificationKind.NOT_COVERED: "Your plan covers reporting errors. Ticket {key} goes beyond it.",
        NotificationKind.NOTICE_DEADLINE: "Ticket {key} waits for a reaction.",
        NotificationKind.NOTICE_DIGEST: "Today's tickets.",
        NotificationKind.NOTICE_CONTRACTS: "Contracts that end.",
        NotificationKind.RECEIPT: "Commands on {key}.",
        NotificationKind.FORWARDED: "We pass ticket {key} on to you.",
        NotificationKind.REJECTED: "Hello,\n\nWe can't take this message as a ticket.",
        NotificationKind.HELD_BACK: "Hello,\n\nYour messages of yesterday have reached us and will be answered.",
        NotificationKind.NOTICE_ON_CALL: "Urgent ticket {key}.",
        NotificationKind.ASK_CONTACT: 'Hello,\n\nMay this person take part in {key}? Please reply "yes" or "no".',
        NotificationKind.AWAITS_CONTACT: "Hello,\n\nTicket {key} waits for your company's consent.",
        NotificationKind.TURNED_AWAY: "Hello,\n\nWe could not add your message to {key}.",
        NotificationKind.CHALLENGE: 'Hello,\n\nDid you write to us on {key}? Please reply "yes" or "no".',
        NotificationKind.NOTICE_RULES: "The rules file was refused. The rules before it stay in force.",
        NotificationKind.CONSENT: "Hello,\n\nWe would like to help you remotely with {key}. Please answer YES "
        "if you agree.",
        NotificationKind.INVITATION: "Hello,\n\nWe invite you to a meeting about {key}.",
        NotificationKind.INVITATION_CANCELLED: "Hello,\n\nThe meeting about {key} will not take place.",
        NotificationKind.NOTICE_VISIT: "A visit on {key}.",
        NotificationKind.CONFIRM_CALL: "Hello,\n\nWe have written your call down as ticket {key}. "
        "Please confirm it in reply to this message.",
        NotificationKind.REMINDER: "Hello,\n\nOn ticket {key} we are still waiting for your answer.",
        NotificationKind.NOTICE_STALE: "Ticket {key} is not moving.",
        NotificationKind.ANSWER: "Commands.",
    },
}
_LABELS = {
    "pl": ("Uznajemy za otrzymane", "Zareagujemy najpóźniej"),
    "en": ("Counts as received", "We react by"),
}


def plain_fallback(letter: Letter) -> Content:
    """Return the letter in a few built-in words, in English unless it is Polish; without HTML.

    Raises ValueError for a note addressed to a customer.
    """
    letter = for_its_reader(letter)
    subject = f"[{letter.ticket.key}] {bare_subject(letter.ticket.subject, letter.ticket.key)}".rstrip()
    if not letter.kind.about_a_ticket:
        subject = f"{letter.queue.name}: {letter.kind.removeprefix('notice_')}"
    if letter.kind is NotificationKind.REJECTED:
        subject = f"Re: {letter.ticket.subject}" if letter.ticket.subject else letter.queue.name
    return Content(subject, "\n\n".join(filter(None, _paragraphs(letter))) + "\n", "")


def _paragraphs(letter: Letter) -> Iterator[str]:
    language = letter.language if letter.language in _WORDS else "en"
    yield _WORDS[language][letter.kind].format(key=letter.ticket.key)
    yield letter.author.addr if letter.author and letter.kind is NotificationKind.ASK_CONTACT else ""
    yield letter.contact.addr if letter.contact else ""
    yield letter.text.strip()
    yield "\n".join(f"{change.what}: {change.old} → {change.new}" for change in letter.changes)
    yield " ".join(filter(None, (letter.failed_recipient, letter.problem)))
    yield "\n".join(f"{line.key}  {line.subject}" for line in letter.lines)
    yield "\n".join(f"{contract.organisation}: {contract.last}" for contract in letter.contracts)
    yield "\n".join(letter.problems)
    if letter.kind is NotificationKind.NOTICE_DEADLINE:
        yield _shown(letter.ticket.react_by, letter.queue.zone) if letter.ticket.react_by else ""
    if letter.visit:
        yield f"{_shown(letter.visit.starts_at, letter.queue.zone)} – {_shown(letter.visit.ends_at, letter.queue.zone)}"
        yield letter.visit.place
    if letter.report:
        yield "\n".join(f"+ {line}" for line in letter.report.done)
        yield "\n".join(f"- {one.line} ({one.problem} {one.detail})" for one in letter.report.refused)
        yield letter.report.draft
    if letter.kind in (NotificationKind.NEW, NotificationKind.NOTICE_OPENED):
        received, react = _LABELS[language]
        yield f"{received}: {_shown(letter.ticket.received_at, letter.queue.zone)}"
        yield f"{react}: {_shown(letter.ticket.react_by, letter.queue.zone)}" if letter.ticket.react_by else ""
    yield "\n".join(filter(None, (letter.queue.from_name, letter.desk.phone)))
    yield "\n".join(filter(None, ("-- ", letter.desk.name, letter.desk.footer, letter.desk.privacy_url)))


def _shown(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
