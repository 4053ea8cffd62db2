"""The marks of mail that no person wrote: headers of responders, lists and ticket systems, subjects of absence notes.

Called by `mail.classify`, one question a function; each returns what it found, or "".
"""

from __future__ import annotations

import re

from helpdesk.mail.message import InboundMessage

MAX_HOPS = 50  # RELIABILITY 2.7
AUTO_REPLY_FIELDS = frozenset(
    [
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply",
        "x-auto-responder",
        "x-mail-autoreply",
        "x-mail-autoresponder",
        "x-autoreply-from",
        "x-vacation",
        "x-oof",
    ]
)
TICKET_FIELDS = (
    *(
        "x-jira-",
        "x-servicenow-",
        "x-rt-loop",
        "rt-ticket",
        "x-otrs-",
        "x-otobo-",
        "x-znuny-",
        "x-zammad-",
        "x-freshdesk-",
    ),
    *("x-fd-ticket", "x-redmine-", "x-gitlab-", "x-github-", "x-bugzilla-", "x-mantis", "x-helpscout-", "x-osticket-"),
    *("x-zendesk-", "x-spiceworks-", "x-kayako-", "x-topdesk", "x-glpi", "x-mailer-glpi"),
)
TICKET_MAILERS = re.compile(
    r"zendesk|freshdesk|otrs|otobo|znuny|zammad|redmine|jira|mantisbt|glpi|osticket|topdesk|request tracker|"
    r"kayako|spiceworks|manageengine",
    re.I,
)
PREFIX = re.compile(
    r"(?:auto(?:matyczna|matische|matic|matisch|matique)?[ -]?(?:odpowied[zź]|reply|response|antwort|"
    r"antwoord)|odpowied[zź] automatyczna|autoodpowied[zź]|autoreply|"
    r"out[ -]of[ -](?:the[ -])?office(?: auto ?-?reply| reply)?|abwesenheits(?:notiz|nachricht|meldung)|"
    r"automatyczne powiadomienie o nieobecności|(?:powiadomienie|informacja) o nieobecności|"
    r"réponse automatique|respuesta automática|risposta automatica|resposta automática|automatisch antwoord|"
    r"automatiskt svar|autosvar|automaattinen vastaus|"
    r"auto|\[auto(?:-?reply)?\]|vacation (?:reply|notice|response)|away from (?:my )?(?:mail|"
    r"office))\s*(?:[:：\]–-]|\Z)",
    re.I,
)
ABSENT = re.compile(
    r"(?:poza biurem|nieobecność|nieobecn[yai] w (?:biurze|pracy)|jestem (?:nieobecn|poza biurem|na urlopie)|"
    r"urlop|(?:i am |i'm )?(?:currently )?out of (?:the )?office|abwesen|im urlaub|on (?:vacation|leave|"
    r"holiday))",
    re.I,
)
NOTE = re.compile(
    r"(?:poza biurem|nieobecn|na urlopie|wracam|będę (?:dostępn|z powrotem)|bez dostępu do poczty|"
    r"ograniczony dostęp|out of (?:the )?office|on (?:vacation|leave|holiday)|away from|limited access|"
    r"i will (?:be back|return|respond)|nicht im (?:büro|haus)|abwesen|im urlaub|zurück|in dringenden fällen|"
    r"w pilnych sprawach)",
    re.I,
)


def report_type(message: InboundMessage) -> str:
    """The kind of a multipart/report, by its parameter (RFC 6522)."""
    stated = message.headers.get("content-type").lower()
    if not stated.startswith("multipart/report"):
        return ""
    kinds = ("disposition-notification", "feedback-report", "delivery-status")
    return next((kind for kind in kinds if kind in stated), "delivery-status" if message.report else "")


def auto_submitted(message: InboundMessage) -> str:
    """The keyword of Auto-Submitted (RFC 3834 §5), unless it is `no`; a forwarding rule's mail is still a person's."""
    for value in message.headers.all("auto-submitted"):
        word = re.split(r"[\s;(]", value.strip().lower(), maxsplit=1)[0]
        if word and word not in ("no", "auto-forwarded"):
            return word
    return ""


def auto_reply_header(message: InboundMessage) -> str:
    """A field of one of the many responders."""
    for name, value in message.headers.fields:
        key, word = name.lower(), value.strip().lower()
        if key in AUTO_REPLY_FIELDS and word not in ("no", "false", "0"):
            return name
        if key in ("precedence", "x-precedence") and word.replace("-", "_").startswith(("auto_reply", "autoreply")):
            return f"{name}: {value}"
        if key == "delivered-to" and word == "autoresponder":
            return f"{name}: {value}"
    return ""


def auto_reply_subject(message: InboundMessage) -> str:
    """A responder's subject; a bare word of absence counts only where something else speaks for a machine."""
    subject = message.subject.strip()
    if PREFIX.match(subject):
        return subject[:80]
    if not ABSENT.match(subject):
        return ""
    machine = bool(suppressing(message) or message.return_path == "" or message.headers.get("x-auto-response-suppress"))
    short_answer = bool(message.in_reply_to) and len(message.new_text) < 1500 and bool(NOTE.search(message.new_text))
    return subject[:80] if machine or short_answer else ""


def ticket_system(message: InboundMessage) -> str:
    """A field that only other ticket systems write."""
    for name, value in message.headers.fields:
        key = name.lower()
        if key.startswith(TICKET_FIELDS):
            return name
        if key in ("x-mailer", "x-powered-by") and TICKET_MAILERS.search(value):
            return f"{name}: {value[:60]}"
    return ""


def list_header(message: InboundMessage, own: frozenset[str]) -> str:
    """A list's field; a group whose address is ours only hands on what people write to us."""
    headers = message.headers
    if headers.get("list-id") or headers.get("list-post"):
        ids = f"{headers.get('list-id')} {headers.get('list-post')}".casefold()
        if any(addr in ids or addr.replace("@", ".") in ids for addr in own):
            return ""
    for name in (
        "list-id",
        "list-post",
        "list-unsubscribe",
        "x-mailing-list",
        "mailing-list",
        "x-mailinglist",
        "x-listname",
    ):
        if value := headers.get(name):
            return f"{name}: {value[:60]}"
    for name in ("precedence", "x-precedence"):
        if headers.get(name).strip().lower() == "list":
            return f"{name}: list"
    return ""


def precedence(message: InboundMessage) -> str:
    """Precedence bulk or junk."""
    for name in ("precedence", "x-precedence"):
        word = message.headers.get(name).strip().lower()
        if word in ("bulk", "junk"):
            return f"{name}: {word}"
    return ""


def suppressing(message: InboundMessage) -> str:
    """A sender that wants no answer of any machine ([MS-OXCMAIL] 2.2.3.2.14); people's clients name single kinds."""
    words = {word.strip().lower() for word in message.headers.get("x-auto-response-suppress").split(",")}
    return "X-Auto-Response-Suppress: All" if "all" in words else ""


def null_return_path(message: InboundMessage) -> str:
    """The null reverse-path."""
    return "Return-Path: <>" if message.return_path == "" else ""
