"""Who has to do with the desk, as routing_rules.yaml names them: queues, consultants, customers, partners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from helpdesk.desk.plans import Plan
from helpdesk.desk.spans import DateRange


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """The desk as it signs, and who looks after it."""

    name: str = ""
    admin: tuple[str, ...] = ()
    phone: str = ""
    footer: str = ""
    privacy_url: str = ""


class Signs(StrEnum):
    """By which name a queue lets its consultants' words be signed."""

    BOTH = "both"  # Anna Nowak (Pomoc DYNAMICS)
    CONSULTANT = "consultant"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Queue:
    """A product's line. All addresses are in lower case; the first is the one the queue writes from."""

    name: str
    prefix: str
    addresses: tuple[str, ...]
    calendar: str
    from_name: str = ""
    languages: tuple[str, ...] = ("pl",)
    consultants: tuple[str, ...] = ()
    escalate_to: tuple[str, ...] = ()
    on_call: tuple[str, ...] = ()
    signs: Signs = Signs.BOTH


@dataclass(frozen=True, slots=True)
class Consultant:
    """One of ours. `addr` and `aliases` are in lower case."""

    addr: str
    name: str = ""
    language: str | None = None
    aliases: tuple[str, ...] = ()
    away: tuple[DateRange, ...] = ()

    def is_away(self, day: date) -> bool:
        """Return whether the rules name that day as an absence."""
        return any(day in absence for absence in self.away)


class Others(StrEnum):
    """What happens to mail from a customer's people who are not its contacts."""

    ALLOW = "allow"
    ASK_CONTACT = "ask_contact"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A customer. `terms` is its plan with what was agreed for it alone."""

    name: str
    domains: tuple[str, ...] = ()
    plan: str | None = None
    terms: Plan | None = None
    valid: DateRange | None = None  # the contract's first and last day; None: without end
    contacts: tuple[str, ...] = ()
    others: Others = Others.ALLOW
    overrides: frozenset[str] = frozenset()  # keys of the plan that were agreed for it alone


@dataclass(frozen=True, slots=True)
class Partner:
    """Someone a ticket can be passed on to; their answers are internal comments."""

    name: str
    addresses: tuple[str, ...]


# Anybody can have an address there, so the domain says nothing about an organisation.
_PUBLIC = """
gmail.com googlemail.com outlook.com outlook.pl hotmail.com hotmail.co.uk live.com msn.com yahoo.com
yahoo.co.uk yahoo.pl yahoo.de yahoo.fr ymail.com icloud.com me.com mac.com aol.com proton.me protonmail.com
pm.me tutanota.com tuta.io zoho.com fastmail.com mail.com gmx.com gmx.net gmx.de gmx.at web.de t-online.de
freenet.de posteo.de wp.pl o2.pl go2.pl tlen.pl onet.pl onet.eu op.pl vp.pl poczta.onet.pl poczta.onet.eu
autograf.pl buziaczek.pl interia.pl interia.eu poczta.fm intmail.pl ciekawy.pl gazeta.pl poczta.pl
poczta.gazeta.pl spoko.pl amorki.pl seznam.cz centrum.cz post.cz azet.sk centrum.sk free.fr orange.fr
laposte.net wanadoo.fr libero.it virgilio.it mail.ru bk.ru yandex.ru yandex.com ukr.net i.ua qq.com 163.com
126.com hey.com
"""
PUBLIC_MAIL_DOMAINS = frozenset(_PUBLIC.split())
