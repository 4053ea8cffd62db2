"""Marks of pictures inside a text become the names of their files."""

from __future__ import annotations

import pytest

from helpdesk.mail.message import Attachment
from helpdesk.mail.pictures import name_pictures

SHOT = Attachment("zrzut ekranu.png", "image/png", b"png", inline=True, content_id="image001.png@01DC")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tu:\n[cid:image001.png@01DC]\ni tu.", "Tu:\n[zrzut ekranu.png]\ni tu."),
        ("[CID:image001.png@01DC]", "[zrzut ekranu.png]"),
        ("[cid:image002.png@01DD]", "[image002.png]"),
        ("[cid: nic]", "[cid: nic]"),
        ("bez obrazków", "bez obrazków"),
    ],
    ids=["known", "upper case", "unknown", "no mark", "nothing"],
)
def test_a_mark_is_named_by_its_file(text: str, expected: str) -> None:
    assert name_pictures(text, [SHOT]) == expected
