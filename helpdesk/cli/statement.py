"""A month's account as text, CSV and JSON: the same entries give the same bytes, on any terminal and in any year."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from helpdesk.desk.hours import to_local
from helpdesk.desk.ledger import LedgerEntry, Statement
from helpdesk.services.ledger import Account

MINUTE = timedelta(minutes=1)
COLUMNS = (
    "number", "started_at", "ticket", "kind", "consultant", "channel", "worked", "write_up", "rounded_to", "counted",
    "packaged", "overage", "rate", "amount", "corrects", "plan", "reason",
)  # fmt: skip
SHOWN = ("number", "started_at", "ticket", "channel", "worked", "write_up", "rounded_to", "counted", "packaged",
         "overage", "rate", "amount", "consultant", "reason")  # fmt: skip
WORDS = ("ticket", "channel", "consultant", "reason", "started_at")  # set to the left
SUMS = ("package", "packaged", "package_left", "overage", "unpriced", "guaranteed_support", "guaranteed_support_used")


def entry_object(entry: LedgerEntry) -> dict[str, Any]:
    """Return an entry with the keys of JSON and CSV; lengths are in minutes, money has two decimals."""
    charge = entry.charge
    return {
        "number": entry.number,
        "started_at": to_local(entry.started_at, entry.zone).isoformat(timespec="minutes"),
        "ticket": entry.ticket,
        "kind": entry.kind.value,
        "consultant": entry.consultant,
        "channel": charge.channel.value,
        "worked": minutes(charge.worked),
        "write_up": minutes(charge.write_up),
        "rounded_to": minutes(charge.unit) or None,
        "counted": minutes(charge.counted),
        "packaged": minutes(charge.packaged),
        "overage": minutes(charge.overage),
        "rate": str(charge.rate) if charge.rate is not None else None,
        "amount": str(charge.amount) if charge.amount is not None else None,
        "corrects": entry.corrects,
        "plan": entry.plan or None,
        "reason": entry.reason or None,
    }


def minutes(length: timedelta) -> int | float:
    """Return a length in minutes, whole where it is."""
    return length // MINUTE if not length % MINUTE else round(length / MINUTE, 2)


def as_json_object(account: Account) -> dict[str, Any]:
    """Return the account as one JSON object."""
    found = account.statement
    return {
        "organisation": account.organisation,
        "month": account.month,
        "plan": account.plan or None,
        **{name: _sum(found, name) for name in SUMS},
        "amount": str(found.amount),
        "entries": [entry_object(entry) for entry in found.entries],
    }


def as_csv(account: Account) -> str:
    """Return the entries for a spreadsheet, RFC 4180 but for plain line ends; a cell can't pass for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in account.statement.entries:
        cells = entry_object(entry)
        writer.writerow([_cell(cells[name]) for name in COLUMNS])
    return text.getvalue()


def as_text(account: Account) -> str:
    """Return the account for people: the entries in columns, then the sums."""
    found = account.statement
    lines = [f"{account.organisation}  {account.month}  {account.plan or 'no plan'}", ""]
    lines += _table([entry_object(entry) for entry in found.entries])
    sums = [(name.replace("_", " "), _sum(found, name)) for name in SUMS]
    lines += [f"{name:<24} {_hours(length):>8}" for name, length in sums if length is not None]
    lines.append(f"{'amount, net':<24} {found.amount:>8}")
    return "\n".join(lines) + "\n"


def _sum(found: Statement, name: str) -> int | float | None:
    length: timedelta | None = getattr(found, name)
    return None if length is None else minutes(length)


def _hours(length: float) -> str:
    """Return minutes as 1:30."""
    whole = round(length)
    return f"{'-' if whole < 0 else ''}{abs(whole) // 60}:{abs(whole) % 60:02}"


def _cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return f"'{value}"
    return "" if value is None else value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def _table(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["no entries", ""]
    cells = [[_shown(row[name]) for name in SHOWN] for row in map(_with_reason, rows)]
    heads = [name.replace("_", " ") for name in SHOWN]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    return [_line(heads, widths), *(_line(row, widths) for row in cells), ""]


def _with_reason(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with a counter-entry's number in words."""
    if row["corrects"] is None:
        return row
    return {**row, "reason": f"takes back {row['corrects']}: {row['reason'] or ''}"}


def _line(cells: list[str], widths: list[int]) -> str:
    aligned = (
        cell.ljust(width) if name in WORDS else cell.rjust(width)
        for name, cell, width in zip(SHOWN, cells, widths, strict=True)
    )
    return "  ".join(aligned).rstrip()


def _shown(value: object) -> str:
    text = "" if value is None else str(value)
    return "".join(ch if ch.isprintable() else " " for ch in text)
