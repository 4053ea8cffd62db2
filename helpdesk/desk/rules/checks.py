"""What must hold between the parts of the rules: names that exist (errors), and what is likely a slip (warnings)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from helpdesk.desk.daysoff import last_year_of
from helpdesk.desk.parties import PUBLIC_MAIL_DOMAINS
from helpdesk.desk.plans import Light, contract_light
from helpdesk.desk.rules.conditions import AllOf
from helpdesk.desk.rules.grammar import PLAN_KEYS
from helpdesk.desk.rules.kinds import Reading, Reference, nearest
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.errors import Problem

MAX_HINTS = 20
_ONE = {
    "calendars": "calendar",
    "consultants": "consultant",
    "organisations": "organisation",
    "partners": "partner",
    "plans": "plan",
    "queues": "queue",
}


def find_problems(values: dict[str, Any], reading: Reading) -> Iterator[Problem]:
    """Yield what contradicts itself: names that don't exist, prefixes used twice, our own addresses as people.

    `values` may lack whatever could not be read.
    """
    yield from _unknown_names(values, reading)
    yield from _empty_sections(values, reading)
    yield from _prefixes(values, reading)
    yield from _own_addresses(values, reading)
    yield from _overrides_of_nothing(values, reading)


def _unknown_names(values: dict[str, Any], reading: Reading) -> Iterator[Problem]:
    known = {section: list(values.get(section) or {}) for section in _ONE}
    for keys in (values.get("consultants") or {}).values():
        known["consultants"] += [alias for alias in (keys or {}).get("aliases", ()) if alias]
    names = {section: set(found) for section, found in known.items()}
    unknown = [one for one in reading.references if one.name not in names[one.section] and not _implied(one, values)]
    for number, reference in enumerate(unknown):
        choices = known[reference.section]
        hint = "" if choices else f"; the file has no {reference.section}"
        if choices and number < MAX_HINTS:  # to look for the nearest of 10,000 names takes a tenth of a second
            hint = nearest(reference.name, choices)
        message = f"unknown {_ONE[reference.section]} {reference.name!r}{hint}"
        yield Problem(reading.file, reference.node.line, reference.node.column, reference.path, message)


def _implied(reference: Reference, values: dict[str, Any]) -> bool:
    """A file without `consultants` knows those that its queues name."""
    return (
        reference.section == "consultants"
        and "consultants" not in values
        and reference.path.startswith("queues.")
        and "@" in reference.name
    )


def _empty_sections(values: dict[str, Any], reading: Reading) -> Iterator[Problem]:
    for section in ("calendars", "queues"):
        if section in values and values[section] == {} and not any(p.key == section for p in reading.problems):
            yield reading.problem_at(section, f"at least one {_ONE[section]} is needed")


def _prefixes(values: dict[str, Any], reading: Reading) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, keys in (values.get("queues") or {}).items():
        prefix = (keys or {}).get("prefix")
        if prefix and first.setdefault(prefix, name) != name:
            message = f"the prefix {prefix!r} belongs to the queue {first[prefix]!r} already"
            yield reading.problem_at(f"queues.{name}.prefix", message)


def _own_addresses(values: dict[str, Any], reading: Reading) -> Iterator[Problem]:
    """Mail to a person who is one of our own mailboxes would come back to us as a new ticket."""
    own = {
        addr: name for name, keys in (values.get("queues") or {}).items() for addr in (keys or {}).get("addresses", ())
    }
    for path, addresses in _people(values):
        for addr in addresses:
            if addr in own:
                message = f"{addr!r} is the address of the queue {own[addr]!r}: mail to it would come back as a ticket"
                yield reading.problem_at(path, message)


def _people(values: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "desk.admin", (values.get("desk") or {}).get("admin", ())
    for name, keys in (values.get("queues") or {}).items():
        for key in ("escalate_to", "on_call"):
            yield f"queues.{name}.{key}", (keys or {}).get(key, ())
    for addr, keys in (values.get("consultants") or {}).items():
        yield f"consultants.{addr}", (addr,)
        yield f"consultants.{addr}.aliases", (keys or {}).get("aliases", ())
    for name, keys in (values.get("partners") or {}).items():
        yield f"partners.{name}.addresses", (keys or {}).get("addresses", ())
    for name, keys in (values.get("organisations") or {}).items():
        yield f"organisations.{name}.contacts", (keys or {}).get("contacts", ())


def _overrides_of_nothing(values: dict[str, Any], reading: Reading) -> Iterator[Problem]:
    for name, keys in (values.get("organisations") or {}).items():
        if keys and "plan" not in keys and not values.get("default_plan"):
            own = next((key for key in keys if key in PLAN_KEYS), None)
            if own:
                message = "overrides a plan, but the organisation has none and there is no default_plan"
                yield reading.problem_at(f"organisations.{name}.{own}", message)


def warnings_of(rules: Rules, reading: Reading) -> tuple[Problem, ...]:
    """Return what is allowed but likely a slip, in the order of the file."""
    found = [*_claimed_twice(rules, reading), *_idle(rules, reading), *_never_reached(rules, reading)]
    found += [*_contracts(rules, reading)]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def _claimed_twice(rules: Rules, reading: Reading) -> Iterator[Problem]:
    owners: dict[tuple[str, str], str] = {}
    for section, name, key, word, values in _claims(rules):
        for value in values:
            path = f"{section}.{name}.{key}"
            first = owners.setdefault((word, value), name)
            if first != name:
                yield reading.problem_at(path, f"the {word} {value!r} belongs to {first!r} already, and stays there")
            if word == "domain" and value in PUBLIC_MAIL_DOMAINS:
                message = f"{value!r} is a public mail domain: it is nobody's; name the contacts one by one"
                yield reading.problem_at(path, message)


def _claims(rules: Rules) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    for queue in rules.queues.values():
        yield "queues", queue.name, "addresses", "queue address", queue.addresses
    for organisation in rules.organisations.values():
        yield "organisations", organisation.name, "domains", "domain", organisation.domains
        yield "organisations", organisation.name, "contacts", "contact", organisation.contacts
    for consultant in rules.consultants.values():
        yield "consultants", consultant.addr, "aliases", "consultant's address", (consultant.addr, *consultant.aliases)
    for partner in rules.partners.values():
        yield "partners", partner.name, "addresses", "partner's address", partner.addresses


def _idle(rules: Rules, reading: Reading) -> Iterator[Problem]:
    busy = {addr for queue in rules.queues.values() for addr in queue.consultants}
    for rule in rules.rules:
        busy.update(rule.then.round_robin or (), [rule.then.assign or ""])
    for addr in rules.consultants:
        if addr not in busy:
            yield reading.problem_at(f"consultants.{addr}", "works for no queue")
    for queue in rules.queues.values():
        if not queue.consultants:
            yield reading.problem_at(f"queues.{queue.name}", "has no consultants: nobody is told of its tickets")


def _never_reached(rules: Rules, reading: Reading) -> Iterator[Problem]:
    for number, rule in enumerate(rules.rules):
        if rule.stop and rule.when == AllOf(()) and number + 1 < len(rules.rules):
            for later in rules.rules[number + 1 :]:
                message = f"never reached: the rule {rule.name!r} in line {rule.line} stops for every mail"
                yield Problem(reading.file, later.line, 1, f"rule {later.name}", message)
            return


def _contracts(rules: Rules, reading: Reading) -> Iterator[Problem]:
    for organisation in rules.organisations.values():
        terms, valid = organisation.terms, organisation.valid
        if terms is not None and (missing := sorted(terms.agreed - organisation.overrides)):
            message = f"the plan {terms.name!r} leaves to each contract: {', '.join(missing)}"
            yield reading.problem_at(f"organisations.{organisation.name}", message)
        if terms is not None and valid is not None and _months(valid.first, valid.last) < terms.minimum_term:
            message = f"shorter than the plan's minimum term of {terms.minimum_term} months"
            yield reading.problem_at(f"organisations.{organisation.name}.valid", message)


def _months(first: date, last: date) -> int:
    """Return the whole months from the first day to the last, both included."""
    after = date.fromordinal(last.toordinal() + 1)
    return (after.year - first.year) * 12 + after.month - first.month - (after.day < first.day)


def warnings_at(rules: Rules, today: date) -> tuple[str, ...]:
    """Return what the date makes worth a warning: contracts that end soon, and tables of holidays that do."""
    return (*_contracts_ending(rules, today), *_tables_ending(rules, today))


def _contracts_ending(rules: Rules, today: date) -> Iterator[str]:
    for organisation in rules.organisations.values():
        if organisation.valid is not None and organisation.valid.last >= today:
            light = contract_light(organisation.valid, today)
            if light is not Light.GREEN:
                yield f"the contract of {organisation.name} ends on {organisation.valid.last} ({light})"


def _tables_ending(rules: Rules, today: date) -> tuple[str, ...]:
    """From 1 November on the table of each country must cover the next year."""
    ahead = today.year + (today.month >= 11)
    codes = {code for calendar in rules.calendars.values() for code in calendar.holidays}
    return tuple(
        f"the table of public holidays of {code} ends with {last_year_of(code)}: install a newer `holidays` package"
        for code in sorted(codes)
        if last_year_of(code) < ahead
    )
