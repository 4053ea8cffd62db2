"""The words of a consultant's commands (CONTRACT, "A consultant's commands"), for aliases in the rules."""

from __future__ import annotations

import re

from helpdesk.desk.folding import fold

_VERBS = """
note take assign priority kind tag pending resolve close reopen queue merge split cc uncc silent time visit
phone for spam send history find help away
"""
VERBS = tuple(_VERBS.split())


def alias_word(text: str) -> str:
    """Return the alias as it is compared, without diacritics or case. Raises ValueError if it can't be one."""
    word = fold(text.removeprefix("#"))
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,29}", word):
        raise ValueError(f"{text!r} can't be a command: one word of letters, digits, - and _")
    if word in VERBS:
        raise ValueError(f"{text!r} is a command already")
    return word
