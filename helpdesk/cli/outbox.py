"""`helpdesk outbox`: every mail that goes out, per recipient, and how far it got."""

from __future__ import annotations

import sys
from base64 import b64encode
from typing import Annotated

import typer

from helpdesk.cli.options import ConfigOption, JsonOption, LimitOption
from helpdesk.cli.output import print_json, print_rows, say
from helpdesk.cli.present import Presenter
from helpdesk.desk.keys import key_fault, parse_key
from helpdesk.desk.terms import OutboxState
from helpdesk.errors import NotFoundError, UsageError
from helpdesk.premises import opened, utc_now
from helpdesk.store import accounts, gate, outbox, restoration

outbox_app = typer.Typer(no_args_is_help=True, help="Every mail that goes out, and how far it got.")

COLUMNS = ("id", "ticket", "notification", "recipient", "state", "reason", "attempts", "next_attempt_at", "code")
RETRIED = (OutboxState.DEFERRED, OutboxState.FAILED, OutboxState.UNKNOWN, OutboxState.HELD, OutboxState.CANCELLED)
CANCELLED = (OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.UNKNOWN, OutboxState.HELD, OutboxState.FAILED)
IdsArgument = Annotated[
    list[int], typer.Argument(metavar="ID…", help="The mails' numbers, as `outbox list` shows them.")
]
IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The mail's number, as `outbox list` shows it.")]


@outbox_app.command("list")
def list_mails(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    limit: LimitOption = 100,
    ticket: Annotated[str | None, typer.Option(metavar="KEY", help="Only mails about this ticket.")] = None,
    state: Annotated[list[OutboxState] | None, typer.Option(help="Only these states; repeats.")] = None,
) -> None:
    """List outgoing mails, the newest first."""
    with opened(config) as premises, premises.database.read() as session:
        number = parse_key(ticket, premises.desk.prefixes) if ticket else None
        if ticket and number is None:
            raise NotFoundError(key_fault(ticket, premises.desk.prefixes))
        found = outbox.listed(session, ticket=number, states=state or (), limit=limit)
        rows = Presenter(premises.desk).outgoing(session, found)
    print_rows(rows, as_json, COLUMNS, nothing="no mail has been written")


@outbox_app.command("show")
def show(identifier: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Write an outgoing mail out, byte for byte as it is sent; --json adds how far it got and each try."""
    with opened(config) as premises, premises.database.read() as session:
        content = outbox.content(session, identifier)
        if content is None:
            raise NotFoundError(f"there is no outgoing mail {identifier}")
        show = Presenter(premises.desk)
        [row] = show.outgoing(session, outbox.listed(session, identifier=identifier))
        tries = show.tries(outbox.tries(session, identifier))
    if as_json:
        print_json(row | {"tries": tries, "content_base64": b64encode(content).decode()})
    else:
        sys.stdout.buffer.write(content)


@outbox_app.command("retry")
def retry(identifiers: IdsArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Let mails that failed or wait be sent at the next opportunity, with the same bytes.

    For a mail that was held because the account was refused, the account is tried again as well.
    """
    _change(identifiers, config, as_json, RETRIED, OutboxState.QUEUED, "queued again by hand")


@outbox_app.command("cancel")
def cancel(identifiers: IdsArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Keep mails that have not left from leaving."""
    _change(identifiers, config, as_json, CANCELLED, OutboxState.CANCELLED, "cancelled by hand")


def _change(
    identifiers: list[int],
    config: ConfigOption,
    as_json: bool,
    allowed: tuple[OutboxState, ...],
    state: OutboxState,
    reason: str,
) -> None:
    with opened(config) as premises, premises.database.begin() as session:
        for identifier in identifiers:
            rows = outbox.listed(session, identifier=identifier)
            if not rows:
                raise NotFoundError(f"there is no outgoing mail {identifier}")
            if state is OutboxState.QUEUED and rows[0]["state"] == OutboxState.HELD:
                accounts.release(session, rows[0]["account"])
            if not outbox.set_state(session, identifier, allowed, state, reason):
                raise UsageError(
                    f"mail {identifier} is {rows[0]['state']}: only {', '.join(allowed)} can be changed so"
                )
        changed = [row for identifier in identifiers for row in outbox.listed(session, identifier=identifier)]
        rows = Presenter(premises.desk).outgoing(session, changed)
    if as_json:
        print_rows(rows, as_json)
    else:
        say(f"{len(identifiers)} {state}")


@outbox_app.command("release")
def release(
    everything: Annotated[
        bool, typer.Option("--all", help="Send what may have gone out before as well: some will come twice.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a desk whose database was restored from a copy send mail again.

    What stood in the copy's outbox, and what is written about mail that was fetched again, may have left before: it
    stays held, for `outbox retry` or `outbox cancel` to decide, unless --all is given.
    """
    with opened(config) as premises, premises.database.begin() as session:
        if restoration.standing(session) is None and not everything:
            raise UsageError("nothing is held back: the database was not restored, or was released before")
        queued, held = restoration.release(session, utc_now(), everything=everything)
    if as_json:
        print_json({"queued": queued, "held": held})
        return
    say(f"released: {queued} go out now, {held} that may have left before stay held")


@outbox_app.command("mutes")
def list_mutes(config: ConfigOption = None, as_json: JsonOption = False, limit: LimitOption = 100) -> None:
    """List the addresses that mail does not reach, and until when none is sent there."""
    with opened(config) as premises, premises.database.read() as session:
        zone = premises.desk.zone
        rows = [
            {"addr": row.addr, "until": row.until.astimezone(zone) if row.until else None, "reason": row.reason}
            for row in gate.muted(session, utc_now())[:limit]
        ]
    print_rows(rows, as_json, ("addr", "until", "reason"), nothing="nobody is muted")


@outbox_app.command("unmute")
def unmute(
    addr: Annotated[str, typer.Argument(metavar="ADDRESS", help="Who can be reached again.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let mail go to an address again; what was muted meanwhile stays so."""
    with opened(config) as premises, premises.database.begin() as session:
        if not gate.unmute(session, addr):
            raise NotFoundError(f"{addr} is not muted")
    if as_json:
        print_json({"addr": addr, "muted": False})
    else:
        say(f"mail goes to {addr} again")
