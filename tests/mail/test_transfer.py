"""Transfer encodings undone: what stands between paddings, and what is nothing but paddings."""

from __future__ import annotations

import time

import pytest

from helpdesk.mail.transfer import decode_base64


@pytest.mark.parametrize("padding", [b"=", b"= ", b"=\r\n"], ids=["alone", "with blanks", "on lines"])
def test_a_body_of_nothing_but_paddings_costs_little(padding: bytes) -> None:
    began = time.perf_counter()
    decoded, _ = decode_base64(b"QUJD" + padding * 20_000)
    assert time.perf_counter() - began < 1
    assert decoded == b"ABC"


def test_pieces_that_are_padded_each_for_itself_are_one() -> None:
    assert decode_base64(b"QUJDRA==\r\nRUZHSA==\r\n=SUpL")[0] == b"ABCDEFGHIJK"
