"""Letters to nobody: each situation a template must cope with, for `check`, for previews and for tests.

A pure table of invented people. Called by `adapters.templates` and `adapters.previews`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from helpdesk.adapters.sample_bulletins import REPORTS, bulletins, refusals
from helpdesk.adapters.sample_facts import (
    ANNA,
    CONSULTANT_WROTE,
    CUSTOMER_WROTE,
    DESK,
    ENCLOSURES,
    JAN,
    MONDAY_CLOSING,
    MONDAY_OPENING,
    PREVIOUS,
    QUEUE,
    TICKET,
)
from helpdesk.adapters.sample_visits import VISIT_LETTERS, visit_letters, with_visit
from helpdesk.desk.bulletin import Balance
from helpdesk.desk.deadlines import Stage
from helpdesk.desk.hours import Closure
from helpdesk.desk.letter import Change, DeskIdentity, Letter
from helpdesk.desk.report import CommandReport
from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import Guarantee, GuaranteeReason, NotificationKind, Person, Side, State
from helpdesk.desk.vouching import Turned


def sample_letters(kind: NotificationKind, language: str) -> Iterator[Letter]:
    """Yield letters of that kind: first a full one, then with nothing optional, then each special case."""
    full = _full(kind, language)
    if kind is NotificationKind.REJECTED:
        yield from refusals(language)
        return
    if not kind.about_a_ticket:
        yield from bulletins(kind, language)
        return
    if kind in VISIT_LETTERS:
        full = with_visit(full)
        yield from visit_letters(full)
    yield full
    yield _bare(full)
    if kind.for_customers:
        yield replace(full, neutral=True)
    yield from _special(full)


def _full(kind: NotificationKind, language: str) -> Letter:
    if kind is NotificationKind.RECEIPT:
        return _receipt(language)
    by_consultant = kind in _BY_CONSULTANT
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
        text="" if kind in _WORDLESS else CONSULTANT_WROTE if by_consultant or failed else CUSTOMER_WROTE,
        enclosures=() if kind in _WORDLESS else ENCLOSURES,
        previous=() if kind in _FIRST else PREVIOUS,
        changes=_CHANGES if changed else (),
        unconfirmed=kind in (NotificationKind.NOTICE_OPENED, NotificationKind.NOTICE_COMMENT),
        reopened=kind is NotificationKind.NOTICE_COMMENT,
        reopen_within=timedelta(days=14),
        closes_at=MONDAY_CLOSING + timedelta(days=7) if kind is NotificationKind.RESOLVED else None,
        answer_by=MONDAY_CLOSING if kind in (NotificationKind.CONFIRM_CALL, *_QUESTIONS) else None,
        written_at=MONDAY_OPENING if kind is NotificationKind.CHALLENGE else None,
        contact=ANNA if kind in (NotificationKind.TURNED_AWAY, NotificationKind.AWAITS_CONTACT) else None,
        since=MONDAY_OPENING if kind is NotificationKind.NOTICE_STALE else None,
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


_QUESTIONS = (NotificationKind.ASK_CONTACT, NotificationKind.AWAITS_CONTACT, NotificationKind.CHALLENGE)
_VOUCHING = (*_QUESTIONS, NotificationKind.TURNED_AWAY)
_PLAN = NotificationKind.NOT_COVERED
_BY_CONSULTANT = (
    NotificationKind.COMMENT,
    NotificationKind.RESOLVED,
    NotificationKind.CLOSED,
    NotificationKind.CONFIRM_CALL,
    NotificationKind.REMINDER,
)
_CALL = NotificationKind.CONFIRM_CALL
_WORDLESS = (NotificationKind.NEW, _PLAN, NotificationKind.NOTICE_DEADLINE, NotificationKind.NOTICE_STALE, *_VOUCHING)
_FIRST = (NotificationKind.NEW, NotificationKind.NOTICE_OPENED, NotificationKind.FORWARDED, _PLAN, _CALL, *_VOUCHING)
_PARTNER = Person("", "support@vendor.example")
_COLLEAGUE = Person("Ewa Wzorcowa", "ewa@acme.example")
_HOUR = timedelta(hours=1)
_BALANCE = Balance(1.5 * _HOUR, date(2026, 11, 1), 3 * _HOUR, timedelta(), 0.5 * _HOUR)


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
        yield replace(full, text="", enclosures=(), balance=None, author=None, lapsed=True)
        yield replace(full, reopen_within=timedelta(days=1))
    if full.kind is NotificationKind.NOTICE_COMMENT:
        yield replace(full, text="Dziękuję, działa!", unconfirmed=False, reopened=False, thanks=True)
        yield replace(full, author=ANNA, author_side=Side.CONSULTANT, unconfirmed=False, reopened=False)
        yield replace(full, author=ANNA, author_side=Side.CONSULTANT, internal=True)
        for doubt in Ground:
            yield replace(full, doubt=doubt)
    if full.kind is NotificationKind.NEW:
        yield replace(full, contact=ANNA)
    if full.kind is NotificationKind.ASK_CONTACT:
        yield replace(full, author=_COLLEAGUE)
    if full.kind is NotificationKind.TURNED_AWAY:
        yield from (replace(full, author=_COLLEAGUE, turned=turned) for turned in Turned)
        yield from (replace(full, turned=turned) for turned in Turned)
        yield replace(full, contact=None)
    if full.kind is NotificationKind.NOTICE_CHANGED:
        silent = [ground for ground in Ground if ground.endswith(("_no", "_silent"))]
        yield replace(full, changes=tuple(Change("waiting_words", JAN.addr, ground) for ground in silent))
        yield replace(full, author=None, text="", enclosures=(), reopened=True)
    if full.kind is NotificationKind.RECEIPT:
        yield replace(full, report=REPORTS[0], challenge=True)
        for report in REPORTS:
            yield replace(full, report=report, changes=())
        yield replace(full, report=CommandReport(done=("#telefon jan@acme.example",)), answer_by=MONDAY_CLOSING)
        yield replace(full, report=CommandReport(done=("#historia",)), previous=PREVIOUS, enclosures=ENCLOSURES)
    if not full.kind.for_customers:
        for state in State:
            yield replace(full, ticket=replace(TICKET, state=state, priority=1))
