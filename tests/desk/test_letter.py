"""What a letter may say, before it has words."""

from __future__ import annotations

import pytest

from helpdesk.desk.letter import LONGEST_SUBJECT, bare_subject


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Lampa nie świeci", "Lampa nie świeci"),
        ("[LAT-482135] Lampa", "Lampa"),
        ("Re: [LAT-482135] Re: Lampa", "Lampa"),
        ("ODP: PD: Fwd: Re[2]: Odpowiedź: Lampa", "Lampa"),
        ("RE:RE: Lampa [ LAT-482135 ]", "Lampa"),
        ("[DYN-482135] Lampa", "Lampa"),
        ("[LAT-555550] Lampa", "[LAT-555550] Lampa"),
        ("[pilne] Lampa", "[pilne] Lampa"),
        ("Reklamacja: Lampa", "Reklamacja: Lampa"),
        ("Lampa Re: świecenie", "Lampa Re: świecenie"),
        ("Lampa\r\n  gaśnie", "Lampa gaśnie"),
        ("Re: [LAT-482135] ", ""),
        ("", ""),
    ],
)
def test_subject_is_freed_of_this_tickets_tag_and_of_reply_marks(subject: str, bare: str) -> None:
    assert bare_subject(subject, "LAT-482135") == bare


def test_endless_subject_is_cut_with_an_ellipsis() -> None:
    bare = bare_subject("x" * 5000, "LAT-482135")
    assert len(bare) == LONGEST_SUBJECT
    assert bare.endswith("x…")
