"""Mails that say nothing but thanks, and those that only look like it."""

from __future__ import annotations

import pytest

from helpdesk.desk.thanks import is_thanks

NAMES = ("Jan Kowal", "Anna Nowak")
THANKS = {
    "one word": "Dziękuję!",
    "without diacritics": "dziekuje bardzo",
    "with a greeting": "Dzień dobry,\n\ndziękuję za szybką pomoc.\n\nPozdrawiam",
    "it works": "Już działa, dzięki!",
    "by name": "Bardzo dziękuję, Pani Anno",
    "by name, declined": "Podziękowania dla Pani Anny",
    "signed": "Dziękujemy.\n\nZ poważaniem\nJan Kowal\nACME sp. z o.o.\ntel. +48 22 123 45 67",
    "may be closed": "Dziękuję, można zamknąć zgłoszenie.",
    "English": "Thank you very much, it works now.\n\nKind regards,\nJan",
    "once more": "Jeszcze raz bardzo dziękuję.",
    "please close": "Dziękuję, proszę o zamknięcie.",
    "thanks with a smile": "Super, dzięki :)",
    "works fine": "Thanks a lot, all good!",
}
MORE = {
    "nothing": "",
    "no thanks in it": "Dzień dobry",
    "does not work": "Dziękuję, ale nadal nie działa.",
    "a question": "Dziękuję. Czy można zamknąć?",
    "a question mark": "Dzięki, działa?",
    "another matter": "Dziękuję. Proszę też o nową licencję.",
    "a request in kind words": "Dziękuję za odpowiedź. Proszę o wyjaśnienie sprawy.",
    "a plea": "Thanks, please help",
    "once more, but not thanks": "Dziękuję, jeszcze raz to zgłoszenie",
    "a figure": "Dziękuję, działa od 3",
    "a postscript": "Dziękuję.\nPS działa",
    "thanks in advance": "Proszę o pilny kontakt, z góry dziękuję.",
    "trouble below the parting": "Dziękuję!\n\nPozdrawiam\nJan\n\nDrukarka jednak nie drukuje.",
    "a question below the parting": "Thanks!\n\nRegards\nJan\n\nAnything else needed?",
    "a stranger's name": "Dziękuję, Beato",
    "a word too many": "Dziękuję, drukarka działa.",
    "long": "dziękuję " * 50,
    "again": "Thanks, it happened again",
}


@pytest.mark.parametrize("text", THANKS.values(), ids=THANKS)
def test_thanks_are_known_as_such(text: str) -> None:
    assert is_thanks(text, NAMES)


@pytest.mark.parametrize("text", MORE.values(), ids=MORE)
def test_whoever_says_more_is_heard(text: str) -> None:
    assert not is_thanks(text, NAMES)
