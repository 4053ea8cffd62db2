"""Pictures inside a text: marked, named by their files, shown where they stood."""

from __future__ import annotations

import time

import pytest

from helpdesk.mail.message import Attachment
from helpdesk.mail.pictures import illustrate, mark_pictures, name_pictures

SHOT = Attachment("zrzut ekranu.png", "image/png", b"png", inline=True, content_id="image001.png@01DC")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tu:\n[cid:image001.png@01DC]\ni tu.", "Tu:\n[zrzut ekranu.png]\ni tu."),
        ("[CID:image001.png@01DC]", "[zrzut ekranu.png]"),
        ("[cid:image002.png@01DD]", "[image002.png]"),
        ("Tu: [image: zrzut ekranu.png]", "Tu: [zrzut ekranu.png]"),
        ("[image: inny.png]", "[image: inny.png]"),
        ("[cid: nic]", "[cid: nic]"),
        ("bez obrazków", "bez obrazków"),
    ],
    ids=["known", "upper case", "unknown", "Gmail", "another of Gmail", "no mark", "nothing"],
)
def test_a_mark_is_named_by_its_file(text: str, expected: str) -> None:
    assert name_pictures(text, [SHOT]) == expected


SHOWN = '<p>Proszę tu:</p><p><img src="cid:image001.png@01DC" width="10"></p><p>i zapisać.</p>'
MARKED = "Proszę tu:\n\n[cid:image001.png@01DC]\n\ni zapisać."


@pytest.mark.parametrize(
    ("text", "page", "expected"),
    [
        ("Proszę tu:\n\ni zapisać.", SHOWN, MARKED),
        ("Proszę tu:\ni zapisać.", SHOWN, MARKED),
        (MARKED, SHOWN, MARKED),
        ("Proszę tu: [image: zrzut ekranu.png]", SHOWN, "Proszę tu: [image: zrzut ekranu.png]"),
        ("Coś innego.", SHOWN, "Coś innego."),
        ("Proszę tu:\nProszę tu:", SHOWN, "Proszę tu:\nProszę tu:"),
        ("Proszę tu:\n\ni zapisać.", f"{SHOWN}<p>Proszę tu:</p>", "Proszę tu:\n\ni zapisać."),
        ("Proszę tu:", SHOWN.replace("image001", "logo"), "Proszę tu:"),
    ],
    ids=["left out", "no gap", "marked", "Gmail's mark", "quoted", "twice", "twice in HTML", "of no file"],
)
def test_a_picture_that_the_text_leaves_out_is_marked_where_that_is_certain(
    text: str, page: str, expected: str
) -> None:
    assert mark_pictures(text, page, [SHOT]) == expected


def test_pictures_below_one_line_keep_their_order() -> None:
    other = Attachment("drugi.png", "image/png", b"png", inline=True, content_id="image002.png@01DC")
    page = '<p>Proszę tu:</p><img src="cid:image001.png@01DC"><img src="cid:image002.png@01DC"><p>i zapisać.</p>'
    assert mark_pictures("Proszę tu:\ni zapisać.", page, [SHOT, other]) == (
        "Proszę tu:\n\n[cid:image001.png@01DC]\n\n[cid:image002.png@01DC]\n\ni zapisać."
    )


def test_a_page_full_of_pictures_costs_little() -> None:
    page = "<p>Proszę tu:</p>" + '<img src="cid:image001.png@01DC">' * 20_000 + "<p>Proszę tu:</p>"
    text = "Proszę tu:\n" + "i zapisać.\n" * 20_000
    began = time.perf_counter()
    assert mark_pictures(text, page, [SHOT]) == text
    assert time.perf_counter() - began < 2


def test_a_picture_takes_the_place_of_its_name_under_an_id_of_ours() -> None:
    plan = Attachment("plan.pdf", "application/pdf", b"%PDF")
    made = illustrate("<p>Tu: [zrzut ekranu.png] i [plan.pdf]</p>", "[zrzut ekranu.png]", [SHOT, plan], "x@desk.test")
    assert '<img src="cid:picture1.x@desk.test" alt="[zrzut ekranu.png]"' in made.page
    assert [(each.name, each.content_id) for each in made.pictures] == [("zrzut ekranu.png", "picture1.x@desk.test")]
    assert made.files == (plan,)


@pytest.mark.parametrize(
    "shot",
    [
        Attachment("zrzut ekranu.png", "image/png", b"png"),
        Attachment("zrzut ekranu.png", "image/svg+xml", b"<svg/>", inline=True, content_id="a@b"),
    ],
    ids=["a file beside the text", "no picture that every client shows"],
)
def test_anything_else_stays_a_file(shot: Attachment) -> None:
    made = illustrate("<p>[zrzut ekranu.png]</p>", "[zrzut ekranu.png]", [shot], "x@desk.test")
    assert (made.page, made.pictures, made.files) == ("<p>[zrzut ekranu.png]</p>", (), (shot,))
