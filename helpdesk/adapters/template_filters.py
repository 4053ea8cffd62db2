"""What templates can do with values: dates as people say them, sizes, quoted and safe text.

Used by `adapters.templates` alone; described for admins in docs/templates.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import pass_context
from markupsafe import Markup, escape

from helpdesk.desk.letter import bare_subject
from helpdesk.desk.terms import Person

_PATTERN = "EEEE, d MMMM y, H:mm"
_ENGLISH = {"en": "en_GB"}  # the day before the month
_ACCUSATIVE = {"wtorek": "we wtorek", "środa": "w środę", "sobota": "w sobotę", "niedziela": "w niedzielę"}
_URL = re.compile(r"https?://[^\s<>\"'|\\^`{}]*[^\s<>\"'|\\^`{}.,;:!?)\]]")
_BLANKS = re.compile(r" (?:(?<=  )|(?<=^ ))", re.MULTILINE)  # one behind another, one that begins a line


def filters_for(language: str, zone: str) -> dict[str, Callable[..., object]]:
    """Return the filters of letters in that language, with times in that IANA zone."""
    return {
        "moment": _bound(moment, language=language, zone=zone),
        "on_moment": _bound(on_moment, language=language, zone=zone),
        "size": _bound(size, language=language),
        "days": days,
        "hours": hours,
        "day": _bound(calendar_day, language=language),
        "month": _bound(month, language=language),
        "bare": bare_subject,
        "named": named,
        "person": person,
        "quote": quote,
        "prose": prose,
    }


def _bound(say: Callable[..., str], **to: str) -> Callable[..., str]:
    """Return the filter for one language; as it takes the context, nothing that it says is compiled in, for all."""
    return pass_context(lambda _, value: say(value, **to))


def moment(at: datetime, language: str, zone: str) -> str:
    """Return "poniedziałek, 23 listopada 2026, 9:00", or the like in another language, on the zone's wall clock."""
    return _minute(at.replace(second=0, microsecond=0), language, zone)


@lru_cache(maxsize=4096)
def _minute(at: datetime, language: str, zone: str) -> str:
    return str(format_datetime(at.astimezone(ZoneInfo(zone)), _PATTERN, locale=_ENGLISH.get(language, language)))


def on_moment(at: datetime, language: str, zone: str) -> str:
    """Return the moment as it stands in a sentence: "w środę, 25 listopada 2026, 9:00", "on Wednesday, …"."""
    said = moment(at, language, zone)
    if language == "pl":
        weekday, rest = said.split(",", 1)
        return f"{_ACCUSATIVE.get(weekday, 'w ' + weekday)},{rest}"
    return f"on {said}" if language == "en" else said


@lru_cache(maxsize=1024)
def size(octets: int, language: str) -> str:
    """Return "812 B", "14 kB" or "1,4 MB", counted in thousands."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 999_500:
        return f"{round(octets / 1000)} kB"
    return f"{format_decimal(octets / 1e6, '#,##0.#', locale=_ENGLISH.get(language, language))} MB"


def hours(length: timedelta) -> str:
    """Return "1 h 30 min", "45 min" or "0 min"."""
    whole, rest = divmod(length // timedelta(minutes=1), 60)
    return " ".join(filter(None, (f"{whole} h" if whole else "", f"{rest} min" if rest or not whole else "")))


def calendar_day(day: date, language: str) -> str:
    """Return "31 grudnia 2026", or the like in another language."""
    return str(format_date(day, "d MMMM y", locale=_ENGLISH.get(language, language)))


def month(day: date, language: str) -> str:
    """Return the month that a day is in: "listopad 2026"."""
    return str(format_date(day, "LLLL y", locale=_ENGLISH.get(language, language)))


def days(span: timedelta) -> int:
    """Return the whole days of a span."""
    return span.days


def named(word: str, names: Mapping[str, str]) -> str:
    """Return what the word is called among these names, or the word itself; a dash for none."""
    return names.get(word, word) or "–"


def person(someone: Person) -> str:
    """Return "Jan Próbny <jan@acme.example>", or the bare address of someone without a name."""
    return f"{someone.name} <{someone.addr}>" if someone.name else someone.addr


def quote(text: str) -> str:
    """Return the text as mail quotes it, `> ` before every line."""
    return "\n".join(f"> {line}" if line else ">" for line in text.strip("\n").split("\n"))


def prose(text: str) -> Markup:
    """Return people's text as HTML: escaped, its line breaks and indents kept, web addresses as links."""
    html, end = [], 0
    for url in _URL.finditer(text):
        html += [_escaped(text[end : url.start()]), f'<a class="link" href="{escape(url[0])}">{escape(url[0])}</a>']
        end = url.end()
    html.append(_escaped(text[end:]))
    return Markup("".join(html).replace("\n", "<br>\n"))  # noqa: S704  # every piece was escaped above


def _escaped(text: str) -> str:
    return _BLANKS.sub("&nbsp;", str(escape(text.replace("\t", "    "))))
