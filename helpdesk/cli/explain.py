"""`helpdesk explain`: why a ticket or a mail went where it did, each step with what decided."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from helpdesk.cli.acting import find
from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_rows
from helpdesk.errors import NotFoundError
from helpdesk.premises import Premises, opened
from helpdesk.services.deadlines import deadline_steps
from helpdesk.store import journal, outbox, tickets
from helpdesk.store.tables import JournalRow, TicketRow
from helpdesk.store.unit_of_work import Session

COLUMNS = ("entry", "step", "outcome", "why")


def explain(
    what: Annotated[str, typer.Argument(metavar="KEY | ENTRY", help="A ticket's key, or a journal entry's number.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why this queue, this thread, this answer or silence: each step with the rule, header or hours that decided.

    A bare number is a journal entry; a ticket is named by its whole key.
    """
    with opened(config) as premises, premises.database.read() as session:
        rows = _steps(premises, session, what)
    print_rows(rows, as_json, COLUMNS)


def _steps(premises: Premises, session: Session, what: str) -> list[dict[str, Any]]:
    if not what.isdigit():
        return _of_ticket(premises, session, find(premises, session, what))
    entry = journal.entry(session, int(what))
    if entry is None:
        raise NotFoundError(f"there is no journal entry {what}; a ticket is named by its whole key, as DYN-{what}")
    return _of_entry(entry)


def _of_ticket(premises: Premises, session: Session, ticket: TicketRow) -> list[dict[str, Any]]:
    entries = [step for entry in tickets.entries_of(session, ticket.number) for step in _of_entry(entry)]
    history = [
        {"entry": None, "step": one.event, "outcome": one.new or one.old, "why": f"{one.by}: {one.reason}".rstrip(": ")}
        for one in tickets.history_of(session, ticket.number)
    ]
    mails = [
        {
            "entry": None,
            "step": f"mail {row['id']}",
            "outcome": f"{row['notification']} to {row['recipient']}: {row['state']}",
            "why": row["reason"] or row["cause"],
        }
        for row in reversed(outbox.listed(session, ticket=ticket.number))
    ]
    return entries + _deadline(premises, ticket) + history + mails


def _deadline(premises: Premises, ticket: TicketRow) -> list[dict[str, Any]]:
    """Return the slices of working time that made the deadline."""
    return [{"entry": None, "step": step.step, "outcome": step.outcome, "why": step.why}
            for step in deadline_steps(premises.desk, ticket)]  # fmt: skip


def _of_entry(entry: JournalRow) -> list[dict[str, Any]]:
    last = {"step": "disposition", "outcome": entry.disposition or entry.state, "why": entry.reason}
    return [{"entry": entry.id, **step} for step in [*entry.trace, last]]
