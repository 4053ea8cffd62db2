"""A person's address and name are taken out whole, and nothing that only looks like them."""

import pytest

from helpdesk.desk.redaction import Redaction, names_address, telling_names

JAN = Redaction("jan@acme.test", "erased-1@erased.invalid", ("Jan Kowal",))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("jan@acme.test", "erased-1@erased.invalid", id="alone"),
        pytest.param("Od: <Jan@ACME.test>;", "Od: <erased-1@erased.invalid>;", id="any-case"),
        pytest.param("Pisz na jan@acme.test.", "Pisz na erased-1@erased.invalid.", id="end-of-a-sentence"),
        pytest.param("ejan@acme.test", "ejan@acme.test", id="a-longer-local-part"),
        pytest.param("a.jan@acme.test", "a.jan@acme.test", id="a-dotted-local-part"),
        pytest.param("jan@acme.test.pl", "jan@acme.test.pl", id="a-longer-domain"),
        pytest.param("jan@acme.tests", "jan@acme.tests", id="another-domain"),
    ],
)
def test_only_the_whole_address_is_replaced(text: str, left: str) -> None:
    assert JAN.address_in(text) == left
    assert names_address(text, JAN.addr) is (text != left)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("Dzwonił Jan Kowal, JAN KOWAL!", "Dzwonił [erased], [erased]!", id="name"),
        pytest.param("Jan Kowalski", "Jan Kowalski", id="longer-name"),
        pytest.param("Jan i Kowal", "Jan i Kowal", id="parts-of-it"),
    ],
)
def test_a_name_goes_where_it_stands_whole(text: str, left: str) -> None:
    assert JAN.everything_in(text) == left


def test_a_single_word_is_no_name_to_look_for() -> None:
    assert telling_names(["Jan", "", "Jan Kowal", "Jan Maria Kowal"]) == ("Jan Maria Kowal", "Jan Kowal")


def test_json_is_searched_to_the_bottom() -> None:
    value = [{"outcome": "from jan@acme.test", "n": 1}, None, True]

    assert JAN.in_value(value) == [{"outcome": "from erased-1@erased.invalid", "n": 1}, None, True]
