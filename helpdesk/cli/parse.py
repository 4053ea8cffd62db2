"""`helpdesk parse`: what the helpdesk understands of raw mails, without keeping them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_rows
from helpdesk.mail.authentication import Authentication, Verdict, authenticate
from helpdesk.mail.classify import OwnIdentity, classify
from helpdesk.mail.describe import describe, describe_nothing
from helpdesk.mail.message import InboundMessage
from helpdesk.mail.parse import parse_message

COLUMNS = ("file", "ok", "error", "from", "subject", "date", "kind", "reason", "new_text")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Whom the desk is and whom it trusts; without a configuration: nobody."""

    own: OwnIdentity = field(default_factory=OwnIdentity)
    witnesses: frozenset[tuple[str, str]] = frozenset()  # (profile, authserv-id) of the mailboxes


def parse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Raw mails, as a server delivers them (.eml).")],
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Print what each mail says: people, texts, attachments, and what kind of mail it is and why.

    No configuration is needed; with one, the desk's own addresses and its trusted mail servers are known. Ends
    with 1 if a mail could not be read; the others are shown all the same.
    """
    knowledge = _knowledge(config) if config else Knowledge()
    rows = (row_of(file, knowledge) for file in files)
    if not (_print_each(rows) if as_json else _print_all(list(rows))):
        raise typer.Exit(1)


def _print_each(rows: Iterable[dict[str, Any]]) -> bool:
    """Print each row as soon as it is there; return whether every mail could be read."""
    unread = 0
    for row in rows:
        print_rows([row], as_json=True)
        unread += not row["ok"]
    return not unread


def _print_all(rows: Sequence[dict[str, Any]]) -> bool:
    print_rows(rows, as_json=False, columns=COLUMNS)
    return all(row["ok"] for row in rows)


def row_of(file: Path, knowledge: Knowledge) -> dict[str, Any]:
    """Return the mail's row; a file that can't be read has its error in it and stops nobody."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        return {"file": str(file), "ok": False, "error": f"can't be read: {error.strerror}", **describe_nothing()}
    if not raw.strip():
        return {"file": str(file), "ok": False, "error": "is empty: there is no mail in it", **describe_nothing()}
    message = parse_message(raw)
    facts = describe(message, classify(message, knowledge.own), _authentication(message, knowledge))
    return {"file": str(file), "ok": True, "error": None, **facts}


def _authentication(message: InboundMessage, knowledge: Knowledge) -> Authentication | None:
    """Return what the first witness says that says anything; None where none is configured."""
    found = [authenticate(message, profile, host) for profile, host in sorted(knowledge.witnesses)]
    return next((item for item in found if item.verdict is not Verdict.NONE), found[0] if found else None)


def _knowledge(config: Path) -> Knowledge:
    """Read the settings and the rules they name. Raises ConfigurationError."""
    from helpdesk.config import load_settings  # here: most calls have no configuration
    from helpdesk.services.rulesfile import read_rules

    settings = load_settings(config)
    rules = read_rules(settings.rules)
    addresses = frozenset(addr.casefold() for queue in rules.queues.values() for addr in queue.addresses)
    trusted = [mailbox.authentication for mailbox in settings.mailbox.values()]
    witnesses = frozenset((each.profile, each.authserv_id) for each in trusted)
    return Knowledge(OwnIdentity(addresses, settings.instance), witnesses)
