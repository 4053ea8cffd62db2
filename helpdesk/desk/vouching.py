"""Somebody's word for somebody else's: a contact is asked about a colleague, an owner about a mail in their name.

Words that wait for such an answer are seen by consultants alone (RELIABILITY 3.5). `services.vouching` asks;
`services.answers` and `services.consents` read what comes back with `read_answer`. Pure.
"""

from __future__ import annotations

import re
from enum import StrEnum

from helpdesk.desk.folding import fold


class QuestionKind(StrEnum):
    """What is asked."""

    COLLEAGUE = "colleague"  # may this person take part? Asked of the customer's contact
    AUTHORSHIP = "authorship"  # was it you? Asked of the address that a mail claims to come from


class QuestionState(StrEnum):
    """What became of a question."""

    OPEN = "open"
    YES = "yes"
    NO = "no"
    LAPSED = "lapsed"


class Turned(StrEnum):
    """Why a colleague is turned to the customer's contact."""

    BY_RULE = "by_rule"  # the customer's rule lets only its contacts in
    BY_CONTACT = "by_contact"  # the contact said no
    BY_SILENCE = "by_silence"  # the contact said nothing in time


# Folded: without case and diacritics.
_YES = frozenset(
    (
        *("tak", "tak tak", "tak prosze", "tak potwierdzam", "tak zgadzam sie", "tak zgoda", "tak to ja"),
        *("tak to bylem ja", "tak to bylam ja", "potwierdzam", "zgoda", "zgadzam sie", "wyrazam zgode", "akceptuje"),
        *("oczywiscie", "to ja", "yes", "yes please", "yes it was me", "it was me", "i agree", "agreed", "i confirm"),
        *("confirmed", "approved"),
    )
)
_NO = frozenset(
    (
        *("nie", "nie dziekuje", "nie zgadzam sie", "nie wyrazam zgody", "nie potwierdzam", "nie to nie ja"),
        *("to nie ja", "nie to nie bylem ja", "nie to nie bylam ja", "odmawiam", "no", "no thanks", "no thank you"),
        *("it was not me", "it wasn't me", "not me", "i do not agree", "i don't agree", "refused"),
    )
)
_PUNCTUATION = re.compile(r"[.,;:!()]|(?:^|\s)-+(?:\s|$)")
_GREETING = re.compile(
    r"(?:dzien dobry|witam|witaj|czesc|hej|szanown\w*|drog\w*|hello|hi|hey|dear|good (?:morning|afternoon|day))"
    r"\b.{0,60}"
)


def read_answer(text: str) -> bool | None:
    """Return whether the first line says yes or no, None if it says neither; a greeting above it is passed over.

    Only what stands before the first mark of punctuation counts, and only whole phrases: "nie mam nic przeciwko" begins
    with a no and means yes, so it is neither.
    """
    lines = (" ".join(fold(line).replace("\u2019", "'").split()) for line in text.splitlines())
    spoken = (line for line in lines if line and not line.startswith(">") and not _GREETING.fullmatch(line))
    head = _PUNCTUATION.split(next(spoken, ""), maxsplit=1)[0].strip()
    return True if head in _YES else False if head in _NO else None
