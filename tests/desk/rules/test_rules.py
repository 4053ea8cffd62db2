"""What a good file becomes: defaults, look-ups, overrides, warnings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
import yaml

from helpdesk.desk.parties import DeskSettings
from helpdesk.desk.plans import BILLABLE, Channel
from helpdesk.desk.rules import yamltree
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import CrossPosted, LifecycleSettings
from helpdesk.desk.samples import run_samples
from helpdesk.desk.spans import Span
from tests.desk.calendars import local
from tests.desk.rules.small_rules import change
from tests.desk.shipped import SHIPPED, shipped_rules

MINIMAL = """\
version: 1
calendars: { cwt: { hours: { mon-fri: "09:00-17:00" } } }
queues: { ONE: { prefix: ONE, addresses: [One@Desk.example], calendar: cwt, consultants: [anna@desk.example] } }
"""


def test_three_lines_are_rules_and_everything_else_has_a_default() -> None:
    rules = load_rules(MINIMAL)
    queue = rules.queues["ONE"]
    assert (rules.timezone, rules.desk, rules.lifecycle) == ("Europe/Warsaw", DeskSettings(), LifecycleSettings())
    assert (rules.plans, rules.organisations, rules.partners, rules.rules, rules.samples) == ({}, {}, {}, (), ())
    assert (queue.from_name, queue.languages, rules.cross_posted) == ("ONE", ("pl",), CrossPosted.PRIMARY)
    assert list(rules.consultants) == ["anna@desk.example"]
    assert rules.warnings == ()


def test_the_version_is_the_hash_of_the_text() -> None:
    assert load_rules(MINIMAL).version_hash == sha256(MINIMAL.encode()).hexdigest()


def test_the_shipped_rules_load_without_a_warning_and_their_samples_hold() -> None:
    assert shipped_rules().warnings == ()
    assert run_samples(shipped_rules()) == ()


@pytest.fixture
def slow_yaml(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(yamltree, "_LOADER", yaml.SafeLoader)
    yield


@pytest.mark.usefixtures("slow_yaml")
def test_without_libyaml_the_same_file_becomes_the_same_rules() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    again = load_rules(text, "routing_rules.yaml")
    assert again.queues == shipped_rules().queues
    assert again.calendars == shipped_rules().calendars
    assert [str(rule.when) for rule in again.rules] == [str(rule.when) for rule in shipped_rules().rules]


def test_a_queue_is_found_by_any_of_its_addresses_in_any_case_and_with_a_detail() -> None:
    rules = shipped_rules()
    for addr in ("pomocpowerbi@helpdesk.example", "PomocPBI@Helpdesk.Example", "pomocpbi+k2.abc@helpdesk.example"):
        queue = rules.queue_of_address(addr)
        assert queue is not None
        assert queue.name == "POWERBI"
    assert rules.queue_of_address("pomocpbi@elsewhere.example") is None


def test_a_consultant_is_known_by_alias_too() -> None:
    consultant = shipped_rules().consultant_of("A.Nowak@firma.example")
    assert consultant is not None
    assert consultant.addr == "anna@helpdesk.example"


def test_contacts_win_over_domains_and_a_public_domain_is_nobodys() -> None:
    text = change(
        "rules:",
        "  BETA: { domains: [beta.example, gmail.com], contacts: [ola@acme.example] }\nrules:",
    )
    rules = load_rules(text)
    owners = {
        addr: owner.name if (owner := rules.organisation_of(addr)) else None
        for addr in ("jan@ACME.example", "ola@acme.example", "ktos@gmail.com", "x@sub.acme.example")
    }
    assert owners == {
        "jan@ACME.example": "ACME",
        "ola@acme.example": "BETA",
        "ktos@gmail.com": None,
        "x@sub.acme.example": None,
    }
    assert [problem.message for problem in rules.warnings] == [
        "'gmail.com' is a public mail domain: it is nobody's; name the contacts one by one"
    ]


def test_a_plan_keeps_what_the_file_says() -> None:
    plan = shipped_rules().plans["START"]
    assert (plan.reaction, plan.guaranteed_support, plan.package) == (*[timedelta(hours=8)] * 2, timedelta(hours=3))
    assert plan.rounding == {
        Channel.REMOTE: timedelta(minutes=30),
        Channel.PHONE: timedelta(minutes=15),
        Channel.PROGRAMMING: timedelta(),
    }
    assert (plan.write_up, plan.rate, plan.minimum_term) == (timedelta(minutes=5), Decimal(165), 3)
    assert plan.package_for == {Channel.REMOTE, Channel.PHONE}
    assert shipped_rules().plans["STANDARD"].package_for == set(BILLABLE)


def test_an_organisation_has_its_plan_with_what_was_agreed_for_it_alone() -> None:
    klinika = shipped_rules().organisations["KLINIKA"]
    assert klinika.terms is not None
    assert (klinika.terms.name, klinika.terms.reaction, klinika.terms.rate) == (
        "PREMIUM",
        timedelta(hours=1),
        Decimal(120),
    )
    assert klinika.overrides == {"reaction", "guaranteed_support", "package", "rate"}
    assert shipped_rules().plans["PREMIUM"].reaction is None


def test_a_customers_own_rounding_leaves_the_plans_other_units() -> None:
    text = change("reaction: 8h", "rounding: { remote: 30m, phone: 15m }")
    text = change("plan: START }", "plan: START, rounding: { remote: 10m } }", text)
    terms = load_rules(text).organisations["ACME"].terms
    assert terms is not None
    assert terms.rounding == {Channel.REMOTE: timedelta(minutes=10), Channel.PHONE: timedelta(minutes=15)}


@pytest.mark.parametrize(
    ("organisation", "at", "plan"),
    [
        ("ACME", "2026-01-01T00:00", "START"),
        ("ACME", "2027-12-31T23:59", "START"),
        ("ACME", "2028-01-01T00:00", "COMMUNITY"),
        ("ACME", "2025-12-31T23:59", "COMMUNITY"),
        ("WARSZTAT", "2026-11-24T12:00", "COMMUNITY"),
    ],
)
def test_a_contract_gives_its_plan_from_its_first_to_its_last_day(organisation: str, at: str, plan: str) -> None:
    rules = shipped_rules()
    found = rules.plan_of(rules.organisations[organisation], local(at))
    assert found is not None
    assert found.name == plan


def test_a_stranger_has_no_plan() -> None:
    assert shipped_rules().plan_of(None, datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_lengths_of_time_are_read_as_people_write_them() -> None:
    text = change(
        "rules:", "lifecycle: { close_resolved_after: 2 business days, reopen_closed_within: 1w 12h }\nrules:"
    )
    lifecycle = load_rules(text).lifecycle
    assert lifecycle.close_resolved_after == Span(business_days=2)
    assert lifecycle.reopen_closed_within == timedelta(days=7, hours=12)
    assert lifecycle.phone_confirm_within == Span(business_days=1)


def test_a_span_ends_by_the_clock_or_by_the_calendar() -> None:
    cwt, tuesday = shipped_rules().calendars["cwt"], local("2026-11-24T11:00")
    assert Span(elapsed=timedelta(days=14)).after(tuesday, cwt) == tuesday + timedelta(days=14)
    assert Span(business_days=1).after(tuesday, cwt) == local("2026-11-25T17:00")


def test_days_of_a_calendar_may_be_opened_with_their_weekdays_hours_or_their_own() -> None:
    base = change("holidays: PL", "holidays: PL, open: [2026-11-11], closed: [2026-11-12..2026-11-13]")
    cwt = load_rules(base).calendars["cwt"]
    assert cwt.hours_of(date(2026, 11, 11)) == ((540, 1020),)
    assert cwt.hours_of(date(2026, 11, 13)) == ()
    own = load_rules(change("holidays: PL", 'open: { 2026-12-05: "10:00-12:00" }')).calendars["cwt"]
    assert own.hours_of(date(2026, 12, 5)) == ((600, 720),)


def test_hours_that_touch_are_one_interval() -> None:
    cwt = load_rules(change("09:00-17:00", "09:00-12:00, 12:00-17:00")).calendars["cwt"]
    assert cwt.weekly[0] == ((540, 1020),)


def test_yaml_1_1_surprises_stay_words() -> None:
    text = change("[acme.example]", "[acme.example], contacts: [1e3@acme.example]", change("name: Anna", "name: no"))
    rules = load_rules(text)
    assert rules.consultants["anna@desk.example"].name == "no"
    assert rules.organisations["ACME"].contacts == ("1e3@acme.example",)


def test_own_words_for_commands_are_compared_without_diacritics() -> None:
    assert load_rules(change("version: 1", "version: 1\ncommands: { Załatwione: resolve }")).command_aliases == {
        "zalatwione": "resolve"
    }
