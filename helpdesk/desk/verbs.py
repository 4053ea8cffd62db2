"""The words of a consultant's commands (CONTRACT, "A consultant's commands"): verbs, their Polish, what they take.

`commands` reads mails by this table; the rules' aliases are checked against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from helpdesk.desk.folding import fold
from helpdesk.desk.visit import is_visit

_ADDRESS = re.compile(r"[^\s@<>,;:()\"]{1,64}@[^\s@<>,;:()\"]+\.[^\s@<>,;:()\".]+")
_DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
_TIME = re.compile(r"\d+(?:[.,]\d+)?\s*(?:h|m|min)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb takes, and where it may stand."""

    name: str
    polish: tuple[str, ...]  # folded
    sound: Callable[[str], bool] | None = None  # None: it takes no argument
    repeats: bool = False  # with other arguments
    in_reply: bool = True
    in_new_mail: bool = False


def _any_words(argument: str) -> bool:
    return bool(argument)


def _one_word(argument: str) -> bool:
    return len(argument.split()) == 1


def _address(argument: str) -> bool:
    return _ADDRESS.fullmatch(argument) is not None


def _time(argument: str) -> bool:
    return _TIME.match(argument) is not None


def _dates(argument: str) -> bool:
    """A day, or two days with `..` between, in order; or the word that calls them off."""
    if fold(argument) in ("off", "koniec"):
        return True
    found = _DATES.fullmatch(argument)
    try:
        first, last = (date.fromisoformat(day) for day in (found[1], found[2] or found[1])) if found else (None, None)
    except ValueError:
        return False
    return first is not None and last is not None and first <= last


def _kind(argument: str) -> bool:
    return fold(argument) in KINDS


def _priority(argument: str) -> bool:
    return argument in ("1", "2", "3", "4", "5")


KINDS = {"error": "error", "other": "other", "blad": "error", "inne": "other"}
TABLE: tuple[Verb, ...] = (
    Verb("note", ("notatka",)),
    Verb("take", ("biore",)),
    Verb("assign", ("przypisz",), _any_words),
    Verb("priority", ("priorytet",), _priority, in_new_mail=True),
    Verb("kind", ("rodzaj",), _kind, in_new_mail=True),
    Verb("tag", ("etykieta",), _any_words, repeats=True, in_new_mail=True),
    Verb("pending", ("czekam",)),
    Verb("resolve", ("rozwiaz", "rozwiazane")),
    Verb("close", ("zamknij",)),
    Verb("reopen", ("otworz",)),
    Verb("queue", ("kolejka",), _any_words),
    Verb("merge", ("scal",), _one_word),
    Verb("split", ("podziel",)),
    Verb("accept", ("przyjmij",)),
    Verb("cc", ("dw",), _address, repeats=True),
    Verb("uncc", ("bezdw",), _address, repeats=True),
    Verb("silent", ("cicho",)),
    Verb("time", ("czas",), _time, repeats=True),
    Verb("visit", ("wizyta",), is_visit),
    Verb("phone", ("telefon",), _address, in_reply=False, in_new_mail=True),
    Verb("for", ("za",), _address, in_reply=False, in_new_mail=True),
    Verb("spam", ()),
    Verb("send", ("wyslij",)),
    Verb("history", ("historia",)),
    Verb("find", ("szukaj",), _any_words, in_new_mail=True),
    Verb("help", ("pomoc",), in_new_mail=True),
    Verb("away", ("nieobecnosc",), _dates, in_reply=False, in_new_mail=True),
)
VERBS = tuple(verb.name for verb in TABLE)
_TAKEN = frozenset(word for verb in TABLE for word in (verb.name, *verb.polish))


def alias_word(text: str) -> str:
    """Return the alias as it is compared, without diacritics or case. Raises ValueError if it can't be one."""
    word = fold(text.removeprefix("#"))
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,29}", word):
        raise ValueError(f"{text!r} can't be a command: one word of letters, digits, - and _")
    if word in _TAKEN:
        raise ValueError(f"{text!r} is a command already")
    return word
