"""Two consultants at one ticket: what no longer fits is refused whole, and waits as a draft (RELIABILITY 3.6)."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from helpdesk.desk.terms import Person, Standing, State
from helpdesk.services import actions
from helpdesk.services.line import Outcome
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import ANNA, JAN, answer, write

PIOTR = Person("Piotr Lis", "piotr@desk.example.org")


@pytest.fixture
def two(database: Database) -> DeskAtWork:
    """A desk where Anna has her notice of ticket 1001 before her, and Piotr is about to do something."""
    desk = DeskAtWork(database)
    desk.receive(write(JAN))
    desk.wait(minutes=5)
    return desk


def notice(desk: DeskAtWork) -> EmailMessage:
    return desk.letter("notice_opened", "anna@desk.example.org")


def anna(desk: DeskAtWork, text: str, parent: EmailMessage | None = None) -> Outcome:
    desk.wait(minutes=5)
    [outcome] = desk.receive(answer(parent or notice(desk), ANNA, text))
    return outcome


def test_words_after_anothers_words_wait_as_a_draft_and_the_customer_gets_one_answer(two: DeskAtWork) -> None:
    two.act(actions.comment, 1001, "Proszę zrestartować.", by=PIOTR)
    before = len(two.outbox())
    outcome = anna(two, "Proszę wgrać poprawkę.")

    assert outcome.reason == "commands_refused"
    assert two.told(before) == [("receipt", "anna@desk.example.org")]
    assert two.comments[-1].standing is Standing.HELD
    receipt = text_of(two.letter("receipt"))
    assert "Piotr Lis, 2026-11-24 12:05" in receipt
    assert "Proszę wgrać poprawkę." in receipt


@pytest.mark.parametrize("end", [actions.resolve, actions.close], ids=["resolved", "closed"])
def test_words_on_a_ticket_that_somebody_else_ended_are_refused(two: DeskAtWork, end: object) -> None:
    two.act(end, 1001, by=PIOTR)  # type: ignore[arg-type]  # either act
    assert anna(two, "Jeszcze chwila.").reason == "commands_refused"


@pytest.mark.parametrize(
    ("theirs", "words", "mine"),
    [
        (actions.set_priority, ("1",), "#priorytet 4"),
        (actions.assign, ("piotr@desk.example.org",), "#biorę"),
        (actions.set_queue, ("PROPHIX",), "#kolejka DYNAMICS"),
        (actions.set_kind, ("other",), "#rodzaj błąd"),
        (actions.pend, (), "#rozwiąż"),
        (actions.resolve, (), "#czekam"),
    ],
    ids=["priority", "assignee", "queue", "kind", "pending and resolved", "resolved and pending"],
)
def test_two_changes_of_the_same_thing_conflict(
    two: DeskAtWork, theirs: object, words: tuple[str, ...], mine: str
) -> None:
    two.act(theirs, 1001, "", *words, by=PIOTR)  # type: ignore[arg-type]  # any act
    before = two.ticket()
    assert anna(two, mine).reason == "commands_refused"
    after = two.ticket()
    assert (after.state, after.priority, after.assignee, after.queue) == (
        before.state,
        before.priority,
        before.assignee,
        before.queue,
    )


@pytest.mark.parametrize(
    ("theirs", "words", "mine"),
    [
        (actions.set_priority, ("1",), "#biorę"),
        (actions.assign, ("piotr@desk.example.org",), "#priorytet 2"),
        (actions.note, (), "#rozwiąż\nNaprawione."),
        (actions.assign, ("piotr@desk.example.org",), "Proszę zrestartować."),
        (actions.resolve, (), "#notatka\nTo samo było w maju."),
        (actions.comment, (), "#etykieta drukarka"),
    ],
    ids=["another thing", "another thing again", "a note", "taken, not answered", "a note on top", "a tag on top"],
)
def test_what_touches_nothing_of_it_goes_through(
    two: DeskAtWork, theirs: object, words: tuple[str, ...], mine: str
) -> None:
    two.act(theirs, 1001, "Tekst." if not words else "", *words, by=PIOTR)  # type: ignore[arg-type]  # any act
    assert anna(two, mine).reason != "commands_refused"


def test_a_line_that_conflicts_takes_everything_with_it(two: DeskAtWork) -> None:
    two.act(actions.set_priority, 1001, "", "1", by=PIOTR)
    anna(two, "#priorytet 4\n#rozwiąż\nNaprawione.")
    assert two.ticket().state is State.NEW
    assert "Naprawione." in two.comments[-1].text


def test_ones_own_doings_and_the_customers_words_conflict_with_nothing(two: DeskAtWork) -> None:
    two.act(actions.comment, 1001, "Sprawdzamy.")
    two.receive(answer(two.letter("new"), JAN, "I jak?"))
    assert anna(two, "#rozwiąż\nNaprawione.").reason == "commands_done"


def test_an_answer_to_a_later_notice_knows_what_was_done_before_it(two: DeskAtWork) -> None:
    two.act(actions.comment, 1001, "Proszę zrestartować.", by=PIOTR)
    two.wait(minutes=5)
    two.receive(answer(two.letter("comment"), JAN, "Nie pomogło."))
    later = two.letter("notice_comment", "anna@desk.example.org")
    assert anna(two, "Proszę wgrać poprawkę.", later).reason == "consultant_reply"
