"""The built-in letter, for when a template fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.adapters.fallback import plain_fallback
from helpdesk.adapters.sample_facts import TICKET
from helpdesk.adapters.sample_letters import sample_letters
from helpdesk.adapters.templates import TemplateRenderer
from helpdesk.desk.terms import NotificationKind


@pytest.mark.parametrize("language", ["pl", "en", "de"])
@pytest.mark.parametrize("kind", [each for each in NotificationKind if each.about_a_ticket])
def test_every_letter_has_built_in_words_with_its_key(kind: NotificationKind, language: str) -> None:
    for letter in sample_letters(kind, language):
        content = plain_fallback(letter)
        assert content.subject.startswith("[DYN-482135]")
        assert content.subject == content.subject.strip()
        assert "DYN-482135" in content.text
        assert letter.text.strip() in content.text
        assert content.html == ""


def test_built_in_acknowledgement_says_when_it_counts_and_when_we_react() -> None:
    text = plain_fallback(next(sample_letters(NotificationKind.NEW, "pl"))).text
    assert "Uznajemy za otrzymane: 2026-11-23 09:00" in text
    assert "Zareagujemy najpóźniej: 2026-11-23 17:00" in text


def test_built_in_letter_keeps_a_strangers_words_and_internal_notes_to_itself() -> None:
    letter = next(sample_letters(NotificationKind.NEW, "en"))
    neutral = plain_fallback(replace(letter, neutral=True, text="Buy now", ticket=replace(TICKET, subject="Buy")))
    assert neutral.subject == "[DYN-482135]"
    assert "Buy" not in neutral.text
    with pytest.raises(ValueError, match="internal note"):
        plain_fallback(replace(letter, internal=True))


def test_renderer_offers_the_built_in_letter() -> None:
    letter = next(sample_letters(NotificationKind.CLOSED, "pl"))
    assert TemplateRenderer().fallback(letter) == plain_fallback(letter)
