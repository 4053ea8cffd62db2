"""The language a person wrote in, where a few lines show it beyond doubt.

Called by the desk to choose an answer's language. A vote of small words: they are a third of any text.
"""

from __future__ import annotations

import re

from helpdesk.mail.text import word_set

WORD = re.compile(r"[^\W\d_]+")
SMALL_WORDS = {
    "pl": word_set(
        "a aby ale było będzie czy dla do dobry dzień dziękuję gdy i jak jest jestem już która które który "
        "mam mamy mi moje może na nam nasze nie o od oraz państwa państwo po pozdrawiam pozdrowienia proszę "
        "przez przy się są tego tej to tylko tym u w we witam z za ze że"
    ),
    "en": word_set(
        "an and are at be been but can could dear do does for from has have hello i in is it my not of on "
        "our please regards thank thanks that the there this to was we when which will with would you your"
    ),
    "de": word_set(
        "aber am auch auf bei bitte danke das dass dem den der des die ein eine einen es für geehrte grüße "
        "grüßen haben hallo hat ich ihr ihre im ist kann mit nach nicht noch oder sehr sie um und uns unser "
        "von war werden wie wir wird zu"
    ),
}
LETTERS = {"pl": re.compile("[ąćęłńśźż]", re.I), "de": re.compile("[äöüß]", re.I)}
ENOUGH_WORDS, ENOUGH_VOTES, SAMPLE = 6, 3, 2000


def recognise_language(text: str) -> str:
    """Return "pl", "en" or "de", or "" where the text is too short or the vote too close."""
    words = WORD.findall(text[:SAMPLE].lower())
    if len(words) < ENOUGH_WORDS:
        return ""
    votes = {language: sum(map(small.__contains__, words)) for language, small in SMALL_WORDS.items()}
    for language, letters in LETTERS.items():
        votes[language] += min(len(letters.findall(text[:SAMPLE])), len(words) // 3)
    (best, first), (_, second), *_ = sorted(votes.items(), key=lambda item: -item[1])
    return best if first >= ENOUGH_VOTES and first >= 2 * second and first * 8 >= len(words) else ""
