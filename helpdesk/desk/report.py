"""What a receipt tells a consultant: which commands were carried out, who was mailed, or which line failed and why.

A part of `letter.Letter`; made by `services.orders` and `services.newmail`. Beside it, which commands a notice offers.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.desk.commands import Refusal
from helpdesk.desk.spans import DateRange
from helpdesk.desk.terms import State

_LIVE = ("take", "assign", "pending", "resolve", "close")
_OFFERED: dict[State, tuple[str, ...]] = {
    State.NEW: (*_LIVE, "visit"),
    State.OPEN: (*_LIVE, "visit"),
    State.PENDING: ("take", "assign", "reopen", "resolve", "close", "visit"),
    State.RESOLVED: ("close", "reopen"),
    State.CLOSED: ("reopen",),
}
_ALWAYS = ("note", "priority", "tag", "queue", "cc", "time", "history", "help")


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket as the answer to a search lists it."""

    key: str
    subject: str
    customer: str
    state: State


@dataclass(frozen=True, slots=True)
class CommandReport:
    """The outcome of one mail with commands. With anything refused, nothing was done and `draft` holds the text."""

    done: tuple[str, ...] = ()  # lines as they were written
    refused: tuple[Refusal, ...] = ()
    customers: tuple[str, ...] = ()  # addresses that were mailed
    colleagues: tuple[str, ...] = ()
    text_is: str = ""  # public, internal, or "" where there was none
    draft: str = ""
    found: tuple[Found, ...] = ()
    searched: str = ""  # the words of #find
    helps: bool = False  # lists every command
    releasable: bool = False  # an answer to the receipt releases the draft
    released: bool = False  # the text is a draft that was waiting
    away: DateRange | None = None  # the absence that was noted
    back: bool = False  # absences were called off


def offered(state: State, *, is_theirs: bool, answers_customer: bool, waits: bool = False) -> tuple[str, ...]:
    """Return the verbs that make sense on a ticket in that state.

    `is_theirs`: the reader has it already. `answers_customer`: their answer is public unless `#note` says otherwise.
    `waits`: the words at hand are not confirmed, and the reader can take them in.
    """
    verbs = (*(("accept",) if waits else ()), *_OFFERED[state], *_ALWAYS)
    needless = {"take"} if is_theirs else set()
    return tuple(verb for verb in verbs if verb not in needless | (set() if answers_customer else {"note"}))
