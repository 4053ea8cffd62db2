"""The codes that a calendar may name."""

import pytest

from helpdesk.desk.daysoff import is_known, known_countries


def test_every_listed_country_and_region_is_known() -> None:
    codes = known_countries()
    assert {"PL", "DE", "DE-BY"} <= set(codes)
    assert [code for code in codes if not is_known(code)] == []


@pytest.mark.parametrize("code", ["", "-", "pl", "PL-", "PL-BY", "XX", "POL", "date", "__", "XNYS"])
def test_what_is_no_code_is_not_known(code: str) -> None:
    assert not is_known(code)
    assert code not in known_countries()
