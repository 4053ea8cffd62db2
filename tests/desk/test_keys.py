"""Ticket keys survive retyping, and only this desk's tags are read in subjects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.desk.keys import check_digit, format_key, key_fault, parse_key, strip_tags, tagged_numbers

PREFIXES = frozenset({"DYN", "PRO"})
NUMBERS = st.integers(min_value=1, max_value=10**16)


def test_a_key_is_the_prefix_the_number_and_its_check_digit() -> None:
    assert format_key("DYN", 48213) == "DYN-482135"


@given(NUMBERS)
def test_a_key_leads_back_to_its_number_under_any_prefix_of_the_desk(number: int) -> None:
    digits = f"{number}{check_digit(number)}"

    assert {parse_key(f"{prefix}-{digits}", PREFIXES) for prefix in ("DYN", "PRO", "dyn", "Pro")} == {number}
    assert parse_key(digits, PREFIXES) == number


@given(NUMBERS, st.data())
def test_every_single_wrong_digit_is_noticed(number: int, data: st.DataObject) -> None:
    digits = format_key("DYN", number).removeprefix("DYN-")
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))

    assert parse_key(f"DYN-{digits[:place]}{wrong}{digits[place + 1 :]}", PREFIXES) is None


@given(NUMBERS, st.data())
def test_every_swap_of_unequal_neighbours_is_noticed(number: int, data: st.DataObject) -> None:
    digits = format_key("DYN", number).removeprefix("DYN-")
    places = [place for place in range(len(digits) - 1) if digits[place] != digits[place + 1]]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]

    assert parse_key(f"DYN-{swapped}", PREFIXES) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_as_a_key_gets_an_answer(text: str) -> None:
    number = parse_key(text, PREFIXES)

    assert number is None or str(number) in text


KEYS = {
    "as in a subject": ("[DYN-482135]", 48213),
    "with blanks around": ("  DYN-482135 ", 48213),
    "lower case": ("dyn-482135", 48213),
    "another queue's prefix": ("PRO-482135", 48213),
    "the digits alone": ("482135", 48213),
    "wrong check digit": ("DYN-482136", None),
    "foreign prefix": ("JIRA-482135", None),
    "leading zero": ("DYN-0482135", None),
    "one digit has no number before its check digit": ("5", None),
    "nothing": ("", None),
    "a prefix alone": ("DYN-", None),
    "more digits than any ticket has": ("9" * 30, None),
    "digits of another script": ("DYN-٤٨٢١٣٥", None),
}


@pytest.mark.parametrize(("text", "number"), KEYS.values(), ids=KEYS)
def test_a_key_is_read_as_people_type_it(text: str, number: int | None) -> None:
    assert parse_key(text, PREFIXES) == number


TAGS = {
    "tag first": ("[DYN-482135] Invoice", (48213,)),
    "tag after marks of replies": ("Re: Odp: [DYN-482135] Invoice", (48213,)),
    "tag last": ("Invoice [DYN-482135]", (48213,)),
    "lower case": ("re: [dyn-482135] invoice", (48213,)),
    "blanks inside the brackets": ("[ DYN-482135 ] Invoice", (48213,)),
    "two tags, in order": (f"[{format_key('PRO', 1002)}] and [DYN-482135]", (1002, 48213)),
    "the same ticket under two prefixes": ("[PRO-482135] [DYN-482135]", (48213,)),
    "wrong check digit": ("[DYN-482134] Invoice", ()),
    "a foreign tracker's tag": ("[JIRA-482135] Invoice", ()),
    "no brackets": ("DYN-482135 Invoice", ()),
    "round brackets": ("(DYN-482135) Invoice", ()),
    "leading zeros": ("[DYN-00482135]", ()),
    "far too long": (f"[DYN-{'1' * 40}]", ()),
    "left-to-right marks, as right-to-left clients write them": ("[\u200eDYN-482135\u200e] Invoice", (48213,)),
    "right-to-left marks around the brackets": ("\u200f[DYN-482135]\u200f Invoice", (48213,)),
    "no tag at all": ("Invoice", ()),
}


@pytest.mark.parametrize(("subject", "numbers"), TAGS.values(), ids=TAGS)
def test_a_subject_names_the_tickets_whose_tags_are_ours_and_right(subject: str, numbers: tuple[int, ...]) -> None:
    assert tagged_numbers(subject, PREFIXES) == numbers


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        pytest.param("[DYN-482135] Invoice", "Invoice", id="ours goes"),
        pytest.param("[JIRA-7] Invoice", "[JIRA-7] Invoice", id="a foreign one stays"),
        pytest.param("[DYN-482134] Invoice", "[DYN-482134] Invoice", id="a wrong one stays"),
        pytest.param("Invoice [DYN-482135] of May", "Invoice of May", id="no double blank is left"),
        pytest.param("[\u200eDYN-482135\u200e] Invoice", "Invoice", id="with direction marks"),
    ],
)
def test_stripping_takes_only_the_tags_of_this_desk(subject: str, bare: str) -> None:
    assert strip_tags(subject, PREFIXES) == bare


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("XYZ-10019", "its prefixes are DYN, PRO", id="foreign-prefix"),
        pytest.param("DYN-10018", "its last digit checks the others, and one of them is wrong", id="wrong-digit"),
        pytest.param("1001", "if it is left out, write 10019", id="without-its-check-digit"),
        pytest.param("faktura", "is no key of a ticket, such as DYN-10019", id="no-key"),
        pytest.param("0", "is no key of a ticket", id="zero"),
    ],
)
def test_what_is_wrong_with_a_key_is_said(text: str, said: str) -> None:
    assert parse_key(text, ["DYN", "PRO"]) is None
    assert said in key_fault(text, ["PRO", "DYN"])
