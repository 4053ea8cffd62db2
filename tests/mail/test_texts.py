"""Small promises of the text helpers: languages, proof by what we sent, sanitised HTML, unknown labels."""

from __future__ import annotations

import pytest

from helpdesk.mail.charset import codec_for, decode
from helpdesk.mail.html import sanitise
from helpdesk.mail.htmltext import to_text
from helpdesk.mail.language import recognise_language
from helpdesk.mail.status import status_in

LANGUAGES = {
    "pl": "Dzień dobry, od wczoraj nie możemy zaksięgować faktur, bo program się zawiesza. Proszę o pomoc.",
    "en": "Hello, since yesterday we can not post any invoices because the program hangs. Please help us.",
    "de": "Guten Tag, seit gestern können wir keine Rechnungen buchen, weil das Programm hängt. Bitte um Hilfe.",
}


@pytest.mark.parametrize(("language", "text"), LANGUAGES.items(), ids=LANGUAGES.keys())
def test_a_few_lines_show_their_language(language: str, text: str) -> None:
    assert recognise_language(text) == language


@pytest.mark.parametrize("text", ["", "OK", "ORA-00942 table 1234", LANGUAGES["en"] + LANGUAGES["de"]])
def test_a_language_is_not_guessed(text: str) -> None:
    assert recognise_language(text) == ""


@pytest.mark.parametrize(
    "label", ["zlib", "idna", "unicode_escape", "undefined", "x" * 300, "utf-8\x00", "rot13", "../etc", ""]
)
def test_a_label_that_is_no_text_charset_is_none(label: str) -> None:
    assert codec_for(label) == ""


def test_a_good_label_is_obeyed_without_complaint() -> None:
    assert decode("żółw".encode("cp1250"), "windows-1250") == ("żółw", "")
    assert decode("żółw".encode("utf-16"), "utf-16") == ("żółw", "")


REMOTE = (
    '<img src="https://a.example.org/x.png">',
    '<table background="https://a.example.org/x">',
    "<p style=\"background:url('https://a.example.org/x')\">x</p>",
    '<link rel=stylesheet href="https://a.example.org/x.css">',
    '<video poster="https://a.example.org/x"></video>',
    '<svg><image href="https://a.example.org/x"/></svg>',
    '<img srcset="https://a.example.org/x 2x">',
)


@pytest.mark.parametrize("source", REMOTE)
def test_nothing_remote_is_left_to_load(source: str) -> None:
    assert "a.example.org" not in sanitise(source)


def test_links_stay_but_tell_nobody_where_they_come_from() -> None:
    assert 'rel="noopener noreferrer nofollow"' in sanitise('<a href="https://a.example.org">x</a>')
    assert "javascript" not in sanitise('<a href="java\tscript:alert(1)">x</a>')


def test_lists_tables_and_verbatim_text_keep_their_form() -> None:
    page = "<ol start=3><li>trzy</li><li>cztery<ul><li>a</li></ul></li></ol><pre>a  b\n c</pre>"
    quote = "<blockquote>x<br>y</blockquote>"
    assert to_text(sanitise(page + quote)) == "3. trzy\n4. cztery\n  * a\n\na  b\n c\n\n> x\n> y"


STATUS = {
    "550 5.1.1 <jan@example.org> unknown": "5.1.1",
    "550-5.7.26 polityka": "5.7.26",
    "552 mailbox full": "5.2.2",
    "skrzynka odbiorcy jest pełna": "5.2.2",
    "host 192.0.2.1 said: 550 no such user": "5.1.1",
    "wszystko w porządku": "",
}


@pytest.mark.parametrize(("text", "status"), STATUS.items(), ids=STATUS.keys())
def test_a_status_is_read_from_codes_and_from_words(text: str, status: str) -> None:
    assert status_in(text) == status
