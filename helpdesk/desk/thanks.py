"""Whether a mail says nothing but thanks: such a word on a solved ticket is kept and wakes nobody.

Called by `services.wakening`. Conservative: every word must be one of thanks or politeness, and one of them of
thanks; a question, a figure, an attachment or a single word too many, and the mail is one like any other. Undone by
`#reopen`, since a guess must not have the last word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.desk.folding import fold

MOST_WORDS = 40  # of a signature and a few kind words; longer letters say more than thanks
_WORD = re.compile(r"\w+")
_TELLS_MORE = re.compile(r"[?\d]|\bp\.?\s?s\b", re.IGNORECASE)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_THANKS = _set("dziekuje dziekujemy dzieki podziekowania thanks thank thx cheers")
_KIND = _set(
    """
    bardzo serdecznie slicznie pieknie wielkie ogromne za z i oraz to w na od dla
    pomoc pomocy szybka blyskawiczna sprawna szybkie sprawne reakcje reakcja odpowiedz wsparcie rozwiazanie
    zalatwienie problemu sprawy informacje wyjasnienie cierpliwosc zaangazowanie fachowa profesjonalna
    dzien dobry witam czesc hej szanowni panstwo pani pan panie panu panstwu
    pozdrawiam pozdrawiamy pozdrowienia powazaniem wyrazami szacunku milego dnia weekendu udanego spokojnego
    juz teraz wszystko dziala dzialaja smiga gra ok okej okay super swietnie rewelacja ekstra jest dobrze
    mozna zamknac zamykac zgloszenie potwierdzam potwierdzamy
    you very so much many a lot for the your quick fast great help support answer reply response assistance
    solution fix and all now it works working fine perfect perfectly good everything is solved resolved that did the
    trick
    hello hi dear kind best regards greetings have nice day weekend team
    can be closed ticket
    """
)
_PHRASES = re.compile(r"\bjeszcze raz (?=(?:bardzo |serdecznie )?dziek)|\b(?:prosze o zamkniecie|please close)\b")
_PARTING = re.compile(
    r"\A\W*(?:z (?:powazaniem|wyrazami szacunku)|pozdrawiam\w*|pozdrowienia|(?:kind |best |warm )?regards|cheers)\b"
)
# Below a parting stands a signature, whose words are anybody's; but nobody's name is one of these.
_TROUBLE = _set(
    """
    nie ale jednak tylko niestety nadal dalej znowu znow ponownie problem blad bledu bledy czy kiedy jak gdzie dlaczego
    prosze jeszcze pytanie pytania wciaz zepsuty brak brakuje
    not but however only unfortunately still again issue error errors when how where why could would please question
    missing broken yet
    """
)


def is_thanks(text: str, names: Iterable[str] = ()) -> bool:
    """Return whether the words, quotes and signature folded away, are thanks and nothing else.

    `names` are those of the people on the ticket: to be called by name is no message.
    """
    words, signature = _parted(fold(text))
    words = _PHRASES.sub(" ", words)
    said, signed = _WORD.findall(words), _WORD.findall(signature)
    known = {part for name in names for part in _WORD.findall(fold(name))}
    if len(said) > MOST_WORDS or len(signed) > MOST_WORDS or _TELLS_MORE.search(words) or "?" in signature:
        return False
    pure = all(word in _THANKS or word in _KIND or _is_name(word, known) for word in said)
    return pure and any(word in _THANKS for word in said) and not _TROUBLE.intersection(signed)


def _is_name(word: str, known: Iterable[str]) -> bool:
    """Return whether the word is one of the names, in whatever case Polish puts it: Anna, Anno, Annie."""
    alike = (name for name in known if word[: len(name) - 1] == name[:-1] or word == name)
    return any(len(name) > 2 and abs(len(word) - len(name)) <= 2 for name in alike)


def _parted(text: str) -> tuple[str, str]:
    """Return what is said and what is signed: the lines from a parting on, if one stands at the head of a line."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if number and _PARTING.match(line):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
    return text, ""
