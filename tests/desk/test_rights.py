"""The table of rights (RELIABILITY 3.5), row by row, and what counts as a yes."""

from __future__ import annotations

import pytest

from helpdesk.desk.rights import Ground, Rights, Writer, rights_of
from helpdesk.desk.rules.ruleset import Others
from helpdesk.desk.sender import Proof
from helpdesk.desk.terms import Standing
from helpdesk.desk.vouching import QuestionKind, Turned, read_answer

YES, NO, HELD = Standing.CONFIRMED, Standing.UNCONFIRMED, Standing.HELD
PASSED, SILENT, FAILED = Proof.AUTHENTICATED, Proof.NONE, Proof.REFUTED
ASK = Others.ASK_CONTACT


def participant(proof: Proof, *, witnessed: bool = True, certain: bool = True) -> Writer:
    return Writer(proof, takes_part=True, witnessed=witnessed, certain=certain)


def colleague(proof: Proof, others: Others, *, witnessed: bool = True) -> Writer:
    return Writer(proof, takes_part=False, others=others, witnessed=witnessed)


@pytest.mark.parametrize(
    ("writer", "rights"),
    [
        pytest.param(participant(PASSED), Rights(YES, Ground.PARTICIPANT), id="participant, authenticated"),
        pytest.param(
            participant(SILENT), Rights(YES, Ground.UNVOUCHED), id="participant, no authentication information: marked"
        ),
        pytest.param(
            participant(SILENT, witnessed=False),
            Rights(YES, Ground.PARTICIPANT),
            id="participant of a mailbox where nobody can be authenticated",
        ),
        pytest.param(
            participant(FAILED),
            Rights(NO, Ground.FORGED, QuestionKind.AUTHORSHIP),
            id="participant, authentication failed: the owner is asked",
        ),
        pytest.param(
            participant(FAILED, certain=False),
            Rights(NO, Ground.FORGED, QuestionKind.AUTHORSHIP),
            id="participant, failed, with a token",
        ),
        pytest.param(participant(PASSED, certain=False), Rights(NO, Ground.UNCERTAIN), id="perhaps another ticket"),
        pytest.param(colleague(PASSED, Others.ALLOW), Rights(YES, Ground.COLLEAGUE), id="colleague, allow"),
        pytest.param(
            colleague(PASSED, ASK),
            Rights(HELD, Ground.CONTACT_ASKED, QuestionKind.COLLEAGUE),
            id="colleague, ask_contact",
        ),
        pytest.param(
            colleague(PASSED, Others.REFUSE),
            Rights(NO, Ground.CONTACTS_ONLY, turned=Turned.BY_RULE),
            id="colleague, refuse",
        ),
        pytest.param(
            colleague(SILENT, Others.ALLOW), Rights(NO, Ground.COLLEAGUE_UNPROVEN), id="colleague, not verified"
        ),
        pytest.param(
            colleague(SILENT, ASK, witnessed=False),
            Rights(HELD, Ground.CONTACT_ASKED, QuestionKind.COLLEAGUE),
            id="colleague where nobody can be verified",
        ),
        pytest.param(colleague(FAILED, Others.ALLOW), Rights(NO, Ground.FORGED), id="colleague, forged: nobody asked"),
        pytest.param(
            Writer(PASSED, takes_part=False), Rights(NO, Ground.STRANGER), id="stranger with a token, authenticated"
        ),
        pytest.param(Writer(SILENT, takes_part=False), Rights(NO, Ground.STRANGER), id="stranger with a token"),
        pytest.param(Writer(FAILED, takes_part=False), Rights(NO, Ground.FORGED), id="forged stranger"),
    ],
)
def test_what_a_writer_may(writer: Writer, rights: Rights) -> None:
    assert rights_of(writer) == rights


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Tak", True),
        ("TAK.", True),
        ("tak, to nasz pracownik", True),
        ("Tak - proszę dołączyć.", True),
        ("Dzień dobry,\n\ntak, zgadzam się.\n\nJan", True),
        ("Hello Anna,\nYes please!", True),
        ("Zgoda", True),
        ("Potwierdzam.\n> Czy ta osoba może …?", True),
        ("\u00a0Tak\u00a0\n", True),
        ("nie", False),
        ("Nie, dziękuję.", False),
        ("Szanowni Państwo,\nnie zgadzam się", False),
        ("No thanks", False),
        ("It wasn\u2019t me.", False),
        ("Nie mam nic przeciwko", None),
        ("Tak? Nie znam tej osoby.", None),
        ("Taki pracownik już tu nie pracuje", None),
        ("Kto to jest?", None),
        ("> tak", None),
        ("Notatka", None),
        ("", None),
        ("Proszę o kontakt.\nTak", None),
    ],
)
def test_yes_and_no_are_whole_words_at_the_head_of_the_first_line(text: str, answer: bool | None) -> None:
    assert read_answer(text) is answer
