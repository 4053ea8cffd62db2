"""`parse_message` returns for any bytes, what it returns can be stored, and the work stays in step with the size."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.mail.authentication import authenticate
from helpdesk.mail.classify import OwnIdentity, classify
from helpdesk.mail.describe import describe
from helpdesk.mail.parse import parse_message
from tests.mail.promises import broken_promises

OWN = OwnIdentity(frozenset({"pomoc@desk.example.org"}), "desk.example.org")
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "References",
        "Content-Type",
        "Content-Disposition",
        "Reply-To",
        "Content-Transfer-Encoding",
        "Return-Path",
        "Auto-Submitted",
        "X-Failed-Recipients",
        "Authentication-Results",
    ]
)
PIECES = st.sampled_from(
    [
        "multipart/mixed; boundary=b",
        "multipart/report; boundary=b",
        "text/html",
        "text/plain; charset=",
        "application/ms-tnef",
        "message/rfc822",
        "base64",
        "quoted-printable",
        "x-uuencode",
        "=?utf-8?b?xYI=?=",
        "=?x?q?=00?=",
        "a@b.example.org",
        "<a@b>",
        '"',
        ";",
        "filename*0*=utf-8''%00",
        "name=../../a",
        ":;",
        "(",
        "MAILER-DAEMON",
        "--b\r\n",
        "--b--\r\n",
        "\r\n",
        "\r\n\r\n",
        "> ",
        "W dniu 1.1.2026 o 8:00, Jan pisze:",
        "begin 644 a\n",
        "<p>",
        "<blockquote>",
        "5.1.1",
        "\x00",
        "ł",
        "Od: a@b\n",
    ]
)
VALUES = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=8).map("".join)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8).map(lambda fields: "".join(f"{n}: {v}\r\n" for n, v in fields))
MAILS = st.builds(lambda head, body: f"{head}\r\n{body}".encode("utf-8", "surrogateescape"), FIELDS, VALUES)


def check(raw: bytes) -> None:
    message = parse_message(raw)
    found = classify(message, OWN)
    for profile in ("rfc8601", "m365", "submit", "none"):
        authenticate(message, profile, "mx.desk.example.org")
    json.dumps(describe(message, found), ensure_ascii=False).encode("utf-8")
    assert broken_promises(message) == []
    assert message.size == len(raw)


@SLOW
@given(st.binary(max_size=2000))
def test_any_bytes_give_a_message_that_can_be_stored(raw: bytes) -> None:
    check(raw)


@SLOW
@given(MAILS)
def test_anything_that_looks_like_mail_gives_a_message_that_can_be_stored(raw: bytes) -> None:
    check(raw)


@SLOW
@given(MAILS, MAILS, st.sampled_from(["mixed", "alternative", "related", "report", "signed", "digest"]))
def test_parts_of_any_kind_give_a_message_that_can_be_stored(one: bytes, two: bytes, kind: str) -> None:
    head = f"From: a@b.example.org\r\nContent-Type: multipart/{kind}; boundary=q\r\n\r\n".encode()
    check(head + b"--q\r\n" + one + b"\r\n--q\r\n" + two + b"\r\n--q--\r\n")


def test_fields_that_are_too_much_for_the_address_reader_are_read_loosely(monkeypatch: pytest.MonkeyPatch) -> None:
    def overwhelmed(*_fields: object, **_ways: object) -> None:
        raise RecursionError

    monkeypatch.setattr("helpdesk.mail.parse.get_addresses", overwhelmed)
    message = parse_message(b"From: Jan <too.much@example.org>\nDate: Tue, 24 Nov 2026 08:00:00 +0100\n\nTest.\n")
    assert message.author is not None
    assert message.author.addr == "too.much@example.org"
    assert message.date is not None
    assert "header_unreadable" in [defect.code for defect in message.defects]


def work(do: Callable[[], object]) -> int:
    """Return how many Python lines a call runs: a measure that no busy machine disturbs."""
    lines = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        do()
    finally:
        sys.settrace(before)
    return lines


HEAD = b"From: a@b.example.org\nSubject: Re: x\nIn-Reply-To: <a@b>\n"
GROWING = {
    "quoted lines": b"> stare zdanie\n",
    "signatures": b"-- \n",
    "attributions without an end": b"W dniu 24.11.2026 o 8:00, Jan\n",
    "header blocks": b"Od: a@b.example.org\nWys\xc5\x82ano: 24.11.2026\n",
    "closings": b"Pozdrawiam\nJan\n",
    "uuencode without an end": b"begin 644 a\n",
    "delimiters of nobody": b"--x\n",
    "links": b"<a href='https://example.org/'>x</a>",
}


@pytest.mark.parametrize("unit", GROWING.values(), ids=GROWING.keys())
@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_twice_the_text_is_at_most_about_twice_the_work(unit: bytes, kind: str) -> None:
    raw = HEAD + f"Content-Type: {kind}; charset=utf-8\n\n".encode()
    once, twice = (work(lambda size=size: parse_message(raw + unit * size)) for size in (300, 600))  # type: ignore[misc]
    assert twice < 2.4 * once


@pytest.mark.parametrize("field", ["To", "Subject", "References", "Content-Type", "Content-Disposition"])
@pytest.mark.parametrize("unit", ["a@b.example.org, ", "=?utf-8?q?=C5=82?= ", "<a@b> ", ";a*0*=x", "(((", '"', "Re: "])
def test_twice_the_field_is_at_most_about_twice_the_work(field: str, unit: str) -> None:
    once, twice = (work(lambda n=n: parse_message(f"{field}: {unit * n}\n\nx\n".encode())) for n in (100, 200))  # type: ignore[misc]
    assert twice < 2.4 * once


def test_levels_parts_and_lines_beyond_the_bounds_are_marked_and_the_mail_is_still_read() -> None:
    deep = b"From: a@b.example.org\nContent-Type: multipart/mixed; boundary=b0\n\n"
    for level in range(150):
        deep += b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (level, level + 1)
    message = parse_message(deep + b"na dnie\n")
    assert "levels_limit" in [defect.code for defect in message.defects]
    assert "na dnie" in message.text
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: application/pdf\n\nx\n" * 2500
    assert "parts_limit" in [defect.code for defect in parse_message(many).defects]
    lines = b"Subject: x\n" + b" y\n" * 11_000 + b"From: a@b.example.org\n\ntekst\n"
    message = parse_message(lines)
    assert "header_lines_limit" in [defect.code for defect in message.defects]
    assert message.author is not None
    assert message.text == "tekst"
