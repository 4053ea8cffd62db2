"""What pydantic found, as sentences for an operator: what is wrong, and the nearest known name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from helpdesk.config.accounts import INCOMPLETE
from helpdesk.config.origin import Origin
from helpdesk.config.places import KeyPath
from helpdesk.errors import Problem

_SENTENCES = {
    "missing": "is missing",
    "string_too_short": "must not be empty",
    "string_type": "must be a text in quotes",
    "path_type": "must be a path in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "string_pattern_mismatch": "holds a character that can't stand there",
}
_FAMILIES = {"int_": "must be a whole number", "date_": 'must be a day such as "2026-11-20"'}


def problems_of(error: ValidationError, model: type[BaseModel], origin: Origin) -> list[Problem]:
    """Return everything that was found, in the order of the file; a misspelt key is not called missing as well."""
    found = error.errors(include_url=False)
    misspelt = {tuple(details["loc"]) for details in found if details["type"] == "extra_forbidden"}
    causes = [details for details in found if not _follows(details, misspelt)]
    return sorted((_problem(details, model, origin) for details in causes), key=lambda problem: problem.line)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: what was probably meant, else what there is."""
    names = sorted(known)
    folded = {one.lower(): one for one in names}
    close = difflib.get_close_matches(name.lower(), folded, n=1)
    return f"did you mean {folded[close[0]]!r}?" if close else f"known are {', '.join(names)}"


def _follows(details: ErrorDetails, misspelt: set[KeyPath]) -> bool:
    """Whether the finding comes only of a key beside it that is misspelt."""
    *table, key = details["loc"]
    beside = [str(path[-1]) for path in misspelt if path[:-1] == tuple(table)]
    if details["type"] == INCOMPLETE:
        return bool(beside)
    return details["type"] == "missing" and any(difflib.get_close_matches(name, [str(key)]) for name in beside)


def _problem(details: ErrorDetails, model: type[BaseModel], origin: Origin) -> Problem:
    path: KeyPath = tuple(part for part in details["loc"] if part != "[key]")
    if details["type"] == "extra_forbidden":
        known = fields_at(model, path[:-1])
        return origin.problem(path, f"unknown key {str(path[-1])!r}, {nearest(str(path[-1]), known)}")
    return origin.problem(path, _sentence(details))


def _sentence(details: ErrorDetails) -> str:
    kind = details["type"]
    context = details.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == INCOMPLETE:
        return details["msg"]
    if kind == "literal_error":
        return _choice(str(details["input"]), str(context["expected"]))
    family = next((text for prefix, text in _FAMILIES.items() if kind.startswith(prefix)), None)
    return _SENTENCES.get(kind) or family or details["msg"].replace("Input should be", "must be", 1)


def _choice(given: str, expected: str) -> str:
    """Say which words are allowed, from pydantic's "'tls', 'starttls' or 'plain'"."""
    words = expected.replace(" or ", ", ").replace("'", "").split(", ")
    close = difflib.get_close_matches(given, words, n=1)
    hint = f", did you mean {close[0]!r}?" if close else ""
    return f"{given!r} is none of {', '.join(words)}{hint}"


def fields_at(model: type[BaseModel], path: KeyPath) -> set[str]:
    """Return the keys that a table may have, found by following the models' annotations."""
    annotation: Any = model
    for part in path:
        fields = _model_in(annotation)
        known = fields.model_fields if fields else {}
        annotation = known[part].annotation if isinstance(part, str) and part in known else _item_of(annotation)
    table = _model_in(annotation)
    return set(table.model_fields) if table else set()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model itself, or the one of `Model | None`."""
    choices = (annotation, *get_args(annotation)) if type(None) in get_args(annotation) else (annotation,)
    return next((one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _item_of(annotation: Any) -> Any:
    """What a dict's value or a tuple's item is."""
    inner = [one for one in get_args(annotation) if one is not Ellipsis]
    return inner[-1] if inner else None
