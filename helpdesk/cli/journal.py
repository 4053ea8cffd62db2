"""`helpdesk journal`: every mail that came in, raw, with what became of it."""

from __future__ import annotations

import sys
from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.options import ConfigOption, JsonOption, LimitOption
from helpdesk.cli.output import print_json, print_rows, say
from helpdesk.cli.present import Presenter
from helpdesk.desk.terms import EntryState
from helpdesk.errors import NotFoundError, UsageError
from helpdesk.premises import opened, utc_now
from helpdesk.services.replay import replay_entry
from helpdesk.store import journal
from helpdesk.store.tables import JournalRow
from helpdesk.store.unit_of_work import Session

journal_app = typer.Typer(no_args_is_help=True, help="Every mail that came in, and what became of it.")

COLUMNS = ("entry", "mailbox", "delivered_at", "state", "disposition", "reason", "ticket", "message_kind", "size")
EntryArgument = Annotated[int, typer.Argument(metavar="ENTRY", help="The entry's number, as `journal list` shows it.")]


@journal_app.command("list")
def list_entries(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    limit: LimitOption = 100,
    mailbox: Annotated[str | None, typer.Option(metavar="NAME", help="Only mail of this mailbox.")] = None,
    state: Annotated[EntryState | None, typer.Option(help="Only entries in this state.")] = None,
) -> None:
    """List mails: those that were shunted first, then the newest."""
    with opened(config) as premises, premises.database.read() as session:
        found = journal.entries(session, mailbox=mailbox, state=state, limit=limit)
        rows = Presenter(premises.desk).entries(session, found)
    print_rows(rows, as_json, COLUMNS, nothing="no mail yet")


@journal_app.command("show")
def show(entry: EntryArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one entry: what became of it, each step that led there, and what went wrong if anything did."""
    with opened(config) as premises, premises.database.read() as session:
        row = _entry(session, entry)
        shown = Presenter(premises.desk).entries(session, [row])[0]
        shown |= {"attempts": row.attempts, "filed": row.filed, "trace": row.trace, "failure": row.failure or None}
    if as_json:
        print_json(shown)
        return
    facts = ({"what": key, "is": value} for key, value in shown.items() if key not in ("trace", "failure"))
    print_rows(facts, as_json)
    print_rows(shown["trace"], as_json, ("step", "outcome", "why"))
    if shown["failure"]:
        say(shown["failure"])


@journal_app.command("export")
def export(
    entry: EntryArgument,
    config: ConfigOption = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; stdout.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a mail out, byte for byte as it came in."""
    with opened(config) as premises, premises.database.read() as session:
        [shown] = Presenter(premises.desk).entries(session, [_entry(session, entry)])
        raw = journal.raw(session, entry) or b""
    if output is not None:
        _write(output, raw)
    if as_json:
        content = {"file": str(output)} if output else {"content_base64": b64encode(raw).decode()}
        print_json(shown | content)
    elif output is None:
        sys.stdout.buffer.write(raw)


def _write(file: Path, raw: bytes) -> None:
    try:
        file.write_bytes(raw)
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}") from None


@journal_app.command("replay")
def replay(entry: EntryArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Take a shunted or held mail down the line again; a ticket that it made meanwhile is filled, not doubled."""
    with opened(config) as premises:
        refused = replay_entry(premises.database, premises.desk, utc_now, entry)
        if refused:
            raise NotFoundError(refused)
        with premises.database.read() as session:
            shown = Presenter(premises.desk).entries(session, [_entry(session, entry)])[0]
    print_rows([shown], as_json, COLUMNS)


def _entry(session: Session, identifier: int) -> JournalRow:
    row = journal.entry(session, identifier)
    if row is None:
        raise NotFoundError(f"there is no journal entry {identifier}")
    return row
