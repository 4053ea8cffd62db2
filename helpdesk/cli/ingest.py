"""`helpdesk ingest`: raw mails taken in as if a mailbox had delivered them: imports, or an MTA's pipe."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_json, say, visible
from helpdesk.cli.present import Presenter
from helpdesk.desk.terms import EntryState
from helpdesk.errors import UsageError
from helpdesk.premises import Premises, opened, utc_now
from helpdesk.services.process import process_batch
from helpdesk.store import journal
from helpdesk.store.journal import NewEntry

STDIN = Path("-")


def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE… | -", help="Raw mails (.eml); - reads one from stdin.")],
    mailbox: Annotated[str, typer.Option("--mailbox", metavar="NAME", help="As which mailbox of helpdesk.toml.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    silent: Annotated[bool, typer.Option("--silent", help="Open tickets, write to nobody: for archives.")] = False,
    delivered_at: Annotated[
        str,
        typer.Option("--delivered-at", metavar="header|now|TIME", help="When they count as delivered."),
    ] = "now",
) -> None:
    """Take raw mails in as if that mailbox had delivered them.

    Exit 75 if the database can't be written now: an MTA then keeps the mail and tries again.
    """
    with opened(config) as premises:
        if mailbox not in premises.settings.mailbox:
            names = ", ".join(premises.settings.mailbox) or "none"
            raise UsageError(f"--mailbox: helpdesk.toml has no mailbox {mailbox!r}; it has: {names}")
        unread = 0
        for file in files:
            row = _ingest_one(premises, mailbox, file, silent, delivered_at)
            unread += row["state"] == "unreadable" or row["disposition"] == "shunted"
            _report(row, as_json)
    if unread:
        raise typer.Exit(1)


def _ingest_one(premises: Premises, mailbox: str, file: Path, silent: bool, delivered_at: str) -> dict[str, Any]:
    try:
        raw = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    except OSError as error:
        reason = f"can't be read: {error.strerror}"
        nothing = {"entry": None, "disposition": None, "reason": reason, "ticket": None, "state": "unreadable"}
        return {"file": str(file), **nothing}
    return {"file": str(file), **_take_in(premises, mailbox, raw, silent, delivered_at)}


def _take_in(premises: Premises, mailbox: str, raw: bytes, silent: bool, delivered_at: str) -> dict[str, Any]:
    now = utc_now()
    entry = NewEntry(mailbox, None, None, _delivered(premises, raw, delivered_at, now), raw, silent=silent)
    with premises.database.begin() as session:
        ids = journal.add_entries(session, [entry], now)
    process_batch(premises.database, premises.desk, utc_now, f"ingest-{ids[0]}", only=ids)
    with premises.database.read() as session:
        row = journal.entry(session, ids[0])
        assert row is not None
        shown = Presenter(premises.desk).entries(session, [row])[0]
    return {key: shown[key] for key in ("entry", "disposition", "reason", "ticket", "state")}


def _delivered(premises: Premises, raw: bytes, choice: str, now: datetime) -> datetime:
    """Return when a mail counts as delivered; one whose own Date can't be read counts from now."""
    if choice == "now":
        return now
    if choice == "header":
        from helpdesk.mail.parse import parse_message

        return parse_message(raw).date or now
    try:
        given = datetime.fromisoformat(choice)
    except ValueError:
        raise UsageError(
            f"--delivered-at: {choice!r} is neither header, now, nor a time like 2026-11-20T18:32"
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=premises.desk.zone)


def _report(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json({key: row[key] for key in ("file", "entry", "disposition", "reason", "ticket")})
    elif row["entry"] is None or row["disposition"] == EntryState.SHUNTED:
        say(f"{row['file']}: {row['reason']}")
    else:
        sys.stdout.write(f"{visible(row['file'])}: {row['disposition']} {visible(row['ticket'] or row['reason'])}\n")
