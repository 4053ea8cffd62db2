"""From the text of routing_rules.yaml to the `Rules`: read, check that every name exists, build.

`load_rules` is the only way in. The values are built only when nothing was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from helpdesk.desk.hours import BusinessHours, ReceiptRule
from helpdesk.desk.parties import Consultant, DeskSettings, Organisation, Partner, Queue
from helpdesk.desk.plans import Channel, Plan
from helpdesk.desk.rules.actions import Action
from helpdesk.desk.rules.checks import find_problems, warnings_of
from helpdesk.desk.rules.grammar import AGREED, FILE, PLAN_KEYS
from helpdesk.desk.rules.kinds import Reading
from helpdesk.desk.rules.rulegrammar import WHEN_ALWAYS
from helpdesk.desk.rules.ruleset import CrossPosted, LifecycleSettings, Rule, Rules
from helpdesk.desk.rules.sample import sample_of
from helpdesk.desk.rules.yamltree import YamlError, read_tree
from helpdesk.errors import Problem, RulesError

DEFAULT_ZONE = "Europe/Warsaw"
MAX_PROBLEMS = 100


def load_rules(text: str, file: str = "routing_rules.yaml") -> Rules:
    """Return the rules that the text says. Raises RulesError with everything that is wrong in it.

    `file` is only for the messages. Nothing is read, nothing but the text decides.
    """
    values, reading = _read(text, file)
    problems = [*reading.problems, *find_problems(values, reading)]
    if problems:
        raise RulesError(_first_of(sorted(problems, key=lambda problem: (problem.line, problem.column))))
    rules = _build(values, reading, sha256(text.encode()).hexdigest())
    return replace(rules, warnings=warnings_of(rules, reading))


def _first_of(problems: list[Problem]) -> list[Problem]:
    """Return as many problems as somebody reads, and how many more there are."""
    more = len(problems) - MAX_PROBLEMS
    if more <= 0:
        return problems
    last = problems[MAX_PROBLEMS]
    return [*problems[:MAX_PROBLEMS], Problem(last.file, last.line, 1, "", f"… and {more} more problems from here on")]


def _read(text: str, file: str) -> tuple[dict[str, Any], Reading]:
    reading = Reading(file)
    try:
        tree = read_tree(text)
    except YamlError as error:
        raise RulesError([Problem(file, error.line, error.column, "", error.message)]) from None
    if tree is None:
        raise RulesError([Problem(file, 1, 1, "", "the file is empty; `helpdesk init` writes one to begin with")])
    return FILE.read(tree, "", reading), reading


def _build(values: dict[str, Any], reading: Reading, version_hash: str) -> Rules:
    zone = values.get("timezone", DEFAULT_ZONE)
    plans = {name: _plan(Plan(name), keys) for name, keys in values.get("plans", {}).items()}
    consultants = _consultants(values)
    aliases = {alias: one.addr for one in consultants.values() for alias in (one.addr, *one.aliases)}
    return Rules(
        version_hash=version_hash,
        timezone=zone,
        desk=DeskSettings(**values.get("desk", {})),
        calendars={name: _calendar(name, keys, zone) for name, keys in values["calendars"].items()},
        default_plan=values.get("default_plan"),
        plans=plans,
        queues={name: _queue(name, keys, aliases) for name, keys in values["queues"].items()},
        consultants=consultants,
        organisations={
            name: _organisation(name, keys, plans, values.get("default_plan"))
            for name, keys in values.get("organisations", {}).items()
        },
        partners={name: Partner(name, **keys) for name, keys in values.get("partners", {}).items()},
        lifecycle=LifecycleSettings(**values.get("lifecycle", {})),
        cross_posted=CrossPosted(values.get("cross_posted", CrossPosted.PRIMARY)),
        command_aliases=values.get("commands", {}),
        rules=tuple(_rule(number, keys, aliases, reading) for number, keys in enumerate(values.get("rules", ()), 1)),
        samples=tuple(
            sample_of(number, keys, zone, aliases, reading) for number, keys in enumerate(values.get("samples", ()), 1)
        ),
    )


def _calendar(name: str, keys: Mapping[str, Any], zone: str) -> BusinessHours:
    return BusinessHours(
        name,
        keys.get("timezone", zone),
        keys["hours"],
        keys.get("holidays", ()),
        frozenset(keys.get("closed", ())),
        tuple(sorted(keys["open"].items())),
        keys.get("receipt", ReceiptRule.NEXT_OPENING),
    )


def _plan(base: Plan, keys: Mapping[str, Any]) -> Plan:
    """Return the plan with the keys of the file set; those left to each contract are noted in `agreed`."""
    settings = {name: value for name, value in keys.items() if value is not AGREED}
    if "package_for" in settings:
        settings["package_for"] = frozenset(settings["package_for"])
    if "rounding" in settings:
        own = {Channel(name): unit for name, unit in settings["rounding"].items()}
        settings["rounding"] = {**base.rounding, **own}  # a customer's own unit leaves the plan's others
    left = frozenset(name for name, value in keys.items() if value is AGREED)
    return replace(base, **settings, agreed=base.agreed | left)


def _queue(name: str, keys: dict[str, Any], aliases: Mapping[str, str]) -> Queue:
    consultants = dict.fromkeys(aliases.get(addr, addr) for addr in keys.get("consultants", ()))
    return Queue(name, **{"from_name": name, **keys, "consultants": tuple(consultants)})


def _consultants(values: dict[str, Any]) -> dict[str, Consultant]:
    """Return the consultants; a file without that section knows those that its queues name."""
    if "consultants" in values:
        return {addr: Consultant(addr, **keys) for addr, keys in values["consultants"].items()}
    named = (addr for keys in values["queues"].values() for addr in keys.get("consultants", ()))
    return {addr: Consultant(addr) for addr in named}


def _organisation(name: str, keys: dict[str, Any], plans: Mapping[str, Plan], default: str | None) -> Organisation:
    own = {key: value for key, value in keys.items() if key in PLAN_KEYS}
    rest = {key: value for key, value in keys.items() if key not in PLAN_KEYS}
    base = rest.get("plan") or (default if own else None)
    terms = plans[base] if base else None
    if terms is not None and own:
        terms = _plan(terms, own)
    return Organisation(name, **rest, terms=terms, overrides=frozenset(own))


def _rule(number: int, keys: dict[str, Any], aliases: Mapping[str, str], reading: Reading) -> Rule:
    then = dict(keys["then"])
    stop = then.pop("stop", False) or keys.get("stop", False)
    if "assign" in then:
        then["assign"] = aliases.get(then["assign"], then["assign"])
    if "round_robin" in then:
        then["round_robin"] = tuple(aliases.get(addr, addr) for addr in then["round_robin"])
    line, _ = reading.places[f"rules[{number}].then"]
    line = reading.places.get(f"rules[{number}].name", (line, 0))[0]
    return Rule(keys.get("name") or f"rule {number}", line, keys.get("when", WHEN_ALWAYS), Action(**then), stop)
