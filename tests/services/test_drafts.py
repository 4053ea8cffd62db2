"""A refused text waits as a draft; an answer to its receipt releases it, once, and to nobody but its author."""

from __future__ import annotations

import pytest

from helpdesk.desk.terms import Standing, State, Visibility
from helpdesk.services import actions
from helpdesk.store.tables import DraftRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork, files_of, text_of
from tests.services.mails import ANNA, JAN, PIOTR, answer, write

ANNA_ADDR, PIOTR_ADDR, JAN_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "jan@acme.test"
TEXT = "Proszę wyczyścić kolejkę wydruku.\n\nAnna Nowak\nPomoc DYNAMICS"


def refused(desk: DeskAtWork, text: str = f"#rozwiarz\n\n{TEXT}", **mail: object) -> None:
    """Let Anna mistype a command above her answer to Jan."""
    desk.receive(write(JAN))
    notice = desk.letter("notice_opened", ANNA_ADDR)
    [outcome] = desk.receive(answer(notice, ANNA, text, **mail))  # type: ignore[arg-type]  # the mail's own keys
    assert outcome.reason == "commands_refused"


def answered(desk: DeskAtWork, text: str, author: str = ANNA, **mail: object) -> list[tuple[str, str]]:
    """Answer the newest receipt; return whom that wrote to."""
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("receipt", ANNA_ADDR), author, text, **mail))  # type: ignore[arg-type]
    return desk.told(before)


def receipt(desk: DeskAtWork) -> str:
    return text_of(desk.letter("receipt", ANNA_ADDR))


def test_a_refused_text_waits_and_the_receipt_says_how_it_goes_on(desk: DeskAtWork) -> None:
    refused(desk)
    [draft] = desk.rows(DraftRow)
    assert (draft.consultant, draft.public, draft.released_at) == (ANNA_ADDR, True, None)
    assert desk.comments[-1].standing is Standing.HELD
    assert "draft" in desk.history(1001)
    assert "samo „tak”" in receipt(desk)


@pytest.mark.parametrize("text", ["#rozwiąż", f"#rozwiąż\n\n{TEXT}", "#rozwiąż\n\nAnna Nowak\nPomoc DYNAMICS"])
def test_the_commands_put_right_release_it_with_them(desk: DeskAtWork, text: str) -> None:
    refused(desk)
    assert answered(desk, text) == [("receipt", ANNA_ADDR), ("resolved", JAN_ADDR)]

    assert desk.ticket().state is State.RESOLVED
    assert "kolejkę wydruku" in text_of(desk.letter("resolved"))
    assert len(desk.comments) == 2  # it is said once, where it waited
    assert (desk.comments[-1].visibility, desk.comments[-1].standing) == (Visibility.PUBLIC, Standing.CONFIRMED)
    assert "draft_released" in desk.history(1001)
    assert "Wysłano szkic" in receipt(desk)


@pytest.mark.parametrize("text", ["tak", "OK!", "Wyślij.", "yes", ""])
def test_yes_or_nothing_sends_the_words_alone(desk: DeskAtWork, text: str) -> None:
    refused(desk)
    assert answered(desk, text) == [("comment", JAN_ADDR), ("receipt", ANNA_ADDR)]
    assert desk.ticket().state is State.OPEN


def test_it_is_released_once(desk: DeskAtWork) -> None:
    refused(desk)
    first = desk.letter("receipt", ANNA_ADDR)
    answered(desk, "tak")
    before = len(desk.outbox())
    [outcome] = desk.receive(answer(first, ANNA, "tak"))
    assert outcome.reason == "commands_refused"
    assert desk.told(before) == [("receipt", ANNA_ADDR)]
    assert "ten szkic już wysłano" in receipt(desk)
    assert len(desk.rows(DraftRow)) == 1


def test_two_answers_in_one_batch_release_it_once(desk: DeskAtWork) -> None:
    refused(desk)
    parent = desk.letter("receipt", ANNA_ADDR)
    reasons = [outcome.reason for outcome in desk.receive(answer(parent, ANNA, "tak"), answer(parent, ANNA, "ok"))]
    assert reasons == ["commands_done", "commands_refused"]
    assert [row.recipient for row in desk.outbox(notification="comment")] == [JAN_ADDR]


def test_words_of_its_own_stay_among_consultants_and_the_draft_waits_on(desk: DeskAtWork) -> None:
    refused(desk)
    told = answered(desk, "Najpierw zapytam Piotra.")
    assert JAN_ADDR not in [recipient for _, recipient in told]
    assert desk.rows(DraftRow)[0].released_at is None
    assert answered(desk, "tak")[0] == ("comment", JAN_ADDR)


def test_a_draft_that_is_refused_again_waits_again(desk: DeskAtWork) -> None:
    refused(desk)
    answered(desk, "#rozwonzane")
    assert len(desk.rows(DraftRow)) == 1
    assert "> Proszę wyczyścić" in receipt(desk)
    assert answered(desk, "#rozwiąż")[-1] == ("resolved", JAN_ADDR)


def test_nobody_else_releases_it(desk: DeskAtWork) -> None:
    refused(desk)
    assert JAN_ADDR not in [recipient for _, recipient in answered(desk, "tak", PIOTR)]
    assert desk.rows(DraftRow)[0].released_at is None


def test_a_note_that_was_refused_is_released_as_a_note(desk: DeskAtWork) -> None:
    refused(desk, "#notatka\n#priorytet 9\n\nKlient myli moduły.")
    told = answered(desk, "#notatka\n#priorytet 2")
    assert JAN_ADDR not in [recipient for _, recipient in told]
    assert (desk.ticket().priority, desk.comments[-1].visibility) == (2, Visibility.INTERNAL)
    assert desk.comments[-1].standing is Standing.CONFIRMED


def test_an_answer_to_a_note_is_released_among_consultants(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.act(actions.note, 1001, "Klient myli moduły.", by=desk.desk.person(PIOTR_ADDR))
    desk.receive(answer(desk.letter("notice_comment", ANNA_ADDR), ANNA, "#clsoe\n\nZgadzam się."))
    assert JAN_ADDR not in [recipient for _, recipient in answered(desk, "tak")]
    assert desk.comments[-1].standing is Standing.CONFIRMED


def test_its_files_go_along(desk: DeskAtWork) -> None:
    refused(desk, files=[("instrukcja.pdf", b"%PDF")])
    answered(desk, "#rozwiąż")
    assert files_of(desk.letter("resolved", JAN_ADDR)) == {"instrukcja.pdf": b"%PDF"}


def test_files_alone_are_a_draft_too(desk: DeskAtWork) -> None:
    refused(desk, "#rozwiarz", files=[("instrukcja.pdf", b"%PDF")])
    answered(desk, "tak")
    letter = desk.letter("comment", JAN_ADDR)
    assert files_of(letter) == {"instrukcja.pdf": b"%PDF"}
    assert "instrukcja.pdf" not in text_of(letter).split("Załączniki")[0]


def test_files_that_are_too_large_promise_no_release(database: Database) -> None:
    desk = DeskAtWork(database, attach_up_to=1000)
    refused(desk, "Instrukcja w załączeniu.", files=[("instrukcja.pdf", b"x" * 2000)])
    assert "granica" in receipt(desk)
    assert "samo „tak”" not in receipt(desk)
    assert answered(desk, "tak") == [("receipt", ANNA_ADDR)]


def test_a_refused_line_without_words_leaves_no_draft(desk: DeskAtWork) -> None:
    refused(desk, "#rozwiarz")
    assert desk.rows(DraftRow) == []
    assert "samo „tak”" not in receipt(desk)
