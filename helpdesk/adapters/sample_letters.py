"""Letters to nobody: each situation a template must cope with, for `check`, for previews and for tests.

A pure table of invented people. Called by `adapters.templates` and `adapters.previews`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from helpdesk.desk.bulletin import Balance, ContractFacts, TicketLine
from helpdesk.desk.commands import Problem, Refusal
from helpdesk.desk.deadlines import Stage
from helpdesk.desk.hours import Closure
from helpdesk.desk.letter import NO_TICKET, Change, DeskIdentity, Enclosure, Letter, QueueFacts, TicketFacts, Utterance
from helpdesk.desk.plans import Light
from helpdesk.desk.report import CommandReport, Found
from helpdesk.desk.terms import Guarantee, GuaranteeReason, NotificationKind, Person, Side, State

_FRIDAY_EVENING = datetime(2026, 11, 20, 17, 32, tzinfo=UTC)
_MONDAY_OPENING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_MONDAY_CLOSING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)

JAN = Person("Jan Próbny", "jan@acme.example")
ANNA = Person("Anna Nowak", "anna@helpdesk.example")
DESK = DeskIdentity(
    name="Centrum Wsparcia",
    phone="+48 00 000 00 00",
    footer="Firma Przykładowa sp. z o.o. · ul. Wzorcowa 1, 00-000 Warszawa · KRS 0000000000 · NIP 0000000000",
    privacy_url="https://helpdesk.example/privacy",
)
QUEUE = QueueFacts("DYNAMICS", "PomocDYNAMICS@helpdesk.example", "Pomoc DYNAMICS", "Europe/Warsaw")
TICKET = TicketFacts(
    key="DYN-482135",
    subject="Faktury korygujące znikają z listy",
    state=State.NEW,
    priority=3,
    requester=JAN,
    delivered_at=_FRIDAY_EVENING,
    received_at=_MONDAY_OPENING,
    react_by=_MONDAY_CLOSING,
    organisation="ACME",
    plan="START",
    assignee=ANNA,
    tags=("faktury",),
    guarantee=Guarantee(holds=True, reason=GuaranteeReason.HOLDS),
    closure=Closure.AFTER_CLOSING,
)
_CUSTOMER_WROTE = (
    "Dzień dobry,\n\nod rana na liście faktur brakuje korekt z listopada. Kroki:\n\n"
    "  1. Otwieram listę <Faktury korygujące>.\n  2. Filtruję po dacie: 2026-11-01..2026-11-30.\n"
    "  3. Lista jest pusta.\n\n"
    "Opis znanego błędu: https://example.org/kb?id=17&lang=pl.\n\nJan Próbny"
)
_CONSULTANT_WROTE = (
    "Dzień dobry,\n\nfiltr listy wrócił do ustawień sprzed aktualizacji i ukrywa korekty. Proszę wybrać "
    "Widok → Przywróć domyślny i dać znać, czy faktury są już widoczne.\n\nAnna Nowak"
)
ENCLOSURES = (
    Enclosure("lista faktur.png", 184_320, enclosed=True),
    Enclosure("nagranie.mp4", 48_200_000, enclosed=False),
)
PREVIOUS = (
    Utterance(ANNA, _MONDAY_OPENING + timedelta(minutes=25), _CONSULTANT_WROTE),
    Utterance(ANNA, _MONDAY_OPENING + timedelta(minutes=7), "Znam to z innej firmy.", internal=True),
    Utterance(JAN, _FRIDAY_EVENING, "Dzień dobry,\n\nna liście faktur brakuje korekt."),
)


def sample_letters(kind: NotificationKind, language: str) -> Iterator[Letter]:
    """Yield letters of that kind: first a full one, then with nothing optional, then each special case."""
    full = _full(kind, language)
    if kind is NotificationKind.REJECTED:
        yield from _refusals(language)
        return
    if not kind.about_a_ticket:
        yield from _bulletins(kind, language)
        return
    yield full
    yield _bare(full)
    if kind.for_customers:
        yield replace(full, neutral=True)
    yield from _special(full)


def _full(kind: NotificationKind, language: str) -> Letter:
    if kind is NotificationKind.RECEIPT:
        return _receipt(language)
    by_consultant = kind in (NotificationKind.COMMENT, NotificationKind.RESOLVED, NotificationKind.CLOSED)
    changed = kind is NotificationKind.NOTICE_CHANGED
    failed = kind is NotificationKind.NOTICE_UNDELIVERED
    return Letter(
        kind=kind,
        language=language,
        recipient=JAN if kind.for_customers else _PARTNER if kind is NotificationKind.FORWARDED else ANNA,
        desk=DESK,
        queue=QUEUE,
        ticket=TICKET,
        author=ANNA if by_consultant or changed else JAN,
        author_side=Side.CONSULTANT if by_consultant or changed else Side.CUSTOMER,
        text="" if kind in _WORDLESS else _CONSULTANT_WROTE if by_consultant or failed else _CUSTOMER_WROTE,
        enclosures=() if kind in _WORDLESS else ENCLOSURES,
        previous=() if kind in _FIRST else PREVIOUS,
        changes=_CHANGES if changed else (),
        unconfirmed=kind in (NotificationKind.NOTICE_OPENED, NotificationKind.NOTICE_COMMENT),
        reopened=kind is NotificationKind.NOTICE_COMMENT,
        reopen_within=timedelta(days=14),
        closes_at=_MONDAY_CLOSING + timedelta(days=7) if kind is NotificationKind.RESOLVED else None,
        stage=Stage.SOON if kind is NotificationKind.NOTICE_DEADLINE else None,
        balance=_BALANCE if kind in (NotificationKind.RESOLVED, NotificationKind.CLOSED) else None,
        problem="550 5.1.1 <jan@acme.example>: user unknown" if failed else "",
        failed_recipient="jan@acme.example" if failed else "",
    )


def _receipt(language: str) -> Letter:
    """Return the receipt for commands that were carried out."""
    return Letter(
        kind=NotificationKind.RECEIPT,
        language=language,
        recipient=ANNA,
        desk=DESK,
        queue=QUEUE,
        ticket=TICKET,
        author=ANNA,
        author_side=Side.CONSULTANT,
        changes=(Change("state", "open", "resolved"), Change("priority", "3", "2")),
        report=CommandReport(
            done=("#priorytet 2", "#rozwiąż"),
            customers=("jan@acme.example",),
            colleagues=("piotr@helpdesk.example",),
            text_is="public",
        ),
    )


_LINE = Found("DYN-482135", "Faktury <korygujące> znikają z listy", "Jan Próbny", State.OPEN)
_REPORTS = (
    CommandReport(
        refused=tuple(Refusal(f"#{problem} x", problem, "x") for problem in Problem), draft="Dzień dobry,\n\nproszę."
    ),
    CommandReport(done=("#notatka",), text_is="internal"),
    CommandReport(done=("#szukaj faktury",), searched="faktury", found=(_LINE, replace(_LINE, subject=""))),
    CommandReport(done=("#szukaj drukarka",), searched="drukarka"),
    CommandReport(done=("#pomoc",), helps=True),
)
_PLAN = NotificationKind.NOT_COVERED
_WORDLESS = (NotificationKind.NEW, _PLAN, NotificationKind.NOTICE_DEADLINE)
_FIRST = (NotificationKind.NEW, NotificationKind.NOTICE_OPENED, NotificationKind.FORWARDED, _PLAN)
_PARTNER = Person("", "support@vendor.example")
_PROBLEMS = (
    "routing_rules.yaml:41: queues.DYNAMICS.calendar: unknown calendar 'cwd', did you mean 'cwt'?",
    "routing_rules.yaml:77: plans.START.reaction: '8' is not a length of time; write for instance 30m, 8h or 14 days",
)
_HOUR = timedelta(hours=1)
_BALANCE = Balance(1.5 * _HOUR, date(2026, 11, 1), 3 * _HOUR, timedelta(), 0.5 * _HOUR)
_LINES = (
    TicketLine(TICKET.key, TICKET.subject, "ACME", State.NEW, 2, _MONDAY_OPENING, _FRIDAY_EVENING, None, overdue=True),
    TicketLine("DYN-482143", "", "KLINIKA", State.OPEN, 3, None, _FRIDAY_EVENING, ANNA, away=True),
    TicketLine("DYN-482150", "Wydruk", "jan@acme.example", State.NEW, 5, None, None, ANNA),
)
_CONTRACTS = (
    ContractFacts("ACME", "START", date(2026, 12, 31), 38, Light.YELLOW),
    ContractFacts("BUDEX", "", date(2026, 12, 10), 17, Light.RED),
    ContractFacts("SOLO", "EMAIL", date(2026, 11, 20), -3, Light.RED),
)


def _bulletins(kind: NotificationKind, language: str) -> Iterator[Letter]:
    """Yield the letters that are about no ticket."""
    bare = Letter(kind, language, ANNA, DESK, QUEUE, NO_TICKET)
    if kind is NotificationKind.NOTICE_DIGEST:
        yield replace(bare, lines=_LINES, more=7, held=2)
        yield replace(bare, lines=_LINES[:1])
        yield replace(bare, held=1)
    elif kind is NotificationKind.NOTICE_RULES:
        yield replace(bare, problems=_PROBLEMS)
        yield replace(bare, problems=_PROBLEMS[:1])
    else:
        yield replace(bare, contracts=_CONTRACTS)
    yield replace(bare, desk=DeskIdentity(), queue=replace(QUEUE, from_name=""))


def _refusals(language: str) -> Iterator[Letter]:
    """Yield refusals: to somebody known, to somebody without name and subject, and to a stranger."""
    ticket = replace(NO_TICKET, subject=TICKET.subject, requester=JAN)
    full = Letter(NotificationKind.REJECTED, language, JAN, DESK, QUEUE, ticket)
    yield full
    yield replace(full, recipient=Person("", JAN.addr), ticket=NO_TICKET, desk=DeskIdentity())
    yield replace(full, neutral=True)


_CHANGES = (
    Change("state", "open", "pending"),
    Change("assignee", "", "Anna Nowak"),
    Change("priority", "3", "2"),
    Change("queue", "DYNAMICS", "POWERBI"),
    Change("tags", "", "faktury, pilne"),
    Change("kind", "error", "other"),
    Change("something new", "a", "b"),
)


def _bare(full: Letter) -> Letter:
    """Return the letter with nothing in it that may be missing."""
    ticket = replace(
        TICKET,
        subject="",
        requester=Person("", JAN.addr),
        react_by=None,
        organisation="",
        plan="",
        assignee=None,
        tags=(),
        guarantee=None,
        received_at=TICKET.delivered_at,
        closure=Closure.OPEN,
    )
    return Letter(
        kind=full.kind,
        language=full.language,
        recipient=Person("", full.recipient.addr),
        desk=DeskIdentity(),
        queue=replace(QUEUE, from_name=""),
        ticket=ticket,
    )


def _special(full: Letter) -> Iterator[Letter]:
    """Yield the cases that have words of their own."""
    if full.kind is NotificationKind.NEW:
        for closure in Closure:
            yield replace(full, ticket=replace(TICKET, closure=closure))
        capped = Guarantee(holds=False, reason=GuaranteeReason.CAP_REACHED)
        yield replace(full, ticket=replace(TICKET, react_by=None, guarantee=capped))
        yield replace(full, ticket=replace(TICKET, react_by=None, plan=""))
        yield replace(full, forwarded_to="VENDOR")
    if full.kind is NotificationKind.NOTICE_DEADLINE:
        yield from (replace(full, stage=stage) for stage in Stage)
    if full.kind is NotificationKind.RESOLVED and full.balance is not None:
        yield replace(full, balance=replace(full.balance, package=timedelta()))
        yield replace(full, balance=replace(full.balance, package_left=timedelta(minutes=90), overage=timedelta()))
    if full.kind is NotificationKind.CLOSED:
        yield replace(full, reopen_within=timedelta(days=1))
    if full.kind is NotificationKind.NOTICE_COMMENT:
        yield replace(full, author=ANNA, author_side=Side.CONSULTANT, unconfirmed=False, reopened=False)
        yield replace(full, author=ANNA, author_side=Side.CONSULTANT, internal=True)
    if full.kind is NotificationKind.NOTICE_CHANGED:
        yield replace(full, author=None, text="", enclosures=(), reopened=True)
    if full.kind is NotificationKind.RECEIPT:
        for report in _REPORTS:
            yield replace(full, report=report, changes=())
        yield replace(full, report=CommandReport(done=("#historia",)), previous=PREVIOUS, enclosures=ENCLOSURES)
    if not full.kind.for_customers:
        for state in State:
            yield replace(full, ticket=replace(TICKET, state=state, priority=1))
