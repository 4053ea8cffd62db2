"""`helpdesk contacts`: what is kept of a person on the customers' side, and its removal."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_json, say, working
from helpdesk.cli.present import Presenter
from helpdesk.errors import NotFoundError, UsageError
from helpdesk.premises import Premises, opened, utc_now
from helpdesk.services import contacts
from helpdesk.services.contacts import Erasure, Traces
from helpdesk.store import journal, outbox, tickets, traces
from helpdesk.store.unit_of_work import Session

contacts_app = typer.Typer(no_args_is_help=True, help="What is kept of a person, and its removal.")

AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="The person's mail address.")]


@contacts_app.command("export")
def export(address: AddressArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Print everything that is kept of a person, as JSON; with --json one object a line.

    `what` says what a line is: the contact, a ticket with all that was said on it, a mail of theirs or one that names
    them, a letter to them, another row. Tickets hold other people's words and internal notes: look before it is sent.
    """
    with opened(config) as premises, premises.database.read() as session:
        with working("looking through the mails …"):
            found = contacts.trace(session, premises.desk, address)
        if found.is_empty:
            raise NotFoundError(f"nothing is kept of {found.addr}")
        for row in _everything(premises, session, found):
            print_json(row, indent=None if as_json else 1)


def _everything(premises: Premises, session: Session, found: Traces) -> Iterator[dict[str, Any]]:
    show = Presenter(premises.desk)
    yield {"what": "contact", "addr": found.addr, "names": found.names}
    for _, ticket in sorted(tickets.by_number(session, found.tickets).items()):
        yield {"what": "ticket", **show.whole_ticket(session, ticket)}
    for entry in traces.entries(session, found.mails | found.foreign | found.copies):
        content = journal.raw(session, entry.id or 0) or b""
        written = "by them" if entry.id in found.mails else "names them"
        [shown] = show.entries(session, [entry])
        yield {"what": "mail", "written": written, **shown, "content_base64": b64encode(content).decode()}
    for identifier in sorted(found.letters):
        content = outbox.content(session, identifier) or b""
        [shown] = show.outgoing(session, outbox.listed(session, identifier=identifier))
        yield {"what": "letter", **shown, "content_base64": b64encode(content).decode()}
    for table, row in traces.elsewhere(session, found.addr):
        yield {"what": table, **row}


@contacts_app.command("erase")
def erase(
    address: AddressArgument,
    config: ConfigOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask whether it is meant.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove a person for good: their mails, words, files and letters, and their address wherever it stands.

    Tickets keep their numbers and times under a pseudonym, and the ledger stays. What else is kept is said, with the
    reason. `helpdesk contacts export` first shows what it is about.
    """
    with opened(config) as premises:
        if not yes:
            _confirm(premises, address)
        with working("looking through the mails …"):
            done = contacts.erase(premises.database, premises.desk, address, utc_now())
    if as_json:
        print_json({"pseudonym": done.pseudonym, "tickets": done.keys, "erased": done.done, "kept": done.kept})
    else:
        _tell(address, done)


def _confirm(premises: Premises, address: str) -> None:
    """Say what is about to go and ask. Raises UsageError where nobody can answer."""
    if not sys.stdin.isatty():
        raise UsageError("erasing can't be undone: add --yes if it is meant")
    with premises.database.read() as session:
        found = contacts.trace(session, premises.desk, address)
    if found.is_empty:
        raise NotFoundError(f"nothing is kept of {found.addr}")
    mails = len(found.mails | found.copies)
    say(f"{len(found.tickets)} tickets, {mails} mails and {len(found.letters)} letters name {found.addr}.")
    typer.confirm("Erase them? It can't be undone", abort=True, err=True)


def _tell(address: str, done: Erasure) -> None:
    say(f"{address} is erased; {done.pseudonym} stands in its place.")
    for what, count in done.done.items():
        names = f" ({', '.join(done.keys)})" if what == "tickets" and done.keys else ""
        say(f"  {count} {what.replace('_', ' ')}{names}")
    say("Kept:")
    for sentence in done.kept:
        say(f"  {sentence}")
