"""Public holidays by country, for the calendars in `hours`; the only importer of the `holidays` package.

The package is loaded on first use, of its tables only those that are asked for, and each country's year is computed
once. Its table says, for instance, that 24 December is a holiday in Poland since 2025. A table ends (`last_year_of`);
the rules' check warns before that.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any


@cache
def _package() -> Any:
    """Return the package, made to load one country's table alone: by itself it loads all for one, 13 MB.

    Its subpackage of countries does nothing but import every one of them, so it stands there without being run.
    """
    import holidays

    spec = importlib.util.find_spec("holidays.countries")
    if spec is not None and spec.name not in sys.modules:
        sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    return holidays


@cache
def is_known(code: str) -> bool:
    """Return whether a calendar may name this code; asks one country's table, `known_countries` asks all 250."""
    holidays = _package()
    country, dash, region = code.partition("-")
    table = getattr(holidays, country, None) if re.fullmatch("[A-Z]{2}", country) else None
    return table is not None and (region in table.subdivisions if dash else True)


@cache
def known_countries() -> tuple[str, ...]:
    """Return the codes that a calendar may name: `PL`, and with a region `DE-BY`."""
    holidays = _package()
    supported = holidays.list_supported_countries(include_aliases=False)
    return tuple(
        code
        for country in sorted(supported)
        for code in (country, *(f"{country}-{part}" for part in supported[country]))
    )


@cache
def holidays_of(code: str, year: int) -> frozenset[date]:
    """Return the public holidays of that year."""
    holidays = _package()
    country, _, region = code.partition("-")
    table = holidays.country_holidays(country, subdiv=region or None, years=year, expand=False)
    return frozenset(table)


@cache
def last_year_of(code: str) -> int:
    """Return the last year that the table of this country covers."""
    holidays = _package()
    country, _, region = code.partition("-")
    return int(holidays.country_holidays(country, subdiv=region or None).end_year)


def is_holiday(codes: Sequence[str], day: date) -> bool:
    """Return whether any of the countries rests on that day."""
    return any(day in holidays_of(code, day.year) for code in codes)
