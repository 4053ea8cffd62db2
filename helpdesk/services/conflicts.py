"""What another consultant did since the notice that a mail answers: what it says may no longer fit (RELIABILITY 3.6).

Chosen sparingly: a line conflicts only with a change of the same thing, and words to the customer only with somebody
else's words to them or with the end of the ticket. Called by `orders` and `conversation`; a conflict refuses the mail
whole, and its text waits as a draft.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from helpdesk.desk.commands import Problem, Refusal
from helpdesk.desk.lifecycle import Event
from helpdesk.desk.terms import Side, Visibility
from helpdesk.services.errands import Errand
from helpdesk.store import outbox, tickets
from helpdesk.store.tables import CommentRow

_ENDS = (Event.RESOLVE.value, Event.CLOSE.value, "spam", "merged")
_STATES = (*_ENDS, Event.PEND.value, Event.REOPEN.value)
_TOUCHES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("resolve", "close", "spam", "pending", "reopen"), _STATES),
    **dict.fromkeys(("take", "assign"), ("assignee", "merged")),
    "priority": ("priority",),
    "kind": ("kind",),
    "queue": ("queue", "merged"),
    "visit": ("visit", "merged", *_ENDS),
    "merge": ("merged", *_ENDS),
}
_LONGEST = 80  # characters of a line that a receipt quotes


def meanwhile(errand: Errand) -> tuple[Refusal, ...]:
    """Return the lines that conflict with what others did since the answered notice, each with who did it and when."""
    since = _answered_at(errand)
    return tuple(_conflicts(errand, since)) if since is not None else ()


def _conflicts(errand: Errand, since: datetime) -> Iterator[Refusal]:
    doings = tickets.history_since(errand.unit.session, errand.ticket.number, since)
    others = [(row.event, row.by, row.at) for row in doings if _is_anothers(errand, row.by)]
    for command in errand.block.commands:
        touched = _TOUCHES.get(command.verb, ())
        if done := next((one for one in others if one[0] in touched), None):
            yield Refusal(command.line, Problem.CHANGED_MEANWHILE, _said(errand, *done[1:]))
    if errand.is_public and errand.has_words:
        said = [("comment", row.author_addr, row.created_at) for row in _answers(errand, since)]
        if done := next((one for one in [*said, *others] if one[0] in ("comment", *_ENDS)), None):
            line = next((line for line in errand.block.text.splitlines() if line.strip()), "")
            yield Refusal(line[:_LONGEST], Problem.CHANGED_MEANWHILE, _said(errand, *done[1:]))


def _answers(errand: Errand, since: datetime) -> list[CommentRow]:
    """Return what other consultants said to the customer since then."""
    return [
        row
        for row in tickets.comments_of(errand.unit.session, errand.ticket.number)
        if row.created_at > since
        and row.side is Side.CONSULTANT
        and row.visibility is Visibility.PUBLIC
        and _is_anothers(errand, row.author_addr)
    ]


def _answered_at(errand: Errand) -> datetime | None:
    """Return when the mail of ours was written that this one answers, None if it answers none."""
    answered = errand.answered
    return outbox.written_at(errand.unit.session, answered.id) if answered else None


def _is_anothers(errand: Errand, addr: str) -> bool:
    """Return whether another consultant did it; what customers and the clock do is what consultants work on."""
    return addr != errand.sender.person.addr and errand.unit.desk.rules.consultant_of(addr) is not None


def _said(errand: Errand, addr: str, at: datetime) -> str:
    desk = errand.unit.desk
    return f"{desk.person(addr).shown}, {at.astimezone(desk.zone):%Y-%m-%d %H:%M}"
