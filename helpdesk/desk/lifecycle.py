"""The table of states: what each event makes of a ticket, and what follows from it.

Called by `services` for mails, commands and the clock alike. The table is the whole truth: a pair that
does not stand in it is refused, with a sentence for whoever asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, StrEnum, auto

from helpdesk.desk.terms import State


class Event(StrEnum):
    """What can happen to a ticket that exists."""

    CUSTOMER_COMMENT = "customer_comment"
    CONSULTANT_COMMENT = "consultant_comment"
    TAKE = "take"  # a consultant takes it, or assigns it to somebody
    PEND = "pend"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"


class Effect(Flag):
    """What must be written down beside the new state."""

    NONE = 0
    REACTED = auto()  # the promised reaction has happened, if it had not before
    WAITING = auto()  # the customer's word is unanswered
    ANSWERED = auto()  # nothing of the customer's is unanswered any more
    REOPENED = auto()  # a new reaction time starts


@dataclass(frozen=True, slots=True)
class Advance:
    """The state after an event and what follows; `refused` says why nothing happens, when it is not ""."""

    state: State
    effects: Effect = Effect.NONE
    refused: str = ""


_LIVE = (State.NEW, State.OPEN, State.PENDING)
_REACTS = Effect.REACTED | Effect.ANSWERED

_TABLE: dict[tuple[State, Event], tuple[State, Effect]] = {
    (State.NEW, Event.CUSTOMER_COMMENT): (State.NEW, Effect.WAITING),
    (State.OPEN, Event.CUSTOMER_COMMENT): (State.OPEN, Effect.WAITING),
    (State.PENDING, Event.CUSTOMER_COMMENT): (State.OPEN, Effect.WAITING),
    (State.RESOLVED, Event.CUSTOMER_COMMENT): (State.OPEN, Effect.WAITING | Effect.REOPENED),
    (State.CLOSED, Event.CUSTOMER_COMMENT): (State.OPEN, Effect.WAITING | Effect.REOPENED),
    (State.NEW, Event.CONSULTANT_COMMENT): (State.OPEN, _REACTS),
    (State.OPEN, Event.CONSULTANT_COMMENT): (State.OPEN, _REACTS),
    (State.PENDING, Event.CONSULTANT_COMMENT): (State.PENDING, _REACTS),
    (State.RESOLVED, Event.CONSULTANT_COMMENT): (State.RESOLVED, _REACTS),
    (State.CLOSED, Event.CONSULTANT_COMMENT): (State.CLOSED, _REACTS),
    (State.NEW, Event.TAKE): (State.OPEN, Effect.REACTED),
    (State.OPEN, Event.TAKE): (State.OPEN, Effect.REACTED),
    (State.PENDING, Event.TAKE): (State.PENDING, Effect.REACTED),
    (State.RESOLVED, Event.TAKE): (State.RESOLVED, Effect.NONE),
    **{(state, Event.PEND): (State.PENDING, _REACTS) for state in (State.NEW, State.OPEN)},
    **{(state, Event.RESOLVE): (State.RESOLVED, _REACTS) for state in _LIVE},
    **{(state, Event.CLOSE): (State.CLOSED, _REACTS) for state in (*_LIVE, State.RESOLVED)},
    (State.PENDING, Event.REOPEN): (State.OPEN, Effect.NONE),
    (State.RESOLVED, Event.REOPEN): (State.OPEN, Effect.REOPENED),
    (State.CLOSED, Event.REOPEN): (State.OPEN, Effect.REOPENED),
}

_WORDS = {
    Event.TAKE: "taken or assigned",
    Event.PEND: "set to wait for the customer",
    Event.RESOLVE: "resolved",
    Event.CLOSE: "closed",
    Event.REOPEN: "reopened",
}


def advance(state: State, event: Event) -> Advance:
    """Return what the event makes of a ticket in that state, or the same state and why it is refused."""
    step = _TABLE.get((state, event))
    if step is not None:
        return Advance(*step)
    cure = "reopen it first" if state.has_ended else "nothing to do"
    return Advance(state, refused=f"a ticket that is {state} can't be {_WORDS.get(event, event)}: {cure}")
