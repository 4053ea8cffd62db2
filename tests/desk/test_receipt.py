"""When a ticket counts and what is promised, for every plan of the shipped rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from helpdesk.desk.hours import Closure
from helpdesk.desk.plans import Light, MailSupport, Plan, contract_light, guarantee
from helpdesk.desk.receipt import AcknowledgeReason, receive, should_acknowledge
from helpdesk.desk.spans import DateRange
from helpdesk.desk.terms import GuaranteeReason, Origin, TicketKind
from helpdesk.mail.message import MessageKind
from tests.desk.calendars import local
from tests.desk.shipped import shipped_rules

HOUR = timedelta(hours=1)
MORNING, NOON, LAST_SECOND, CLOSING = (f"2026-11-24T{time}" for time in ("07:30", "12:00", "16:59:59", "17:00:00"))
FRIDAY_EVENING, CHRISTMAS_EVE, BEFORE_DST = "2026-11-27T18:32", "2026-12-24T11:00", "2026-03-28T11:00"

# Plan, delivered, counts as received, react by. 24 November 2026 is a Tuesday.
TABLE: list[tuple[str, str, str, str | None]] = [
    ("COMMUNITY", MORNING, "2026-11-24T10:00", None),
    ("COMMUNITY", NOON, NOON, None),
    ("COMMUNITY", LAST_SECOND, "2026-11-25T10:00", None),
    ("COMMUNITY", CLOSING, "2026-11-25T10:00", None),
    ("COMMUNITY", FRIDAY_EVENING, "2026-11-30T10:00", None),
    ("COMMUNITY", CHRISTMAS_EVE, "2026-12-28T10:00", None),
    ("COMMUNITY", BEFORE_DST, "2026-03-30T10:00", None),
    ("EMAIL", MORNING, "2026-11-24T09:00", "2026-11-25T15:00"),
    ("EMAIL", NOON, NOON, "2026-11-26T12:00"),
    ("EMAIL", LAST_SECOND, "2026-11-25T09:00", "2026-11-26T15:00"),
    ("EMAIL", CLOSING, "2026-11-25T09:00", "2026-11-26T15:00"),
    ("EMAIL", FRIDAY_EVENING, "2026-11-30T09:00", "2026-12-01T15:00"),
    ("EMAIL", CHRISTMAS_EVE, "2026-12-28T09:00", "2026-12-29T15:00"),
    ("EMAIL", BEFORE_DST, "2026-03-30T09:00", "2026-03-31T15:00"),
    ("START", MORNING, "2026-11-24T08:00", "2026-11-24T16:00"),
    ("START", NOON, NOON, "2026-11-25T12:00"),
    ("START", LAST_SECOND, "2026-11-25T08:00", "2026-11-25T16:00"),
    ("START", CLOSING, "2026-11-25T08:00", "2026-11-25T16:00"),
    ("START", FRIDAY_EVENING, "2026-11-30T08:00", "2026-11-30T16:00"),
    ("START", CHRISTMAS_EVE, "2026-12-28T08:00", "2026-12-28T16:00"),
    ("START", BEFORE_DST, "2026-03-30T08:00", "2026-03-30T16:00"),
    ("STANDARD", MORNING, MORNING, "2026-11-24T11:30"),
    ("STANDARD", NOON, NOON, "2026-11-24T16:00"),
    ("STANDARD", LAST_SECOND, LAST_SECOND, "2026-11-25T10:59:59"),
    ("STANDARD", CLOSING, "2026-11-25T07:00", "2026-11-25T11:00"),
    ("STANDARD", FRIDAY_EVENING, "2026-11-30T07:00", "2026-11-30T11:00"),
    ("STANDARD", CHRISTMAS_EVE, "2026-12-28T07:00", "2026-12-28T11:00"),
    ("STANDARD", BEFORE_DST, "2026-03-30T07:00", "2026-03-30T11:00"),
    ("PREMIUM", MORNING, MORNING, "2026-11-24T08:30"),
    ("PREMIUM", NOON, NOON, "2026-11-24T13:00"),
    ("PREMIUM", LAST_SECOND, LAST_SECOND, "2026-11-24T17:59:59"),
    ("PREMIUM", CLOSING, CLOSING, "2026-11-24T18:00:00"),
    ("PREMIUM", FRIDAY_EVENING, FRIDAY_EVENING, "2026-11-27T19:32"),
    ("PREMIUM", CHRISTMAS_EVE, CHRISTMAS_EVE, "2026-12-24T12:00"),
    ("PREMIUM", BEFORE_DST, BEFORE_DST, "2026-03-28T12:00"),
    ("no plan", MORNING, "2026-11-25T09:00", None),
    ("no plan", NOON, NOON, None),
    ("no plan", LAST_SECOND, LAST_SECOND, None),
    ("no plan", CLOSING, "2026-11-25T09:00", None),
    ("no plan", FRIDAY_EVENING, "2026-11-30T09:00", None),
    ("no plan", CHRISTMAS_EVE, "2026-12-28T09:00", None),
    ("no plan", BEFORE_DST, "2026-03-30T09:00", None),
]


def plan_called(name: str) -> Plan | None:
    """Return the plan of the shipped rules; PREMIUM as its customer agreed it (one hour)."""
    rules = shipped_rules()
    return rules.organisations["KLINIKA"].terms if name == "PREMIUM" else rules.plans.get(name)


@pytest.mark.parametrize(("plan", "delivered", "received", "react_by"), TABLE, ids=[f"{r[0]} {r[1]}" for r in TABLE])
def test_every_plan_counts_and_promises_as_the_table_says(
    plan: str, delivered: str, received: str, react_by: str | None
) -> None:
    receipt = receive(local(delivered), shipped_rules(), queue="DYNAMICS", plan=plan_called(plan))
    assert receipt.received_at == local(received)
    assert receipt.react_by == (local(react_by) if react_by else None)


def test_the_calendar_is_a_rules_else_the_plans_else_the_queues() -> None:
    rules, at = shipped_rules(), local(NOON)
    assert receive(at, rules, queue="DYNAMICS", plan=None).calendar == "cwt"
    assert receive(at, rules, queue="DYNAMICS", plan=rules.plans["START"]).calendar == "start"
    by_rule = receive(at, rules, queue="DYNAMICS", plan=rules.plans["START"], calendar="always")
    assert by_rule.calendar == "always"
    assert by_rule.react_by == local("2026-11-24T20:00")


def test_a_plan_without_hours_of_its_own_runs_in_the_queues() -> None:
    receipt = receive(local(MORNING), shipped_rules(), queue="DYNAMICS", plan=Plan("OWN", reaction=HOUR))
    assert (receipt.calendar, receipt.react_by) == ("cwt", local("2026-11-25T10:00"))


def test_a_receipt_says_why_it_counts_later() -> None:
    plan = plan_called("START")
    reasons = [
        receive(local(at), shipped_rules(), queue="DYNAMICS", plan=plan).reason
        for at in (NOON, MORNING, CLOSING, BEFORE_DST, CHRISTMAS_EVE)
    ]
    assert reasons == [Closure.OPEN, Closure.BEFORE_OPENING, Closure.AFTER_CLOSING, Closure.DAY_OFF, Closure.HOLIDAY]


START_PLAN = Plan("START", reaction=8 * HOUR, guaranteed_support=8 * HOUR)
ERRORS_ONLY = Plan("COMMUNITY", mail=MailSupport.ERRORS)
LEFT_OPEN = Plan("PREMIUM", agreed=frozenset({"reaction"}))
MAIL, PHONE, PORTAL = Origin.MAIL, Origin.PHONE, Origin.PORTAL
ERROR, OTHER = TicketKind.ERROR, TicketKind.OTHER


@pytest.mark.parametrize(
    ("plan", "kind", "origin", "used", "holds", "reason"),
    [
        pytest.param(START_PLAN, ERROR, MAIL, 0, True, "holds", id="an error by mail"),
        pytest.param(START_PLAN, OTHER, MAIL, 7, True, "holds", id="a question below the cap"),
        pytest.param(START_PLAN, OTHER, MAIL, 8, False, "cap_reached", id="a question at the cap"),
        pytest.param(START_PLAN, ERROR, MAIL, 99, True, "holds", id="an error beyond the cap"),
        pytest.param(START_PLAN, ERROR, PHONE, 0, False, "channel", id="a call"),
        pytest.param(START_PLAN, ERROR, PORTAL, 0, True, "holds", id="the portal counts like mail"),
        pytest.param(None, ERROR, MAIL, 0, False, "no_plan", id="a stranger"),
        pytest.param(ERRORS_ONLY, ERROR, MAIL, 0, False, "no_reaction_in_plan", id="COMMUNITY, an error"),
        pytest.param(ERRORS_ONLY, OTHER, MAIL, 0, False, "not_covered", id="COMMUNITY, a question"),
        pytest.param(replace(LEFT_OPEN, reaction=HOUR), ERROR, MAIL, 0, True, "agreed", id="PREMIUM, agreed"),
        pytest.param(LEFT_OPEN, ERROR, MAIL, 0, False, "agreed", id="PREMIUM, agreed elsewhere"),
    ],
)
def test_a_guarantee_holds_or_not_for_a_reason(
    plan: Plan | None, kind: TicketKind, origin: Origin, used: int, holds: bool, reason: str
) -> None:
    found = guarantee(plan, kind, origin, used * HOUR)
    assert (found.holds, found.reason) == (holds, GuaranteeReason(reason))


def test_where_the_guarantee_does_not_hold_the_target_stays_ours() -> None:
    receipt = receive(local(NOON), shipped_rules(), queue="DYNAMICS", plan=plan_called("START"), origin=PHONE)
    assert receipt.react_by == local("2026-11-25T12:00")
    assert receipt.promised is None


@pytest.mark.parametrize(
    ("last", "light"),
    [
        (date(2027, 2, 23), Light.GREEN),
        (date(2027, 2, 22), Light.YELLOW),
        (date(2026, 12, 24), Light.YELLOW),
        (date(2026, 12, 23), Light.RED),
        (date(2026, 11, 1), Light.RED),
    ],
    ids=["91 days", "90 days", "30 days", "29 days", "over"],
)
def test_a_contracts_light_turns_at_90_and_at_30_days(last: date, light: Light) -> None:
    assert contract_light(DateRange(date(2026, 1, 1), last), date(2026, 11, 24)) is light


DAY = timedelta(days=1)


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.PERSONAL])
def test_no_machine_is_ever_acknowledged_even_if_a_rule_asks_for_it(kind: MessageKind) -> None:
    at = local(NOON)
    decision = should_acknowledge(kind, at, at, 3 * DAY, wanted=True)
    assert (decision.sent, decision.reason) == (False, AcknowledgeReason.MACHINE)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, AcknowledgeReason.PERSON),
        ({"wanted": True}, AcknowledgeReason.PERSON),
        ({"wanted": False}, AcknowledgeReason.RULE),
        ({"has_author": False}, AcknowledgeReason.NO_AUTHOR),
        ({"quarantined": True, "wanted": True}, AcknowledgeReason.QUARANTINED),
        ({"discarded": True}, AcknowledgeReason.DISCARDED),
        ({"rejected": True}, AcknowledgeReason.REJECTED),
        ({"silent": True}, AcknowledgeReason.SILENT),
    ],
    ids=lambda value: str(value),
)
def test_a_person_is_acknowledged_unless_something_hinders(facts: dict[str, bool], reason: AcknowledgeReason) -> None:
    at = local(NOON)
    decision = should_acknowledge(MessageKind.PERSONAL, at, at, 3 * DAY, **facts)
    assert (decision.sent, decision.reason) == (reason is AcknowledgeReason.PERSON, reason)


def test_what_lay_for_longer_than_the_limit_is_not_answered_as_if_it_were_new() -> None:
    at = local(NOON)
    assert should_acknowledge(MessageKind.PERSONAL, at, at + 3 * DAY, 3 * DAY).sent
    late = should_acknowledge(MessageKind.PERSONAL, at, at + 3 * DAY + timedelta(seconds=1), 3 * DAY)
    assert late.reason is AcknowledgeReason.LATE
