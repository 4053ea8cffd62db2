"""`helpdesk ledger`: time used for customers, and the month's account."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Any

import typer

from helpdesk.cli.acting import AsOption, KeyArgument, TextOption, acting, find
from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_json, say
from helpdesk.cli.statement import as_csv, as_json_object, as_text, entry_object
from helpdesk.desk.rules.kinds import nearest
from helpdesk.desk.worktime import parse_session
from helpdesk.errors import NotFoundError, UsageError
from helpdesk.premises import opened, utc_now
from helpdesk.services import ledger
from helpdesk.services.desk import Unit
from helpdesk.store.tables import LedgerRow

ledger_app = typer.Typer(no_args_is_help=True, help="Time used for customers, and the month's account.")


@ledger_app.command("add")
def add(
    key: KeyArgument,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="DURATION CHANNEL [DATE] [+0m]",
            help="How long (25m, 1h 10m) and how: remote, phone, programming, mail; since when (else: it has just "
            "ended); + how long writing it up took, instead of the plan's.",
        ),
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    consultant: AsOption = None,
    message: TextOption = None,
) -> None:
    """Write a session of work down: rounded and charged by the customer's plan of that day."""
    try:
        session = parse_session(words)
    except ValueError as error:
        raise UsageError(str(error)) from None
    with opened(config) as premises, premises.database.begin() as transaction:
        by, ticket = acting(premises, consultant), find(premises, transaction, key, lock=True)
        written = ledger.add(Unit(transaction, premises.desk, utc_now()), ticket, by, session, message or "")
        _report(_accepted(written), as_json)


@ledger_app.command("correct")
def correct(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The entry, as the statement numbers it.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    consultant: AsOption = None,
    message: TextOption = None,
) -> None:
    """Take an entry back by a counter-entry; nothing in the ledger is ever changed."""
    if not (message or "").strip():
        raise UsageError("a correction needs a reason: give it with -m TEXT")
    with opened(config) as premises, premises.database.begin() as transaction:
        by = acting(premises, consultant)
        back = ledger.correct(Unit(transaction, premises.desk, utc_now()), number, by, message or "")
        _report(_accepted(back), as_json)


@ledger_app.command("statement")
def statement(
    organisation: Annotated[str, typer.Argument(metavar="ORG", help="The customer's name in the rules.")],
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The calendar month.")],
    config: ConfigOption = None,
    as_csv_file: Annotated[bool, typer.Option("--csv", help="Print it for a spreadsheet.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print a customer's account of a month; the same entries always give the same bytes."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month, re.ASCII):
        raise UsageError(f"{month!r} is no month; write for instance 2026-11")
    with opened(config) as premises, premises.database.read() as session:
        known = premises.desk.rules.organisations
        if organisation not in known:
            raise NotFoundError(f"the rules know no organisation {organisation!r}{nearest(organisation, list(known))}")
        found = ledger.account(session, premises.desk, known[organisation], month)
    if as_json:
        print_json(as_json_object(found))
    else:
        sys.stdout.write(as_csv(found) if as_csv_file else as_text(found))


def _accepted(written: LedgerRow | str) -> LedgerRow:
    if isinstance(written, str):
        raise UsageError(written)
    return written


def _report(row: LedgerRow, as_json: bool) -> None:
    entry: dict[str, Any] = entry_object(ledger.entry_of(row))
    if as_json:
        print_json({"organisation": row.organisation, "month": row.month, **entry})
        return
    say(
        f"entry {row.number}: {entry['counted']} min counted for {row.organisation} in {row.month}, "
        f"{entry['packaged']} from the package, {entry['overage']} beyond it"
        + (f" for {entry['amount']} net" if entry["amount"] is not None else "")
    )
