"""The codes that a calendar may name."""

import subprocess
import sys
from datetime import date

import pytest

from helpdesk.desk.daysoff import holidays_of, is_known, known_countries


def test_every_listed_country_and_region_is_known() -> None:
    codes = known_countries()
    assert {"PL", "DE", "DE-BY"} <= set(codes)
    assert [code for code in codes if not is_known(code)] == []


@pytest.mark.parametrize("code", ["", "-", "pl", "PL-", "PL-BY", "XX", "POL", "date", "__", "XNYS"])
def test_what_is_no_code_is_not_known(code: str) -> None:
    assert not is_known(code)
    assert code not in known_countries()


def test_to_ask_about_one_country_loads_no_other() -> None:
    program = (
        "import sys\n"
        "from helpdesk.desk import daysoff\n"
        "assert daysoff.is_known('PL') and daysoff.holidays_of('PL', 2026)\n"
        "print(*(name for name in sys.modules if name.startswith('holidays.countries.')))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.split() == ["holidays.countries.poland"]


def test_a_country_whose_table_builds_on_anothers_is_found() -> None:
    assert holidays_of("GU", 2026) > {date(2026, 7, 4)}
