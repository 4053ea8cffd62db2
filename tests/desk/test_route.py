"""Where a mail goes: the queue it is addressed to, every condition, every action, and the order of rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from helpdesk.desk.route import Route, RouteFacts, addressed_queues, route_message, rules_read
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import Origin, TicketKind
from helpdesk.mail.message import Classification, MessageKind
from tests.desk.mails import HEAD, TUESDAY_NOON, mail, routed
from tests.desk.shipped import shipped_rules

DYN, PRO, PBI = (f"Pomoc{name}@helpdesk.example" for name in ("DYNAMICS", "PROPHIX", "POWERBI"))


@pytest.mark.parametrize(
    ("message", "delivered_to", "queues"),
    [
        pytest.param(mail(to=[PRO, DYN]), "", ["PROPHIX", "DYNAMICS"], id="To, in the order of the header"),
        pytest.param(mail(to="szef@acme.example", cc=[PBI]), "", ["POWERBI"], id="Cc when To names none"),
        pytest.param(mail(to=DYN, cc=PBI), "", ["DYNAMICS", "POWERBI"], id="To before Cc"),
        pytest.param(mail(to="lista@acme.example"), PBI, ["POWERBI"], id="the delivery header when neither does"),
        pytest.param(mail(to=DYN), PBI, ["DYNAMICS"], id="To before the delivery header"),
        pytest.param(mail(to="x@acme.example"), "x@acme.example", ["TARGIT"], id="the mailbox's queue at last"),
        pytest.param(mail(to=[DYN, DYN.lower()]), "", ["DYNAMICS"], id="one queue once"),
    ],
)
def test_a_mail_belongs_to_the_queues_it_is_addressed_to(message: Any, delivered_to: str, queues: list[str]) -> None:
    found = addressed_queues(message, shipped_rules(), delivered_to, "TARGIT")
    assert [addressed.queue for addressed in found] == queues


def test_a_mail_that_leads_to_no_queue_is_a_surprise() -> None:
    with pytest.raises(LookupError, match="no queue"):
        routed("  - then: {}\n", mail(to="x@acme.example"))


def test_before_the_first_rule_stand_priority_3_an_error_and_the_customers_plan() -> None:
    route = routed("  - { when: { subject: nothing }, then: { priority: 1 } }\n")
    assert (route.queue, route.priority, route.kind, route.matched) == ("DYNAMICS", 3, TicketKind.ERROR, ())
    assert route.plan is not None
    assert route.plan.name == "START"


def test_a_known_contact_without_an_organisation_has_the_default_plan_and_a_stranger_none() -> None:
    text = HEAD.replace("queues:", "default_plan: START\nqueues:")
    rules = load_rules(text)
    known, stranger = (_route_of(rules, known=known) for known in (True, False))
    assert known.plan is not None
    assert stranger.plan is None


def _route_of(rules: Rules, **facts: Any) -> Route:
    return route_message(mail(), Classification(MessageKind.PERSONAL, ""), RouteFacts(TUESDAY_NOON, **facts), rules)


PDF = {"name": "Faktura.PDF", "type": "application/pdf", "size": 2_000_000}
PNG = {"name": "zrzut.png", "type": "image/png", "size": 10}

CONDITIONS = [
    ("subject: awari", {"subject": "AWARIA systemu"}, {"subject": "Awans"}),
    ('subject: "nie działa"', {"subject": "Nie  Dziala drukarka"}, {"subject": "nie, działa"}),
    ("subject: zwrot", {"subject": "ZWRÓT towaru"}, {"subject": "zawrot"}),
    ("subject: [awari, outage]", {"subject": "Outage"}, {"subject": "Inne"}),
    ('subject: "re:^fv? \\\\d+$"', {"subject": "FV 12"}, {"subject": "FV 12a"}),
    ('subject: "re:łódź"', {"subject": "LODZ"}, {"subject": "ldz"}),
    ('body: "Pilnie proszę"', {"body": "Dzień dobry,\npilnie\nprosze o kontakt"}, {"body": "proszę pilnie"}),
    ("from: jan@acme.example", {}, {"author": "xjan@acme.example"}),
    ('from: "*@acme.example"', {}, {"author": "jan@acme.example.org"}),
    ('from: "@acme."', {}, {"author": "jan@beta.example"}),
    ("from_domain: acme.example", {}, {"author": "jan@notacme.example"}),
    ('from_domain: "*.acme.example"', {"author": "jan@hq.acme.example"}, {}),
    ("to: pomoc", {}, {"to": "x@acme.example", "cc": "pomoc@desk.example"}),
    ("cc: szef@acme.example", {"cc": "szef@acme.example"}, {"to": ["szef@acme.example", "pomoc@desk.example"]}),
    (
        'header: { X-Priority: "re:^1" }',
        {"headers": {"x-priority": "1 (Highest)"}},
        {"headers": {"x-priority": "3 (1)"}},
    ),
    ("header: { A: x, B: y }", {"headers": {"a": "x", "b": "y"}}, {"headers": {"a": "x"}}),
    ('attachment: { name: "*.pdf" }', {"attachments": (PNG, PDF)}, {"attachments": (PNG,)}),
    ('attachment: { type: "image/*" }', {"attachments": (PNG,)}, {"attachments": (PDF,)}),
    ('attachment: { name: faktura, size: "> 1MB" }', {"attachments": (PDF,)}, {"attachments": ({**PDF, "size": 5},)}),
    (
        "attachment: { name: faktura, type: image }",
        {"attachments": ({**PDF, "type": "image/x"},)},
        {"attachments": (PDF, PNG)},
    ),
    ('size: "> 1MB"', {"size": 1024 * 1024 + 1}, {"size": 1024 * 1024}),
    ('size: ["< 10", ">= 20"]', {"size": 20}, {"size": 10}),
    ("any: [{ subject: x }, { body: y }]", {"body": "y"}, {"body": "z"}),
    ("any: { subject: x, body: y }", {"body": "y"}, {"body": "z"}),
    ("all: [{ subject: x }, { body: y }]", {"subject": "x", "body": "y"}, {"subject": "x"}),
    ("not: { subject: x, body: y }", {"subject": "x"}, {"subject": "x", "body": "y"}),
    ("not: [{ subject: x }, { body: y }]", {"subject": "a"}, {"subject": "x"}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_a_condition_on_the_mail_finds_what_it_means_and_nothing_else(
    condition: str, yes: dict[str, Any], no: dict[str, Any]
) -> None:
    rules = f"  - {{ name: r, when: {{ {condition} }}, then: {{ tags: [hit] }} }}\n"
    assert routed(rules, mail(**yes)).tags == ("hit",)
    assert routed(rules, mail(**no)).tags == ()


FACTS = [
    ("organisation: ACME", {}, {"organisation": "BETA"}),
    ("organisation: none", {"organisation": None}, {}),
    ("plan: START", {}, {"organisation": "BETA"}),
    ("plan: none", {"organisation": "BETA"}, {}),
    ("language: [pl, de]", {"language": "de"}, {"language": None}),
    ("language: none", {"language": None}, {"language": "pl"}),
    ("authenticated: true", {"authenticated": True}, {"authenticated": False}),
    ("authenticated: false", {"authenticated": False}, {"authenticated": True}),
    ("spam: true", {"spam": True}, {"spam": False}),
    ("origin: phone", {"origin": Origin.PHONE}, {}),
    ("message_kind: [list, auto_generated]", {"kind": MessageKind.LIST}, {"kind": MessageKind.PERSONAL}),
    ("hours: open", {}, {"delivered_at": TUESDAY_NOON + timedelta(hours=5)}),
    ("hours: closed", {"delivered_at": TUESDAY_NOON + timedelta(hours=5)}, {}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), FACTS, ids=[row[0] for row in FACTS])
def test_a_condition_on_what_we_know_of_the_mail_holds_or_not(
    condition: str, yes: dict[str, Any], no: dict[str, Any]
) -> None:
    rules = f"  - {{ name: r, when: {{ {condition} }}, then: {{ tags: [hit] }} }}\n"
    assert routed(rules, **yes).tags == ("hit",)
    assert routed(rules, **no).tags == ()


@pytest.mark.parametrize(
    ("first", "second", "hit"),
    [
        ("priority: 2", "priority: 2", True),
        ("priority: 2", 'priority: "<= 2"', True),
        ("priority: 4", 'priority: ["<= 2", 5]', False),
        ("kind: other", "kind: other", True),
        ("tags: [a, b]", "tag: [x, b]", True),
        ("tags: [a]", "tag: x", False),
        ("plan: START", "plan: START", True),
        ("queue: DYNAMICS", "queue: DYNAMICS", True),
        ("language: de", "language: de", True),
    ],
)
def test_a_condition_sees_the_fields_as_the_rules_above_left_them(first: str, second: str, hit: bool) -> None:
    rules = f"  - then: {{ {first} }}\n  - {{ when: {{ {second} }}, then: {{ watchers: [x@desk.example] }} }}\n"
    assert bool(routed(rules, organisation="BETA").watchers) is hit


def test_open_hours_are_those_of_the_calendar_that_the_rules_above_set() -> None:
    night = TUESDAY_NOON + timedelta(hours=12)
    text = HEAD.replace("calendars:\n", "calendars:\n  always: { hours: always }\n")
    rules = load_rules(
        f"{text}rules:\n  - then: {{ calendar: always }}\n  - {{ when: {{ hours: open }}, then: {{ tags: [t] }} }}\n"
    )
    route = route_message(mail(), Classification(MessageKind.PERSONAL, ""), RouteFacts(night), rules)
    assert (route.calendar, route.tags) == ("always", ("t",))


def test_every_matching_rule_applies_and_a_later_one_wins_a_field() -> None:
    route = routed("  - then: { priority: 2, tags: [a], language: de }\n  - then: { priority: 4, tags: [b, a] }\n")
    assert (route.priority, route.language, route.tags) == (4, "de", ("a", "b"))
    assert route.matched == ("rule 1", "rule 2")


@pytest.mark.parametrize("stopping", ["then: { priority: 2, stop: true }", "{ then: { priority: 2 }, stop: true }"])
def test_stop_ends_the_reading(stopping: str) -> None:
    assert routed(f"  - {stopping}\n  - then: {{ priority: 5 }}\n").priority == 2


def test_assigning_and_taking_turns_exclude_each_other_and_the_later_wins() -> None:
    assign, turns = "  - then: { assign: anna@desk.example }\n", "  - then: { round_robin: true }\n"
    first, second = routed(assign + turns), routed(turns + assign)
    assert (first.assignee, first.round_robin) == (None, ("anna@desk.example",))
    assert (second.assignee, second.round_robin) == ("anna@desk.example", None)


def test_an_alias_of_a_consultant_is_the_consultant() -> None:
    text = HEAD.replace("name: Anna", "name: Anna, aliases: [a@firma.example]")
    rules = load_rules(f"{text}rules:\n  - then: {{ assign: A@firma.example }}\n")
    assert rules.rules[0].then.assign == "anna@desk.example"


def test_all_other_actions_set_their_field() -> None:
    route = routed(
        "  - then: { kind: other, calendar: cwt, template: new_vip, forward: VENDOR, acknowledge: false,\n"
        "            quarantine: true, reject: not_here, discard: true, watchers: [W@desk.example] }\n",
        organisation="BETA",
    )
    assert (route.kind, route.calendar, route.template, route.forward) == (TicketKind.OTHER, "cwt", "new_vip", "VENDOR")
    assert (route.acknowledge, route.quarantine, route.reject, route.discard) == (False, True, "not_here", True)
    assert route.watchers == ("w@desk.example",)


def test_spam_is_quarantined_unless_a_rule_says_otherwise() -> None:
    assert routed("  - then: {}\n", spam=True).quarantine
    assert not routed("  - then: { quarantine: false }\n", spam=True).quarantine


def test_a_rule_that_names_a_plan_gives_the_plan_itself_and_the_customers_own_stays_its_own() -> None:
    text = HEAD.replace("plan: START }", "plan: START, reaction: 2h }")
    for rules, hours in (("  - then: {}\n", 2), ("  - then: { plan: START }\n", 2)):
        route = _route_of(load_rules(f"{text}rules:\n{rules}"), organisation="ACME")
        assert route.plan is not None
        assert route.plan.reaction == timedelta(hours=hours)
    other = _route_of(load_rules(f"{text}rules:\n  - then: {{ plan: START }}\n"), organisation="BETA")
    assert other.plan is not None
    assert other.plan.reaction == timedelta(hours=8)


def test_the_trace_says_what_decided_each_step() -> None:
    rule = "{ name: outage, when: { subject: [x, awari], plan: START }, then: { priority: 2, stop: true } }"
    route = routed(f"  - {rule}\n", mail(subject="Awaria"))
    assert [(step.step, step.outcome, step.why) for step in route.trace] == [
        ("queue", "DYNAMICS", "To names pomoc@desk.example; organisation ACME, plan START"),
        ("rule outage", "priority: 2, stop", "subject: awari, plan: START (line 17)"),
    ]


def test_the_reading_of_all_rules_says_why_the_others_do_not_apply() -> None:
    rules = load_rules(
        f"{HEAD}rules:\n"
        "  - { name: first, when: { subject: awari }, then: { priority: 2 } }\n"
        "  - { name: second, then: { tags: [t], stop: true } }\n"
        "  - { name: third, then: {} }\n"
    )
    steps = rules_read(mail(), Classification(MessageKind.PERSONAL, ""), RouteFacts(TUESDAY_NOON), rules)
    assert [(step.step, step.outcome, step.why) for step in steps] == [
        ("rule first", "does not apply", "misses subject: awari (line 17)"),
        ("rule second", "tags: t, stop", "every mail (line 18)"),
        ("stop", "1 rules not read", "rule second"),
    ]


def test_a_greedy_expression_on_a_huge_subject_takes_no_time() -> None:
    route = routed('  - { when: { subject: "re:(a+)+$b" }, then: { tags: [t] } }\n', mail(subject="a" * 1_000_000))
    assert route.tags == ()


def test_a_body_is_looked_at_up_to_its_32768th_character() -> None:
    rules = "  - { when: { body: needle }, then: { tags: [t] } }\n"
    assert routed(rules, mail(body="x" * 32_762 + " needle")).tags == ()
    assert routed(rules, mail(body="x" * 32_000 + " needle")).tags == ("t",)
