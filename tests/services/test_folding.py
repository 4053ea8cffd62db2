"""What customers quote of our letters is folded by proof, in the comment and in the notice; their own words never."""

from __future__ import annotations

from helpdesk.desk.terms import Visibility
from helpdesk.services import actions
from tests.databases import statements_of
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import ANNA, EWA, JAN, answer, write

QUESTIONS = """\
Czy zestawienie uruchamia się codziennie o tej samej godzinie?
Jaka wersja programu jest zainstalowana na serwerze magazynu?
Proszę też o zrzut ekranu z treścią komunikatu."""
FIRST, SECOND, THIRD = QUESTIONS.splitlines()


def asked(desk: DeskAtWork) -> str:
    """Let Jan's question be answered with questions; return our letter's text."""
    desk.receive(write(JAN, fields={"Message-ID": "<first@acme.test>", "Cc": EWA}))
    desk.act(actions.comment, 1001, QUESTIONS)
    return text_of(desk.letter("comment"))


def said(desk: DeskAtWork) -> str:
    return str(desk.comments[-1].new_text)


def test_a_phone_that_quotes_without_any_separator_shows_only_what_was_written_now(desk: DeskAtWork) -> None:
    letter = asked(desk)
    desk.receive(answer(desk.letter("comment"), JAN, f"Tak, o szóstej. Wersja 12.4.\n\n{letter}"))

    assert said(desk) == "Tak, o szóstej. Wersja 12.4."
    assert THIRD in desk.comments[-1].text  # the whole is kept
    notice = text_of(desk.letter("notice_comment"))
    assert notice.count("Wersja 12.4.") == 1
    assert "Odpowiedź na tę wiadomość trafi" not in notice


def test_an_answer_by_the_tag_alone_is_folded_by_the_last_letters_to_its_author(desk: DeskAtWork) -> None:
    letter = asked(desk)
    desk.receive(write(JAN, subject=f"Odp: {desk.letter('comment')['Subject']}", text=f"Wersja 12.4.\n{letter}"))

    assert said(desk) == "Wersja 12.4."


def test_answers_written_into_our_letter_below_a_header_reach_the_consultants(desk: DeskAtWork) -> None:
    letter = asked(desk).replace(FIRST, f"{FIRST}\nTAK, o szóstej.").replace(SECOND, f"{SECOND}\n12.4")
    header = "Od: Pomoc DYNAMICS\nWysłane: 24 listopada 2026 12:00\nDo: jan@acme.test\nTemat: Faktura\n\n"
    desk.receive(answer(desk.letter("comment"), JAN, f"Odpowiedzi poniżej.\n\n{header}{letter}"))

    assert said(desk).split("\n\n") == ["Odpowiedzi poniżej.", "TAK, o szóstej.\n12.4"]
    assert "TAK, o szóstej." in text_of(desk.letter("notice_comment"))
    assert "TAK, o szóstej." in text_of(desk.letter("comment"))  # to Ewa, who takes part


def test_a_colleague_who_answers_a_letter_to_somebody_else_has_it_folded_too(desk: DeskAtWork) -> None:
    letter = asked(desk)
    colleague = "Iga Mak <iga@acme.test>"
    desk.receive(answer(desk.letter("comment"), colleague, f"Zrzut prześlę jutro.\n\n{letter}"))

    assert said(desk) == "Zrzut prześlę jutro."


def test_the_subject_in_the_authors_own_mouth_is_not_our_word(desk: DeskAtWork) -> None:
    subject = "Faktura korygująca do zamówienia z marca nie chce się wydrukować na drukarce w magazynie"
    desk.receive(write(JAN, subject=subject))
    letter = text_of(desk.letter("new"))
    assert subject in letter
    desk.receive(answer(desk.letter("new"), JAN, f"{subject}\n\n{letter}"))

    assert said(desk) == subject


def test_the_letters_of_a_batch_are_asked_for_once(desk: DeskAtWork) -> None:
    letter = asked(desk)
    replies = [answer(desk.letter("comment"), JAN, f"Odpowiedź {n}.\n\n{letter}") for n in range(5)]
    seen = statements_of(desk.database)
    desk.receive(*replies)

    assert [one.new_text for one in desk.comments[-5:]] == [f"Odpowiedź {n}." for n in range(5)]
    assert len([statement for statement in seen if "substr(outbox.content" in statement]) == 1


def test_a_consultants_answer_is_not_folded_as_a_customers(desk: DeskAtWork) -> None:
    asked(desk)
    desk.receive(answer(desk.letter("comment"), JAN, "Wersja 12.4."))
    notice = desk.letter("notice_comment", "anna@desk.example.org")
    assert "GOLD" in text_of(notice)
    changed = text_of(notice).replace("GOLD", "GOLD (ważny)")
    header = "Od: Pomoc\nWysłane: 24.11.2026 12:00\nDo: anna@desk.example.org\nTemat: Faktura\n\n"
    desk.receive(answer(notice, ANNA, f"Dziękuję.\n\n{header}{changed}"))

    assert desk.comments[-1].visibility is Visibility.PUBLIC
    assert said(desk) == "Dziękuję."
    assert "GOLD" not in text_of(desk.letter("comment"))
