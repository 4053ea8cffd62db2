"""The pure core by itself: business time, receipts, loading rules, routing. `python -m bench.core` prints a table.

No servers, no database: what the desk decides per mail, beside an empty list of rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk.desk.forecast import Forecast
from helpdesk.desk.route import route_message
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.samples import run_samples
from helpdesk.mail.message import Classification, MessageKind

SHIPPED = Path(__file__).parents[1] / "routing_rules.yaml"
FRIDAY = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
ORGANISATIONS, RULES = 10_000, 200


def many_rules() -> str:
    """Return the shipped rules with 10,000 customers and 200 rules more, half of them about the body."""
    customers = "".join(
        f"  O{n}: {{ domains: [o{n}.example], contacts: [j@o{n}.test], plan: START, valid: 2026-01-01..2027-12-31 }}\n"
        for n in range(ORGANISATIONS)
    )
    rules = "".join(
        f'  - {{ when: {{ {field}: [slowo{n}, wyraz{n}, "re:(kot|wół){n}"] }}, then: {{ tags: [t{n}] }} }}\n'
        for n, field in ((n, "subject" if n % 2 else "body") for n in range(RULES))
    )
    text = SHIPPED.read_text(encoding="utf-8")
    return text.replace("\norganisations:\n", f"\norganisations:\n{customers}", 1).replace(
        "\nrules:\n", f"\nrules:\n{rules}", 1
    )


def rate(call: Callable[[], object], times: int) -> float:
    """Return calls a second."""
    started = time.perf_counter()
    for _ in range(times):
        call()
    return times / (time.perf_counter() - started)


def routing(rules: Rules) -> float:
    """Return routed mails a second, for an ordinary mail of 2.6 KB."""
    sample = rules.samples[0]
    body = "Dzień dobry, proszę o pomoc w sprawie faktury nr 123, która się nie księguje od wczoraj.\n" * 30
    message = replace(sample.message(), text=body)
    facts, kind = replace(sample.facts, organisation="ACME"), Classification(MessageKind.PERSONAL, "")
    return rate(lambda: route_message(message, kind, facts, rules), 2_000)


def main() -> None:
    """Print the table."""
    started = time.perf_counter()
    rules = load_rules(many_rules())
    loaded = time.perf_counter() - started
    small = load_rules(SHIPPED.read_text(encoding="utf-8"))
    start, forecast = small.calendars["start"], Forecast(small, "DYNAMICS", "START")
    full, empty = routing(rules), routing(replace(rules, rules=()))
    rows = (
        (
            "deadline the same day",
            f"{rate(lambda: start.add_working_time(FRIDAY, timedelta(hours=1)), 100_000):,.0f} /s",
        ),
        (
            "deadline 50 weeks away",
            f"{rate(lambda: start.add_working_time(FRIDAY, timedelta(hours=2000)), 100_000):,.0f} /s",
        ),
        ("receipt with its rules", f"{rate(lambda: forecast.at(FRIDAY), 20_000):,.0f} /s"),
        ("shipped samples, all", f"{rate(lambda: run_samples(small), 20):,.0f} /s"),
        (f"load {ORGANISATIONS:,} customers, {RULES} rules more", f"{loaded:.2f} s"),
        (f"route under {len(rules.rules)} rules", f"{full:,.0f} mails/s"),
        ("route under none", f"{empty:,.0f} mails/s ({full / empty:.3f})"),
    )
    for name, figure in rows:
        print(f"{name:45} {figure}")


if __name__ == "__main__":
    main()
