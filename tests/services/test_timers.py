"""What the clock does to tickets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from helpdesk.desk.terms import State
from helpdesk.services import actions
from helpdesk.services.timers import close_resolved
from helpdesk.store.unit_of_work import Database, Session
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import EWA, answer, write

# Resolved on Tuesday 24 November: the fifth business day after that ends on 1 December at 17:00 in Warsaw.
DUE = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)


def resolved(desk: DeskAtWork) -> int:
    """Let a ticket of two people be resolved; return how many mails have been written."""
    desk.receive(write(fields={"Cc": EWA}))
    desk.act(actions.resolve, 1001, "Zrobione.")
    return len(desk.outbox())


def tick(desk: DeskAtWork) -> int:
    return close_resolved(desk.database, desk.desk, desk.clock)


def test_a_resolved_ticket_closes_when_five_business_days_have_ended(desk: DeskAtWork) -> None:
    before = resolved(desk)
    desk.now = DUE - timedelta(seconds=1)
    assert tick(desk) == 0
    desk.now = DUE

    assert tick(desk) == 1

    assert (desk.ticket().state, desk.ticket().closed_at) == (State.CLOSED, DUE)
    assert desk.told(before) == [("closed", "ewa@acme.test"), ("closed", "jan@acme.test")]
    assert desk.letter("closed")["Auto-Submitted"] == "auto-generated"
    assert desk.history(1001)[-1] == "close"


def test_a_second_tick_does_nothing(desk: DeskAtWork) -> None:
    resolved(desk)
    desk.now = DUE
    tick(desk)
    before = len(desk.outbox())

    assert tick(desk) == 0
    assert len(desk.outbox()) == before


def test_a_tick_that_comes_late_closes_once(desk: DeskAtWork) -> None:
    resolved(desk)
    desk.now = DUE + timedelta(days=40)  # a Sunday: nobody is written to

    assert tick(desk) == 0
    desk.now += timedelta(hours=20)
    assert [tick(desk), tick(desk)] == [1, 0]


def test_an_answer_keeps_a_ticket_from_closing(desk: DeskAtWork) -> None:
    resolved(desk)
    desk.receive(answer(desk.letter("resolved")))
    desk.now = DUE

    assert tick(desk) == 0
    assert desk.ticket().state is State.OPEN


def test_what_was_resolved_again_waits_anew(desk: DeskAtWork) -> None:
    resolved(desk)
    desk.wait(days=3)
    desk.act(actions.reopen, 1001)
    desk.act(actions.resolve, 1001)
    desk.now = DUE

    assert tick(desk) == 0


def test_other_states_are_never_closed_by_the_clock(desk: DeskAtWork) -> None:
    desk.receive(write(), write(EWA))
    desk.act(actions.pend, 1002)
    desk.wait(days=400)

    assert tick(desk) == 0


class Interrupted(Database):
    """A database in which the customer answers between the clock's look and its act."""

    def __init__(self, desk: DeskAtWork) -> None:
        super().__init__(desk.database.url.render_as_string(hide_password=False))
        self.desk = desk

    @contextmanager
    def read(self) -> Iterator[Session]:
        with super().read() as session:
            yield session
        self.desk.receive(answer(self.desk.letter("resolved"), text="Jednak nie."))


def test_a_ticket_that_comes_back_at_the_last_moment_is_not_closed(desk: DeskAtWork) -> None:
    resolved(desk)
    desk.now = DUE
    database = Interrupted(desk)
    try:
        assert close_resolved(database, desk.desk, desk.clock) == 0
    finally:
        database.close()

    assert desk.ticket().state is State.OPEN
