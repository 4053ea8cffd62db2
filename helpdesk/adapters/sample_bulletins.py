"""Letters about no ticket, and what receipts report: each situation that a template must cope with.

Called by `sample_letters`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from helpdesk.adapters.sample_facts import ANNA, DESK, FRIDAY_EVENING, JAN, MONDAY_OPENING, QUEUE, TICKET
from helpdesk.adapters.sample_visits import VISITS
from helpdesk.desk.bulletin import ContractFacts, TicketLine
from helpdesk.desk.commands import Problem, Refusal
from helpdesk.desk.letter import NO_TICKET, DeskIdentity, Letter
from helpdesk.desk.plans import Light
from helpdesk.desk.report import CommandReport, Found
from helpdesk.desk.spans import DateRange
from helpdesk.desk.terms import NotificationKind, Person, State

_LINES = (
    TicketLine(TICKET.key, TICKET.subject, "ACME", State.NEW, 2, MONDAY_OPENING, FRIDAY_EVENING, None, overdue=True),
    TicketLine("DYN-482143", "", "KLINIKA", State.OPEN, 3, None, FRIDAY_EVENING, ANNA, away=True),
    TicketLine("DYN-482150", "Wydruk", "jan@acme.example", State.NEW, 5, None, None, ANNA),
)
_CONTRACTS = (
    ContractFacts("ACME", "START", date(2026, 12, 31), 38, Light.YELLOW),
    ContractFacts("BUDEX", "", date(2026, 12, 10), 17, Light.RED),
    ContractFacts("SOLO", "EMAIL", date(2026, 11, 20), -3, Light.RED),
)
_PROBLEMS = (
    "routing_rules.yaml:41: queues.DYNAMICS.calendar: unknown calendar 'cwd', did you mean 'cwt'?",
    "routing_rules.yaml:77: plans.START.reaction: '8' is not a length of time; write for instance 30m, 8h or 14 days",
)
_LINE = Found("DYN-482135", "Faktury <korygujące> znikają z listy", "Jan Próbny", State.OPEN)
REPORTS = (
    CommandReport(
        refused=tuple(Refusal(f"#{problem} x", problem, "x") for problem in Problem), draft="Dzień dobry,\n\nproszę."
    ),
    CommandReport(refused=(Refusal("#zamkinj", Problem.UNKNOWN_VERB, "#zamkinj"),), draft="Już.", releasable=True),
    CommandReport(done=("#notatka",), text_is="internal"),
    CommandReport(done=("#rozwiąż",), customers=("jan@acme.example",), text_is="public", released=True),
    CommandReport(done=("#szukaj faktury",), searched="faktury", found=(_LINE, replace(_LINE, subject=""))),
    CommandReport(done=("#szukaj drukarka",), searched="drukarka"),
    CommandReport(done=("#pomoc",), helps=True),
)


def bulletins(kind: NotificationKind, language: str) -> Iterator[Letter]:
    """Yield the letters that are about no ticket."""
    bare = Letter(kind, language, ANNA, DESK, QUEUE, NO_TICKET)
    if kind is NotificationKind.NOTICE_DIGEST:
        yield from _digests(bare)
    elif kind is NotificationKind.ANSWER:
        yield from _answers(bare)
    elif kind is NotificationKind.NOTICE_RULES:
        yield replace(bare, problems=_PROBLEMS)
        yield replace(bare, problems=_PROBLEMS[:1])
    elif kind is NotificationKind.HELD_BACK:
        yield replace(bare, recipient=JAN, keys=(TICKET.key, "DYN-482143"), more=7)
        yield replace(bare, recipient=Person("", JAN.addr), keys=(TICKET.key,))
    else:
        yield replace(bare, contracts=_CONTRACTS)
    yield replace(bare, desk=DeskIdentity(), queue=replace(QUEUE, from_name=""))


def refusals(language: str) -> Iterator[Letter]:
    """Yield refusals: to somebody known, to somebody without name and subject, and to a stranger."""
    ticket = replace(NO_TICKET, subject=TICKET.subject, requester=JAN)
    full = Letter(NotificationKind.REJECTED, language, JAN, DESK, QUEUE, ticket)
    yield full
    yield replace(full, recipient=Person("", JAN.addr), ticket=NO_TICKET, desk=DeskIdentity())
    yield replace(full, neutral=True)


def _digests(bare: Letter) -> Iterator[Letter]:
    full = replace(bare, queues=("DYNAMICS", "PROPHIX"), lines=_LINES[:1], fresh=_LINES[1:2], waiting=_LINES[2:])
    yield replace(full, more=7, held=2)
    yield replace(bare, lines=_LINES)
    yield replace(bare, visits=VISITS, waiting=_LINES[:1])
    yield replace(bare, waiting=_LINES[:1])
    yield replace(bare, held=1)


def _answers(bare: Letter) -> Iterator[Letter]:
    """Yield answers to mails with commands that are about no ticket."""
    holidays = DateRange(date(2026, 12, 23), date(2026, 12, 31))
    yield replace(bare, report=CommandReport(done=("#nieobecność 2026-12-23..2026-12-31",), away=holidays))
    one_day = DateRange(date(2026, 12, 23), date(2026, 12, 23))
    yield replace(bare, report=CommandReport(done=("#away 2026-12-23",), away=one_day))
    yield replace(bare, report=CommandReport(done=("#away off",), back=True))
    for report in REPORTS:
        yield replace(bare, report=replace(report, draft="", released=False))
