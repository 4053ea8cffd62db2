"""`helpdesk agenda`: what the clock will do next."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from helpdesk.cli.options import ConfigOption, JsonOption, LimitOption
from helpdesk.cli.output import print_rows
from helpdesk.cli.rules_file import given_time
from helpdesk.desk.hours import to_local
from helpdesk.premises import opened, utc_now
from helpdesk.services.agenda import agenda as foretell


def agenda(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    limit: LimitOption = 100,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Up to this time; by default for a week.")
    ] = None,
) -> None:
    """List what the clock will do next, in order: warnings, reminders, closings, digests, retries; and who is away."""
    with opened(config) as premises, premises.database.read() as session:
        now, desk = utc_now(), premises.desk
        end = given_time(until, desk.rules.timezone, "--until") if until else now + timedelta(days=7)
        found = foretell(session, desk, now, end)[:limit]
    rows = (
        {"at": to_local(each.at, each.zone), "event": each.event, "ticket": each.ticket or None, "why": each.why}
        for each in found
    )
    print_rows(rows, as_json, ("at", "event", "ticket", "why"), nothing="the clock has nothing to do in that time")
