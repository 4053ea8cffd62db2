"""Message ids and subjects as clients bend them, made comparable."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.mail import identifiers
from helpdesk.mail.bounds import MAX_REFERENCES
from helpdesk.mail.identifiers import (
    all_ids,
    base_subject,
    clean_id,
    content_digest,
    first_id,
    is_forward_subject,
    is_reply_subject,
)
from helpdesk.mail.parse import parse_message

SUBJECTS = {
    "Re: Raport": "Raport",
    "Odp: Re: Raport": "Raport",
    "PD: Fwd: Raport": "Raport",
    "AW: WG: Raport": "Raport",
    "Re[2]: Raport": "Raport",
    "Re^3: Raport": "Raport",
    "Odp (2): Raport": "Raport",
    "RE：Raport": "Raport",
    "[EXTERNAL] Re:  Raport   roczny": "Raport roczny",
    "Reklamacja: raport": "Reklamacja: raport",
    "Raport re: sprzedaż": "Raport re: sprzedaż",
    "Odpowiedź: Raport": "Raport",
    "": "",
}


@pytest.mark.parametrize(("subject", "base"), SUBJECTS.items(), ids=SUBJECTS.keys())
def test_marks_of_answers_and_forwards_are_taken_off(subject: str, base: str) -> None:
    assert base_subject(subject) == base


def test_the_outermost_mark_says_whether_a_mail_answers_or_hands_on() -> None:
    assert is_reply_subject("Odp: PD: Raport")
    assert not is_reply_subject("PD: Odp: Raport")
    assert is_forward_subject("PD: Odp: Raport")
    assert not is_forward_subject("Raport")


def test_an_id_is_freed_of_brackets_and_of_whitespace_inside() -> None:
    assert clean_id(" <a.1@desk.\r\n example.org> ") == "a.1@desk.example.org"
    assert clean_id("<>") == ""
    assert clean_id("a" * 2000) == ""
    assert clean_id("a b\x00@c") == ""


def test_ids_are_found_between_words_and_comments() -> None:
    assert all_ids("Message of Tuesday <a@b.example.org> (by Jan <x>) <c@d.example.org>")[0] == "a@b.example.org"
    assert all_ids("a@b.example.org (list)") == ("a@b.example.org",)
    assert all_ids("<a@b><a@b><c@d>") == ("a@b", "c@d")
    assert first_id("") == ""


def test_of_very_many_references_the_root_and_the_nearest_are_kept() -> None:
    found = all_ids(" ".join(f"<{n}@b>" for n in range(5000)))
    assert len(found) == MAX_REFERENCES
    assert (found[0], found[-1]) == ("0@b", "4999@b")


def digest(raw: str) -> str:
    return parse_message(raw.encode()).content_digest


def test_two_copies_of_a_mail_have_one_digest_whatever_its_way_was() -> None:
    head = "From: a@b.example.org\r\nSubject: x\r\nMessage-ID: <1@b>\r\nDate: Tue, 24 Nov 2026 08:00:00 +0100\r\n"
    one = digest(f"Received: from a by b\r\n{head}\r\nTekst.\r\n\r\n")
    assert one == digest(f"X-Scanned: yes\n{head}\nTekst.\n".replace("\r\n", "\n"))
    assert one != digest(f"{head}\r\nInny tekst.\r\n")
    assert one != digest(f"{head}\r\nTekst.\r\n".replace("<1@b>", "<2@b>"))


@given(
    st.lists(st.sampled_from([b"a", b" ", b"\r", b"\n", b"\r\n", b"\t"]), max_size=40).map(b"".join), st.integers(1, 5)
)
def test_a_body_read_piece_by_piece_has_the_digest_of_the_whole(body: bytes, piece: int) -> None:
    whole = hashlib.sha256(b"i\nd\nf\ns\n" + body.replace(b"\r\n", b"\n").rstrip(b"\r\n \t")).hexdigest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identifiers, "PIECE", piece)
        assert content_digest((b"i", b"d", b"f", b"s"), b"head" + body, 4) == whole
