"""The whole table of states: every pair of state and event, what it becomes and what follows from it."""

from __future__ import annotations

from itertools import product

import pytest

from helpdesk.desk.lifecycle import Advance, Effect, Event, advance
from helpdesk.desk.terms import State

NEW, OPEN, PENDING, RESOLVED, CLOSED = State.NEW, State.OPEN, State.PENDING, State.RESOLVED, State.CLOSED
NOTHING, WAITING, REACTED, REOPENED = Effect.NONE, Effect.WAITING, Effect.REACTED, Effect.REOPENED
ANSWERED = Effect.REACTED | Effect.ANSWERED
WOKEN = Effect.WAITING | Effect.REOPENED
NO = None  # refused

# What an event makes of each state. Read a row from left to right: new, open, pending, resolved, closed.
Cell = tuple[State, Effect] | None
TABLE: dict[Event, tuple[Cell, Cell, Cell, Cell, Cell]] = {
    Event.CUSTOMER_COMMENT: ((NEW, WAITING), (OPEN, WAITING), (OPEN, WAITING), (OPEN, WOKEN), (OPEN, WOKEN)),
    Event.CONSULTANT_COMMENT: (
        (OPEN, ANSWERED),
        (OPEN, ANSWERED),
        (PENDING, ANSWERED),
        (RESOLVED, ANSWERED),
        (CLOSED, ANSWERED),
    ),
    Event.TAKE: ((OPEN, REACTED), (OPEN, REACTED), (PENDING, REACTED), (RESOLVED, NOTHING), NO),
    Event.PEND: ((PENDING, ANSWERED), (PENDING, ANSWERED), NO, NO, NO),
    Event.RESOLVE: ((RESOLVED, ANSWERED), (RESOLVED, ANSWERED), (RESOLVED, ANSWERED), NO, NO),
    Event.CLOSE: ((CLOSED, ANSWERED), (CLOSED, ANSWERED), (CLOSED, ANSWERED), (CLOSED, ANSWERED), NO),
    Event.REOPEN: (NO, NO, (OPEN, NOTHING), (OPEN, REOPENED), (OPEN, REOPENED)),
}
PAIRS = list(product(State, Event))
IDS = [f"{event} on {state}" for state, event in PAIRS]


def expected(state: State, event: Event) -> Cell:
    """Return the table's cell."""
    return TABLE[event][list(State).index(state)]


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=IDS)
def test_every_event_does_to_every_state_what_the_table_says(state: State, event: Event) -> None:
    step, cell = advance(state, event), expected(state, event)

    if cell is None:
        assert (step.state, step.effects) == (state, NOTHING)
        assert step.refused
    else:
        assert step == Advance(*cell)


@pytest.mark.parametrize(("state", "event"), [pair for pair in PAIRS if expected(*pair) is None])
def test_a_refusal_is_a_sentence_that_names_the_state_and_what_to_do(state: State, event: Event) -> None:
    refused = advance(state, event).refused

    assert refused.startswith(f"a ticket that is {state} can't be ")
    assert refused.endswith((": reopen it first", ": nothing to do"))


@pytest.mark.parametrize("event", Event)
def test_only_a_customers_word_or_reopening_leaves_closed(event: Event) -> None:
    leaves = advance(CLOSED, event).state is not CLOSED

    assert leaves == (event in (Event.CUSTOMER_COMMENT, Event.REOPEN))


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=IDS)
def test_a_new_reaction_time_starts_exactly_when_a_ticket_comes_back_from_resolved_or_closed(
    state: State, event: Event
) -> None:
    step = advance(state, event)
    came_back = state in (RESOLVED, CLOSED) and step.state not in (RESOLVED, CLOSED)

    assert (Effect.REOPENED in step.effects) == came_back


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=IDS)
def test_no_event_makes_a_ticket_new_again(state: State, event: Event) -> None:
    assert advance(state, event).state is not NEW or state is NEW


@pytest.mark.parametrize("state", State)
def test_no_customers_word_is_ever_refused_or_counts_as_our_reaction(state: State) -> None:
    step = advance(state, Event.CUSTOMER_COMMENT)

    assert not step.refused
    assert Effect.WAITING in step.effects
    assert Effect.REACTED not in step.effects
