"""`helpdesk rules …`: is the admin's file right, and what does it make of a mail or of a time?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from helpdesk.cli import rules_trial
from helpdesk.cli.options import ConfigOption, JsonOption, RulesOption
from helpdesk.cli.output import print_json, print_rows, say
from helpdesk.cli.rules_file import given_time, read_rules
from helpdesk.desk.forecast import Forecast
from helpdesk.desk.hours import to_local
from helpdesk.desk.receipt import Receipt
from helpdesk.desk.rules.checks import warnings_at
from helpdesk.desk.rules.kinds import nearest
from helpdesk.desk.rules.reference import rules_reference
from helpdesk.desk.rules.schema import rules_schema
from helpdesk.desk.samples import run_samples
from helpdesk.errors import UsageError

rules_app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Check and try out routing_rules.yaml.", rich_markup_mode="rich"
)


rules_app.command("test")(rules_trial.test)
rules_app.command("diff")(rules_trial.diff)


@rules_app.command("check")
def check(config: ConfigOption = None, rules: RulesOption = None, as_json: JsonOption = False) -> None:
    """Read the rules and play their samples: 2 if they can't be read, 1 if a sample fails."""
    found = read_rules(config, rules)
    warnings = [*map(str, found.warnings), *warnings_at(found, datetime.now(UTC).date())]
    failures = run_samples(found)
    if as_json:
        for warning in warnings:
            print_json({"finding": "warning", "message": warning})
        for failure in failures:
            print_json({"finding": "sample", "message": str(failure)})
    else:
        for warning in warnings:
            say(f"! {warning}")
        for failure in failures:
            say(f"✗ {failure}")
    if failures:
        raise typer.Exit(1)
    if not as_json:
        sys.stdout.write(f"✓ {len(found.queues)} queues, {len(found.rules)} rules, {len(found.samples)} samples hold\n")


@rules_app.command("schema")
def schema(as_json: JsonOption = False) -> None:
    """Print a JSON Schema of the rules, so that editors complete and check them; --json: on one line."""
    import json

    sys.stdout.write(json.dumps(rules_schema(), ensure_ascii=False, indent=None if as_json else 1) + "\n")


@rules_app.command("reference")
def reference() -> None:
    """Print every key of the rules with its meaning, as Markdown."""
    sys.stdout.write(rules_reference())


@rules_app.command("when")
def when(
    queue: Annotated[str, typer.Option("--queue", metavar="Q", help="The queue that it is written to.")],
    times: Annotated[
        list[str],
        typer.Option("--at", metavar="TIME", help="When it is delivered; repeat it, or `-` to read one a line."),
    ],
    plan: Annotated[str | None, typer.Option("--plan", metavar="P", help="The customer's plan.")] = None,
    priority: Annotated[int, typer.Option("--priority", metavar="N", min=1, max=5, help="Its priority.")] = 3,
    config: ConfigOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
) -> None:
    """For each time: when a mail counts as received, and until when the desk reacts."""
    found = read_rules(config, rules)
    _refuse_unknown("queue", queue, found.queues)
    _refuse_unknown("plan", plan, found.plans)
    forecast = Forecast(found, queue, plan, priority)
    zone = found.calendars[found.queues[queue].calendar].zone
    rows = (_row(at, forecast.at(at), zone, as_json) for at in _times(times, found.timezone))
    print_rows(rows, as_json, ("at", "received_at", "react_by", "calendar", "guarantee"))


def _refuse_unknown(what: str, name: str | None, known: Iterable[str]) -> None:
    names = list(known)
    if name is not None and name not in names:
        raise UsageError(f"unknown {what} {name!r}{nearest(name, names)}")


def _times(written: list[str], zone: str) -> Iterator[datetime]:
    """Yield the instants; one without an offset is in the rules' zone. Raises UsageError."""
    for text in written:
        lines = (line.strip() for line in sys.stdin) if text == "-" else iter([text])
        for one in lines:
            if one:
                yield given_time(one, zone)


def _row(at: datetime, receipt: Receipt, zone: str, as_json: bool) -> dict[str, object]:
    guarantee = receipt.guarantee
    said = {"holds": guarantee.holds, "reason": guarantee.reason}
    return {
        "at": to_local(at, zone),
        "received_at": to_local(receipt.received_at, zone),
        "react_by": to_local(receipt.react_by, zone) if receipt.react_by else None,
        "calendar": receipt.calendar,
        "guarantee": said if as_json else guarantee.reason,
    }
