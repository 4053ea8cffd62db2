"""Thanks on a solved ticket: kept, told to the consultants, and they wake nobody; a person can undo the guess."""

from __future__ import annotations

import pytest

from helpdesk.desk.terms import State
from helpdesk.services import actions
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import ANNA, JAN, answer, write

ANNA_ADDR = "anna@desk.example.org"


def solved(desk: DeskAtWork, action: object = actions.resolve) -> None:
    desk.receive(write(JAN))
    desk.act(actions.assign, 1001, "", ANNA_ADDR)
    desk.act(action, 1001, "Proszę wyczyścić kolejkę wydruku.")  # type: ignore[arg-type]  # an act of `actions`


def answered(desk: DeskAtWork, text: str, kind: str = "resolved", **mail: object) -> str:
    [outcome] = desk.receive(answer(desk.letter(kind, "jan@acme.test"), JAN, text, **mail))  # type: ignore[arg-type]
    return outcome.reason


def test_thanks_on_a_resolved_ticket_are_recorded_and_do_not_reopen_it(desk: DeskAtWork) -> None:
    solved(desk)
    before = len(desk.outbox())
    assert answered(desk, "Dziękuję, działa!\n\nPozdrawiam\nJan Kowal") == "thanks"
    ticket = desk.ticket()
    assert (ticket.state, ticket.waiting_since) == (State.RESOLVED, None)
    assert "thanked" in desk.history(1001)
    assert desk.comments[-1].new_text.startswith("Dziękuję")
    assert desk.told(before) == [("notice_comment", ANNA_ADDR)]
    assert "same podziękowania" in text_of(desk.letter("notice_comment", ANNA_ADDR))


def test_thanks_on_a_closed_ticket_leave_it_closed(desk: DeskAtWork) -> None:
    solved(desk, actions.close)
    assert answered(desk, "Dziękuję!", "closed") == "thanks"
    assert desk.ticket().state is State.CLOSED


@pytest.mark.parametrize(
    "text", ["Dziękuję, ale nadal nie działa.", "Dziękuję. Jak to zrobić na laptopie?", "Nie działa."]
)
def test_whoever_says_more_wakes_it(desk: DeskAtWork, text: str) -> None:
    solved(desk)
    assert answered(desk, text) == "reply"
    assert desk.ticket().state is State.OPEN


def test_thanks_with_a_file_wake_it(desk: DeskAtWork) -> None:
    solved(desk)
    answered(desk, "Dziękuję!", files=[("ekran.png", b"png")])
    assert desk.ticket().state is State.OPEN


def test_thanks_on_a_live_ticket_are_a_word_like_any_other(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(actions.pend, 1001, "Proszę o zrzut ekranu.")
    assert answered(desk, "Dziękuję!", "comment") == "reply"
    assert desk.ticket().state is State.OPEN


def test_a_consultant_undoes_the_guess_in_one_word(desk: DeskAtWork) -> None:
    solved(desk)
    answered(desk, "Dziękuję!")
    desk.receive(answer(desk.letter("notice_comment", ANNA_ADDR), ANNA, "#otwórz"))
    assert desk.ticket().state is State.OPEN


def test_the_explanation_says_why_it_stayed_as_it_was(desk: DeskAtWork) -> None:
    solved(desk)
    [outcome] = desk.receive(answer(desk.letter("resolved", "jan@acme.test"), JAN, "Dzięki!"))
    [step] = [step for step in outcome.trace if step.step == "lifecycle"]
    assert (step.outcome, "nothing but thanks" in step.why) == ("resolved", True)
