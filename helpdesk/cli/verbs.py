"""The verbs of `helpdesk tickets VERB KEY [ARG]`: CONTRACT's, one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from helpdesk.cli.acting import (
    Action,
    AsOption,
    AttachOption,
    FileOption,
    KeyArgument,
    Order,
    SilentOption,
    TextOption,
    do,
)
from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.services import actions, regroup, timesheet, verdicts, visits
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.services.revoking import revoke
from helpdesk.store.tables import TicketRow

WithWords = Callable[[Unit, TicketRow, Act, str], Done]


def register(app: typer.Typer) -> None:
    """Add every verb to the app."""
    _verb(app, "comment", actions.comment, "Write to the customer.", needs_text=True)
    _verb(app, "note", actions.note, "Write among consultants; the customer never sees it.", needs_text=True)
    _verb(app, "take", _take, "Make it yours: the reaction that the plan promises.")
    _verb(app, "pending", actions.pend, "Wait for the customer; a text goes to them.")
    _verb(app, "resolve", actions.resolve, "Say that it is solved; a text travels in the same mail.")
    _verb(app, "close", actions.close, "Archive it; a text travels in the same mail.")
    _verb(app, "spam", actions.spam, "Close it without a word, and write to its author no more.")
    _verb(app, "revoke", revoke, "Void the reply addresses and ids given out so far: its mail got into wrong hands.")
    _verb(app, "reopen", actions.reopen, "Work on it again; a new time to react begins.")
    _verb_with(
        app,
        "assign",
        actions.assign,
        "CONSULTANT",
        "Make a consultant responsible.",
        "The consultant's address, or an alias of it.",
    )
    _verb_with(
        app,
        "priority",
        actions.set_priority,
        "1-5",
        "Set how urgent it is; 1 is the most.",
        "From 1, the most urgent, to 5.",
    )
    _verb_with(
        app, "kind", actions.set_kind, "error|other", "Say whether it is an error or something else.", "What it is."
    )
    _verb_with(app, "tag", actions.tag, "WORD", "Add tags.", "The tags, apart by blanks or commas.", many=True)
    _verb_with(
        app,
        "queue",
        actions.set_queue,
        "QUEUE",
        "Hand it to another queue; the number stays.",
        "The queue's name in the rules.",
    )
    _verb_with(
        app,
        "accept",
        verdicts.accept,
        "COMMENT",
        "Take words in that wait or are not confirmed; their author takes part from now on.",
        "Its id in `tickets show`.",
    )
    _verb_with(
        app, "cc", actions.let_in, "ADDRESS", "Let a person on the customer's side take part.", "The person's address."
    )
    _verb_with(
        app,
        "time",
        timesheet.log_time,
        "TIME",
        'Write time used down: "35m remote|phone|programming|mail [DATE] [+0m]".',
        "How long, and how, as in 35m remote.",
        many=True,
    )
    _verb_with(
        app,
        "received",
        timesheet.set_received,
        "TIME",
        "Let it count as received at another time; -m says why.",
        "The time, as 2026-11-23T09:00.",
        many=True,
    )
    _verb_with(
        app,
        "visit",
        visits.visit,
        "WHEN",
        'Arrange, move or call off a visit: "2026-11-25 10:00 60m", then remote or a place if need be; or cancel.',
        "A date, an hour on the queue's clock, how long, and where.",
        many=True,
    )
    _verb_with(app, "merge", regroup.merge, "KEY", "Move everything to that ticket, which goes on.", "Its key.")
    _verb_with(
        app, "split", regroup.split, "COMMENT", "Make a comment a ticket of its own.", "Its id in `tickets show`."
    )
    _verb_with(app, "uncc", actions.let_out, "ADDRESS", "Take a person's part in it away.", "The person's address.")


def _take(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    return actions.assign(unit, ticket, act, act.by.addr)


def _verb(app: typer.Typer, name: str, action: Action, sentence: str, *, needs_text: bool = False) -> None:
    """Register a verb that needs no argument beside the ticket."""

    def command(
        key: KeyArgument,
        config: ConfigOption = None,
        as_json: JsonOption = False,
        consultant: AsOption = None,
        message: TextOption = None,
        file: FileOption = None,
        attach: AttachOption = None,
        silent: SilentOption = False,
    ) -> None:
        order = Order(config, as_json, consultant, message, file, attach, silent)
        do(action, key, order, needs_text=needs_text)

    app.command(name, help=sentence)(command)


def _verb_with(
    app: typer.Typer, name: str, action: WithWords, metavar: str, sentence: str, explained: str, *, many: bool = False
) -> None:
    """Register a verb with an argument, which `explained` says what is; `many`: it may be several words."""

    def command(
        key: KeyArgument,
        argument: Any = typer.Argument(metavar=metavar, help=explained),  # a default: annotations can't see it
        config: ConfigOption = None,
        as_json: JsonOption = False,
        consultant: AsOption = None,
        message: TextOption = None,
        file: FileOption = None,
        silent: SilentOption = False,
    ) -> None:
        def with_argument(unit: Unit, ticket: TicketRow, act: Act) -> Done:
            return action(unit, ticket, act, " ".join(argument) if many else argument)

        do(with_argument, key, Order(config, as_json, consultant, message, file, silent=silent))

    command.__annotations__["argument"] = list[str] if many else str
    app.command(name, help=sentence)(command)
