"""Folding by proof: however a client quotes a letter of ours, what its author wrote beside and inside it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.mail.body import answering_text, new_text
from helpdesk.mail.proof import CERTAIN
from tests.mail.test_any_bytes import work

LETTER = [f"Zdanie {n} mówi o rzeczy {n}a, której nikt poza nami {n}b nie zna" for n in range(12)]
HEADER = [
    "Od: Pomoc <pomoc@desk.example.org>",
    "Wysłane: 24 listopada 2026 08:30",
    "Do: jan@acme.test",
    "Temat: [DYN-10015] Faktura",
    "",
]
STYLES = {
    "nothing": (False, []),
    "marks": (True, ["W dniu 24.11.2026 o 08:30, Pomoc pisze:"]),
    "header": (False, HEADER),
    "rule": (False, ["-----Wiadomość oryginalna-----", *HEADER]),
}
ANSWERS = st.lists(st.tuples(st.integers(1, 11), st.integers(0, 999)), max_size=6, unique_by=lambda each: each[0])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(STYLES)), ANSWERS, st.booleans(), st.integers(0, 999))
def test_no_answer_between_our_lines_is_ever_lost(
    style: str, answers: list[tuple[int, int]], above: bool, serial: int
) -> None:
    marked, opening = STYLES[style]
    quote = list(LETTER)
    for place, word in sorted(answers, reverse=True):
        quote.insert(place, f"odpowiedź{word}")
    shown = [f"> {line}" for line in quote] if marked else quote
    text = "\n".join([*([f"Słowo {serial}.", ""] if above else []), *opening, *shown])
    found = answering_text(text, ["\n".join(LETTER)])
    words = [line.lstrip("> ") for line in found.split("\n") if line]
    expected = ([f"Słowo {serial}."] if above else []) + [f"odpowiedź{word}" for _, word in sorted(answers)]
    if expected:
        assert words == expected
    else:
        assert found == text


@given(st.text(alphabet="ab \n>-"), st.lists(st.text(alphabet="ab \n>-"), max_size=2))
def test_whatever_was_sent_some_text_is_left_of_some_text(text: str, sent: list[str]) -> None:
    assert bool(answering_text(text, sent).strip("\n")) == bool(text.strip("\n"))


def test_few_words_of_ours_are_no_quote_but_must_not_go_on_either() -> None:
    ours = "Zgoda na pracę w nocy z piątku na sobotę"
    answer = f"Wybieramy:\n{ours}"
    assert len(ours.split()) < CERTAIN
    assert answering_text(answer, [f"Propozycja pierwsza.\n{ours}"]) == answer
    assert new_text(answer, [f"Propozycja pierwsza.\n{ours}"]) == "Wybieramy:"


def test_words_of_the_author_that_our_letter_repeats_are_not_ours() -> None:
    subject = "Faktura korygująca do zamówienia z marca nie chce się wydrukować na drukarce w magazynie"
    letter = "\n".join([*LETTER, f"Temat: {subject}"])
    answer = f"{subject}\n\n{letter}"
    assert answering_text(answer, [letter], [subject]) == subject


def test_a_letter_is_quoted_once_and_any_other_copy_of_its_words_is_an_answer() -> None:
    copied = " ".join(LETTER[3:6])
    assert answering_text(f"To już wiemy:\n{copied}\n\n" + "\n".join(LETTER), ["\n".join(LETTER)]) == (
        f"To już wiemy:\n{copied}"
    )


def test_the_target_of_a_link_may_be_rewritten_on_the_way() -> None:
    sent = [*LETTER, "Polityka prywatności <https://desk.example.org/privacy>"]
    quoted = [*LETTER, "Polityka prywatności <https://guard.example.net/?u=desk.example.org%2Fprivacy>"]
    assert answering_text("\n".join(["Dziękuję, działa.", *quoted]), ["\n".join(sent)]) == "Dziękuję, działa."


LONG = 300
GROWING = {
    "our lines": ("\n".join(LETTER) + "\n", LETTER),
    "answers between": (f"{LETTER[0]}\ntak\n{LETTER[1]}\n", LETTER),
    "headers between": ("\n".join([LETTER[0], *HEADER, LETTER[1], ""]), LETTER),
    "headers above blank lines": ("\n".join([*HEADER, *[""] * 9]), LETTER),
    "one long gap": ("tak\n", LETTER),
}


@pytest.mark.parametrize(("unit", "letter"), GROWING.values(), ids=GROWING.keys())
def test_twice_the_quote_is_at_most_about_twice_the_work(unit: str, letter: list[str]) -> None:
    sent = ["\n".join(letter)]
    once, twice = (
        work(lambda size=size: answering_text(f"{LETTER[2]}\n{LETTER[3]}\n{unit * size}{LETTER[4]}\n", sent))  # type: ignore[misc]
        for size in (LONG, 2 * LONG)
    )
    assert twice < 2.4 * once
