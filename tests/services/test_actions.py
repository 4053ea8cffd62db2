"""What consultants do to tickets, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import Origin, Person, State, TicketKind, Visibility
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.mail.message import Attachment
from helpdesk.services import actions, registration
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import TUESDAY, DeskAtWork, files_of, text_of
from tests.services.mails import EWA, write

ANNA, PIOTR = "anna@desk.example.org", "piotr@desk.example.org"
PIOTR_LIS = Person("Piotr Lis", PIOTR)
RING = Keyring("desk.example.org", (SigningKey("1", b"a key for tests"),))
Told = list[tuple[str, str]]


def opened(desk: DeskAtWork) -> int:
    """Let Jan, with Ewa in Cc, open a ticket; return how many mails have been written."""
    desk.receive(write(fields={"Cc": EWA}))
    return len(desk.outbox())


def to_customers(kind: str) -> Told:
    return [(kind, "ewa@acme.test"), (kind, "jan@acme.test")]


PIOTR_HEARS = [("notice_changed", PIOTR)]
# The action with its words; then the state, and who is told when Anna does it.
ACTS: dict[str, tuple[Callable[..., Done], tuple[str, ...], State, Told]] = {
    "comment": (actions.comment, ("Tekst.",), State.OPEN, to_customers("comment")),
    "note": (actions.note, ("Tekst.",), State.NEW, [("notice_comment", PIOTR)]),
    "resolve": (actions.resolve, (), State.RESOLVED, to_customers("resolved")),
    "resolve with a text is one mail": (actions.resolve, ("Tekst.",), State.RESOLVED, to_customers("resolved")),
    "close": (actions.close, (), State.CLOSED, to_customers("closed")),
    "close with a text is one mail": (actions.close, ("Tekst.",), State.CLOSED, to_customers("closed")),
    "pending": (actions.pend, (), State.PENDING, PIOTR_HEARS),
    "pending with a text": (actions.pend, ("Tekst.",), State.PENDING, to_customers("comment") + PIOTR_HEARS),
    "take": (actions.assign, ("", ANNA), State.OPEN, []),
    "assign": (actions.assign, ("", PIOTR), State.NEW, PIOTR_HEARS),
    "priority": (actions.set_priority, ("", "1"), State.NEW, PIOTR_HEARS),
    "kind": (actions.set_kind, ("", "other"), State.NEW, PIOTR_HEARS),
    "tag": (actions.tag, ("", "pilne, druk"), State.NEW, PIOTR_HEARS),
    "queue": (actions.set_queue, ("", "PROPHIX"), State.NEW, [("notice_changed", "ola@desk.example.org")]),
    "cc": (actions.let_in, ("", "Marek@acme.test"), State.NEW, PIOTR_HEARS),
    "uncc": (actions.let_out, ("", "EWA@acme.test"), State.NEW, PIOTR_HEARS),
}


@pytest.mark.parametrize(("action", "words", "state", "told"), ACTS.values(), ids=ACTS)
def test_an_act_moves_the_ticket_and_tells_whom_it_concerns(
    desk: DeskAtWork, action: Callable[..., Done], words: tuple[str, ...], state: State, told: Told
) -> None:
    before = opened(desk)
    done = desk.act(action, 1001, *words)

    assert done.refused == ""
    assert desk.ticket().state is state
    assert desk.told(before) == sorted(told)
    assert len(done.letters) == len(told)


@pytest.mark.parametrize(
    ("action", "text"), [(actions.comment, "Tekst."), (actions.resolve, "Tekst."), (actions.close, "")]
)
def test_a_silent_act_writes_nothing_to_the_customers_side(
    desk: DeskAtWork, action: Callable[..., Done], text: str
) -> None:
    before = opened(desk)
    desk.act(action, 1001, text, silent=True)

    assert all(recipient.endswith("@desk.example.org") for _, recipient in desk.told(before))


def test_the_text_of_an_act_is_in_its_one_mail_with_its_files(desk: DeskAtWork) -> None:
    opened(desk)
    plan = Attachment("plan.pdf", "application/pdf", b"%PDF-1.7")
    desk.act(actions.resolve, 1001, "Poprawka jest w wersji 8.", attachments=(plan,))

    letter = desk.letter("resolved", "jan@acme.test")
    assert "Poprawka jest w wersji 8." in text_of(letter)
    assert files_of(letter) == {"plan.pdf": b"%PDF-1.7"}
    [comment] = [row for row in desk.comments if row.author_addr == ANNA]
    assert comment.visibility is Visibility.PUBLIC
    [file] = desk.attachments(comment.id)
    assert file.content == b"%PDF-1.7"


def test_a_note_and_its_words_are_never_in_a_customers_mail(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.note, 1001, "Tajna uwaga.")
    desk.act(actions.comment, 1001, "Jawne słowo.", by=PIOTR_LIS)
    desk.act(actions.close, 1001)

    for kind in ("comment", "closed"):
        assert "Tajna" not in text_of(desk.letter(kind, "jan@acme.test"))
    assert "Tajna uwaga." in text_of(desk.letter("notice_comment", PIOTR))


REACTIONS: dict[str, tuple[Callable[..., Done], tuple[str, ...], bool]] = {
    "a take": (actions.assign, ("", ANNA), True),
    "a public comment": (actions.comment, ("Tekst.",), True),
    "pending": (actions.pend, (), True),
    "a resolve": (actions.resolve, (), True),
    "a close": (actions.close, (), True),
    "a note": (actions.note, ("Tekst.",), False),
    "assigning it to somebody else": (actions.assign, ("", PIOTR), False),
    "another priority": (actions.set_priority, ("", "1"), False),
}


@pytest.mark.parametrize(("action", "words", "reacts"), REACTIONS.values(), ids=REACTIONS)
def test_what_counts_as_the_reaction(
    desk: DeskAtWork, action: Callable[..., Done], words: tuple[str, ...], reacts: bool
) -> None:
    opened(desk)
    desk.wait(minutes=30)
    desk.act(action, 1001, *words)

    assert desk.ticket().reacted_at == (TUESDAY + timedelta(minutes=30) if reacts else None)


def test_the_first_reaction_stands(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.comment, 1001, "Tekst.")
    desk.wait(hours=1)
    desk.act(actions.resolve, 1001)

    assert desk.ticket().reacted_at == TUESDAY


def test_who_was_given_a_ticket_by_a_rule_can_still_take_it(database: Database) -> None:
    desk = DeskAtWork(database, f"rules: [{{ name: r, when: {{}}, then: {{ assign: {ANNA} }} }}]\n")
    desk.receive(write())
    assert (desk.ticket().assignee, desk.ticket().state) == (ANNA, State.NEW)

    assert desk.act(actions.assign, 1001, "", ANNA).refused == ""

    assert desk.ticket().state is State.OPEN
    assert desk.ticket().reacted_at == TUESDAY
    assert "already" in desk.act(actions.assign, 1001, "", ANNA).refused  # a second time there is nothing to do


REFUSALS: dict[str, tuple[Callable[..., Done], tuple[str, ...], str]] = {
    "a priority that is none": (actions.set_priority, ("", "0"), "'0' is no priority"),
    "a kind that is none": (actions.set_kind, ("", "bug"), "'bug' is no kind: error or other"),
    "a queue that is none": (actions.set_queue, ("", "PROFIX"), "there is no queue 'PROFIX'; there are: DYNAMICS"),
    "a consultant who is none": (actions.assign, ("", "jan@acme.test"), "is no consultant of this desk"),
    "no address": (actions.let_in, ("", "marek"), "'marek' is no mail address"),
    "our own address": (actions.let_in, ("", "pomocdynamics@desk.example.org"), "is an address of this desk"),
    "somebody who does not take part": (actions.let_out, ("", "zed@acme.test"), "takes no part in this ticket"),
    "what is so already": (actions.set_priority, ("", "3"), "priority is 3 already"),
    "what the table of states refuses": (actions.reopen, (), "a ticket that is new can't be reopened"),
}


@pytest.mark.parametrize(("action", "words", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_what_can_not_be_is_refused_with_a_sentence_and_tells_nobody(
    desk: DeskAtWork, action: Callable[..., Done], words: tuple[str, ...], sentence: str
) -> None:
    before = opened(desk)
    done = desk.act(action, 1001, *words)

    assert sentence in done.refused
    assert desk.told(before) == []
    assert desk.history(1001) == ["opened"]


def test_a_ticket_keeps_its_number_in_another_queue_and_is_found_under_both_keys(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.set_queue, 1001, "", "PROPHIX")
    old, new = format_key("DYN", 1001), format_key("PRO", 1001)
    assert desk.desk.key_of(desk.ticket()) == new
    outcomes = desk.receive(write(subject=f"Re: [{old}]"), write(subject=f"Re: [{new}]"))

    assert {one.ticket for one in outcomes} == {1001}
    assert {recipient for kind, recipient in desk.told() if kind == "notice_comment"} >= {"ola@desk.example.org"}


@pytest.mark.parametrize("keyring", [Keyring("desk.example.org", ()), RING], ids=["unsigned", "signed"])
def test_a_thread_keeps_its_root_when_the_ticket_changes_queue(database: Database, keyring: Keyring) -> None:
    desk = DeskAtWork(database, keyring=keyring)
    opened(desk)
    before = str(desk.letter("new")["References"]).split()[0]
    desk.act(actions.set_queue, 1001, "", "PROPHIX")
    desk.act(actions.comment, 1001, "Tekst.")

    assert str(desk.letter("comment", "jan@acme.test")["References"]).split()[0] == before
    assert "1001" in before


def test_who_was_let_out_hears_no_more(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.let_out, 1001, "", "ewa@acme.test")
    before = len(desk.outbox())
    desk.act(actions.comment, 1001, "Tekst.")

    assert desk.told(before) == [("comment", "jan@acme.test")]


def test_reopening_starts_a_new_time_to_react_and_tells_the_customer_nothing(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.close, 1001)
    desk.wait(hours=1)
    before = len(desk.outbox())
    desk.act(actions.reopen, 1001)

    ticket = desk.ticket()
    assert (ticket.state, ticket.reacted_at, ticket.closed_at) == (State.OPEN, None, None)
    assert ticket.react_by == TUESDAY + timedelta(hours=5)
    assert desk.told(before) == PIOTR_HEARS


def create(desk: DeskAtWork, **changes: Any) -> Done | str:
    """Let Anna register a call."""
    what: dict[str, Any] = {"queue": "DYNAMICS", "requester": Person("", "jan@acme.test"), "subject": "Telefon"}
    with desk.database.begin() as session:
        act = Act(Person("Anna Nowak", ANNA), changes.pop("text", ""), silent=changes.pop("silent", False))
        return registration.create(Unit(session, desk.desk, desk.now), act, **(what | changes))


def test_a_call_is_registered_for_the_customer_who_gets_the_usual_acknowledgement(desk: DeskAtWork) -> None:
    done = create(desk, phone=True, text="Drukarka stoi.")

    assert isinstance(done, Done)
    ticket = desk.ticket()
    assert (ticket.origin, ticket.organisation, ticket.requester_addr) == (Origin.PHONE, "ACME", "jan@acme.test")
    assert ("new", "jan@acme.test") in desk.told()
    assert desk.participants(1001) == {"jan@acme.test"}
    assert desk.comments[0].text == "Drukarka stoi."


def test_a_ticket_registered_silently_is_not_acknowledged(desk: DeskAtWork) -> None:
    create(desk, silent=True)

    assert {kind for kind, _ in desk.told()} == {"notice_opened"}


def test_a_ticket_of_no_queue_is_refused(desk: DeskAtWork) -> None:
    assert create(desk, queue="PROFIX") == "there is no queue 'PROFIX'; there are: DYNAMICS, PROPHIX"
    assert desk.tickets == []


def test_a_changed_kind_is_kept(desk: DeskAtWork) -> None:
    opened(desk)
    desk.act(actions.set_kind, 1001, "", "other")

    assert desk.ticket().kind is TicketKind.OTHER
