"""The language a person wrote in, where a few lines show it beyond doubt.

Called by the desk to choose an answer's language. A vote of small words: they are a third of any text.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+")
SMALL_WORDS = {
    "pl": frozenset(["nie", "się", "jest", "że", "na", "do", "to", "jak", "czy", "proszę", "dzień", "dobry", "oraz", "dla", "przez", "który", "która", "które", "aby", "ale", "już", "tylko", "jestem", "mamy", "mam", "witam", "pozdrawiam", "pozdrowienia", "dziękuję", "są", "od", "po", "przy", "tej", "tym", "tego", "za", "mi", "nam", "moje", "nasze", "państwa", "państwo", "będzie", "było", "może", "gdy", "z", "w", "o", "i", "a", "u", "ze", "we"]),
    "en": frozenset(["the", "and", "is", "to", "of", "in", "you", "it", "that", "this", "for", "are", "with", "on", "have", "not", "be", "we", "can", "please", "thanks", "thank", "regards", "hello", "dear", "our", "your", "from", "was", "has", "but", "do", "does", "would", "could", "at", "an", "i", "my", "when", "which", "there", "been", "will"]),
    "de": frozenset(["der", "die", "das", "und", "ist", "nicht", "ich", "sie", "wir", "mit", "auf", "für", "den", "dem", "des", "ein", "eine", "einen", "bitte", "danke", "grüße", "grüßen", "hallo", "sehr", "geehrte", "wird", "werden", "kann", "haben", "hat", "bei", "zu", "von", "im", "es", "dass", "aber", "auch", "nach", "wie", "oder", "um", "am", "uns", "unser", "ihr", "ihre", "war", "noch"]),
}  # fmt: skip
LETTERS = {"pl": re.compile("[ąćęłńśźż]", re.I), "de": re.compile("[äöüß]", re.I)}
ENOUGH_WORDS, ENOUGH_VOTES, SAMPLE = 6, 3, 4000


def recognise_language(text: str) -> str:
    """Return "pl", "en" or "de", or "" where the text is too short or the vote too close."""
    words = [word.lower() for word in WORD.findall(text[:SAMPLE])]
    if len(words) < ENOUGH_WORDS:
        return ""
    votes = {language: sum(word in small for word in words) for language, small in SMALL_WORDS.items()}
    for language, letters in LETTERS.items():
        votes[language] += min(len(letters.findall(text[:SAMPLE])), len(words) // 3)
    (best, first), (_, second), *_ = sorted(votes.items(), key=lambda item: -item[1])
    return best if first >= ENOUGH_VOTES and first >= 2 * second and first * 8 >= len(words) else ""
