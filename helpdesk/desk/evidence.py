"""To which ticket a mail belongs, by graded evidence (RELIABILITY 3.3): weights, three outcomes, and gates.

A sandwich: `services.belonging` gathers what the mail names and what is known of those tickets, `choose` is pure.
Only what names a ticket makes it a candidate; what fits one merely weighs it. Gates are stronger than any weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

JOINS, JOINS_UNCONFIRMED, IS_LINKED = 55, 35, 20  # from so many points on
CAP = 54  # for somebody else's token, and for a From that failed
TOO_CLOSE = 15  # two tickets within so many points: nobody can tell
_WORDS_OF_A_SUBJECT = 2


class Clue(StrEnum):
    """One kind of evidence."""

    REPLY_ADDRESS = "reply_address"
    OWN_ID = "own_id"  # a Message-ID that only we could have made
    KNOWN_ID = "known_id"
    THREAD_ROOT = "thread_root"
    TAG = "tag"
    TAKES_PART = "takes_part"
    AUTHENTICATED = "authenticated"
    UNWITNESSED = "unwitnessed"  # the mailbox has no server that could vouch for anybody
    COLLEAGUE = "colleague"
    SAME_SUBJECT = "same_subject"
    FROM_REFUTED = "from_refuted"
    WORTHLESS = "worthless"  # a forged, voided or distrusted token
    OTHER_SUBJECT = "other_subject"


WEIGHTS: Mapping[Clue, int] = {
    Clue.REPLY_ADDRESS: 60,
    Clue.OWN_ID: 50,
    Clue.KNOWN_ID: 30,
    Clue.THREAD_ROOT: 25,
    Clue.TAG: 20,
    Clue.TAKES_PART: 25,
    Clue.AUTHENTICATED: 15,
    Clue.UNWITNESSED: 10,
    Clue.COLLEAGUE: 10,
    Clue.SAME_SUBJECT: 5,
    Clue.FROM_REFUTED: -40,
    Clue.WORTHLESS: 0,
    Clue.OTHER_SUBJECT: -10,
}
_IDS = (Clue.OWN_ID, Clue.KNOWN_ID, Clue.THREAD_ROOT)  # of these only the strongest counts
_NAMING = (Clue.REPLY_ADDRESS, *_IDS, Clue.TAG)  # only these make a ticket a candidate


class Outcome(StrEnum):
    """What becomes of the mail."""

    JOINS = "joins"
    UNCONFIRMED = "unconfirmed"  # joins, marked: nothing moves, nothing is echoed
    NEW = "new"


class Gate(StrEnum):
    """What is stronger than weights."""

    CLOSED_LONG_AGO = "closed_long_ago"
    ANOTHER_MATTER = "another_matter"  # the ticket is resolved, and the subject is a new one
    ANOTHER_CUSTOMER = "another_customer"


class Verdict(StrEnum):
    """Why a mail joins a ticket or none."""

    ENOUGH = "enough"
    CAPPED = "capped"
    BARELY = "barely"
    TOO_LITTLE = "too_little"
    TWO_TICKETS = "two_tickets"
    GATE = "gate"
    NOTHING = "nothing"
    SAME_MAIL = "same_mail"  # another copy of the mail that opened the ticket


@dataclass(frozen=True, slots=True)
class Hint:
    """Something in the mail that names a ticket; `detail` is what stands there."""

    clue: Clue
    ticket: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TicketSide:
    """What is known of a ticket, as it concerns this author."""

    subject: str = ""  # base subject, folded
    takes_part: bool = False  # a participant, or one of our consultants
    colleague: bool = False  # the author's organisation is the ticket's
    another_customer: bool = False  # both belong to organisations, and not to the same
    resolved: bool = False
    closed_long_ago: bool = False
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class MailSide:
    """What is known of the mail."""

    subject: str = ""  # base subject without tags, folded
    tagged: bool = False
    authenticated: bool = False
    unwitnessed: bool = False
    refuted: bool = False
    exempt: bool = False  # a consultant's or a machine's: no gate for the customers' side concerns it


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of the table that is kept with the decision."""

    ticket: int
    clue: Clue
    weight: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Belonging:
    """The decision, with its table. `ticket` is the one joined; `linked` are those the new one has to do with."""

    outcome: Outcome
    verdict: Verdict
    ticket: int | None = None
    linked: tuple[int, ...] = ()
    gate: Gate | None = None
    points: int = 0
    table: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class _Weighed:
    ticket: int
    points: int
    capped: bool
    refuted: bool
    table: tuple[Evidence, ...]


def choose(hints: Sequence[Hint], tickets: Mapping[int, TicketSide], mail: MailSide) -> Belonging:
    """Return to which ticket the mail belongs; hints that name unknown tickets count for nothing."""
    named = _followed(hints, tickets)
    candidates = dict.fromkeys(hint.ticket for hint in named if hint.clue in _NAMING)
    weighed = [_weigh(number, named, tickets[number], mail) for number in candidates]
    table = tuple(line for one in weighed for line in one.table)
    if not weighed:
        worthless = tuple(Evidence(hint.ticket, hint.clue, 0, hint.detail) for hint in named)
        return Belonging(Outcome.NEW, Verdict.NOTHING, table=worthless)
    weighed.sort(key=lambda one: -one.points)
    best = weighed[0]
    rivals = [one for one in weighed if best.points - one.points < TOO_CLOSE and one.points >= IS_LINKED]
    if len(rivals) > 1:
        linked = tuple(one.ticket for one in rivals)
        return Belonging(Outcome.NEW, Verdict.TWO_TICKETS, linked=linked, points=best.points, table=table)
    return _outcome(best, tickets[best.ticket], mail, table)


def _followed(hints: Iterable[Hint], tickets: Mapping[int, TicketSide]) -> list[Hint]:
    """Return the hints on tickets that exist, those of merged tickets turned to the one that goes on."""
    found = []
    for hint in hints:
        number, seen = hint.ticket, set[int]()
        while number in tickets and (target := tickets[number].merged_into) is not None and number not in seen:
            seen.add(number)
            number = target
        if number in tickets:
            detail = hint.detail if number == hint.ticket else f"{hint.detail} (merged into {number})"
            found.append(Hint(hint.clue, number, detail))
    return found


def _weigh(number: int, hints: Sequence[Hint], ticket: TicketSide, mail: MailSide) -> _Weighed:
    lines = [*_named(number, hints), *_fitting(number, ticket, mail)]
    points = sum(line.weight for line in lines)
    outsider = not (ticket.takes_part or ticket.colleague)
    capped = points > CAP and (outsider or mail.refuted)
    return _Weighed(number, min(points, CAP) if capped else points, capped, mail.refuted, tuple(lines))


def _named(number: int, hints: Sequence[Hint]) -> Iterable[Evidence]:
    """Yield what names the ticket, each kind once, of the ids only the strongest."""
    first: dict[Clue, Hint] = {}
    for hint in hints:
        if hint.ticket == number:
            first.setdefault(hint.clue, hint)
    strongest = next((clue for clue in _IDS if clue in first), None)
    for clue, hint in first.items():
        if clue not in _IDS or clue is strongest:
            yield Evidence(number, clue, WEIGHTS[clue], hint.detail)


def _fitting(number: int, ticket: TicketSide, mail: MailSide) -> Iterable[Evidence]:
    """Yield what fits the ticket or speaks against it."""
    same = bool(mail.subject) and mail.subject == ticket.subject
    facts = (
        (Clue.TAKES_PART, ticket.takes_part),
        (Clue.AUTHENTICATED, ticket.takes_part and mail.authenticated),
        (Clue.UNWITNESSED, ticket.takes_part and mail.unwitnessed),
        (Clue.COLLEAGUE, ticket.colleague and not ticket.takes_part and mail.authenticated),
        (Clue.SAME_SUBJECT, same and len(mail.subject.split()) >= _WORDS_OF_A_SUBJECT),
        (Clue.FROM_REFUTED, mail.refuted),
        (Clue.OTHER_SUBJECT, _another_subject(ticket, mail)),
    )
    return (Evidence(number, clue, WEIGHTS[clue]) for clue, holds in facts if holds)


def _another_subject(ticket: TicketSide, mail: MailSide) -> bool:
    return bool(mail.subject) and mail.subject != ticket.subject and not mail.tagged


def _outcome(best: _Weighed, ticket: TicketSide, mail: MailSide, table: tuple[Evidence, ...]) -> Belonging:
    """Return what the points of the one candidate make of the mail, after the gates."""
    linked = (best.ticket,) if best.points >= IS_LINKED else ()
    if best.points < JOINS_UNCONFIRMED:
        return Belonging(Outcome.NEW, Verdict.TOO_LITTLE, linked=linked, points=best.points, table=table)
    if gate := _gate(ticket, mail):
        linked = () if gate is Gate.ANOTHER_CUSTOMER else linked
        return Belonging(Outcome.NEW, Verdict.GATE, linked=linked, gate=gate, points=best.points, table=table)
    if best.points >= JOINS:
        return Belonging(Outcome.JOINS, Verdict.ENOUGH, best.ticket, points=best.points, table=table)
    verdict = Verdict.CAPPED if best.capped else Verdict.BARELY
    return Belonging(Outcome.UNCONFIRMED, verdict, best.ticket, points=best.points, table=table)


def _gate(ticket: TicketSide, mail: MailSide) -> Gate | None:
    if ticket.another_customer and mail.authenticated:
        return Gate.ANOTHER_CUSTOMER
    if mail.exempt:
        return None
    if ticket.closed_long_ago:
        return Gate.CLOSED_LONG_AGO
    return Gate.ANOTHER_MATTER if ticket.resolved and _another_subject(ticket, mail) else None
