"""The bytes of outgoing mail: what a receiver reads in them is what was meant, and nothing can break out of a field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import mailparser
import pytest

from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.field_writing import MOST_REFERENCES
from helpdesk.mail.message import Address, Attachment
from tests.mail.reading import assert_fit_for_the_wire, read, text_of, tidy, unfolded

PLAIN = OutboundMessage(
    from_=Address("Pomoc LATARNIA", "PomocLATARNIA@helpdesk.example"),
    to=Address("Jan Próbny", "jan@acme.example"),
    subject="[LAT-482135] Latarnia nie świeci",
    text="Dzień dobry,\n\nlatarnia już świeci.\n",
    html="<p>Dzień dobry,</p><p>latarnia już świeci.</p>",
    message_id="c1.48213.77.7f3k9q2m.08730pqc58na5e5b@helpdesk.example",
    date=datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    language="pl",
)
LONG_ID = "AM9PR" + "0" * 120 + "@eurprd04.prod.example.org"


def test_text_comes_first_and_html_stands_beside_it() -> None:
    message = read(compose(PLAIN))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(message) == PLAIN.text
    assert text_of(message, "html") == PLAIN.html + "\n"


def test_without_html_the_mail_is_a_single_text() -> None:
    message = read(compose(replace(PLAIN, html="")))
    assert message.get_content_type() == "text/plain"
    assert not message.is_multipart()


def test_header_says_who_when_and_in_which_language() -> None:
    message = read(compose(replace(PLAIN, reply_to=Address("", "PomocLATARNIA+c1@helpdesk.example"))))
    assert message["From"] == "Pomoc LATARNIA <PomocLATARNIA@helpdesk.example>"
    assert message["To"] == "Jan Próbny <jan@acme.example>"
    assert message["Reply-To"] == "PomocLATARNIA+c1@helpdesk.example"
    assert message["Date"] == "Mon, 23 Nov 2026 08:00:00 +0000"
    assert message["Content-Language"] == "pl"
    assert message["MIME-Version"] == "1.0"


@pytest.mark.parametrize("kind", ["auto-replied", "auto-generated"])
def test_automatic_mail_says_so_and_asks_for_no_automatic_answer(kind: str) -> None:
    message = read(compose(replace(PLAIN, auto_submitted=kind)))  # type: ignore[arg-type]  # parametrised text
    assert message["Auto-Submitted"] == kind
    assert message["X-Auto-Response-Suppress"] == "All"


def test_words_of_a_person_carry_no_mark_of_automatic_mail() -> None:
    message = read(compose(PLAIN))
    assert message["Auto-Submitted"] is None
    assert message["X-Auto-Response-Suppress"] is None


def test_long_message_ids_are_never_encoded_or_broken() -> None:
    raw = compose(replace(PLAIN, in_reply_to=LONG_ID, references=("root@helpdesk.example", LONG_ID)))
    assert f"In-Reply-To: <{LONG_ID}>\r\n".encode() in raw
    assert f"References: <root@helpdesk.example>\r\n <{LONG_ID}>\r\n".encode() in raw


@pytest.mark.parametrize(
    "unusable",
    [
        "has blank@x.example",
        "line\r\nBcc: all@x.example",
        "<x@y.example>",
        "żółw@x.example",
        "",
        "x" * 2000 + "@x.example",
    ],
    ids=["blank", "line break", "brackets", "not ascii", "empty", "endless"],
)
def test_foreign_ids_that_cannot_be_written_are_left_out(unusable: str) -> None:
    message = read(compose(replace(PLAIN, in_reply_to=unusable, references=(unusable, "good@x.example"))))
    assert message["In-Reply-To"] is None
    assert message["References"] == "<good@x.example>"


def test_very_long_chain_keeps_its_root_and_its_newest_links() -> None:
    chain = tuple(f"{number}@x.example" for number in range(100))
    ids = read(compose(replace(PLAIN, references=chain)))["References"].split()
    assert len(ids) == MOST_REFERENCES
    assert (ids[0], ids[1], ids[-1]) == ("<0@x.example>", f"<{101 - MOST_REFERENCES}@x.example>", "<99@x.example>")


@pytest.mark.parametrize("length", range(1, 90))
def test_no_blank_is_lost_wherever_the_subject_must_be_folded(length: int) -> None:
    start = "[LAT-482135] " + "Latarnia " * (length // 10) + "x" * (length % 10)
    subject = f"{start} świeci i gaśnie, świeci i gaśnie"
    plain = compose(replace(PLAIN, subject=start * 3))
    assert unfolded(mailparser.parse_from_bytes(plain).subject) == read(plain)["Subject"] == tidy(start * 3)
    raw = compose(replace(PLAIN, subject=subject))
    assert mailparser.parse_from_bytes(raw).subject == read(raw)["Subject"] == tidy(subject)
    header = raw[: raw.index(b"\r\n\r\n")]
    assert max(map(len, header.split(b"\r\n"))) <= 78


def test_subject_tag_stays_legible_in_the_raw_header() -> None:
    assert b"\r\nSubject: [LAT-482135] Latarnia nie =?utf-8?q?" in compose(PLAIN)


@pytest.mark.parametrize(
    ("subject", "read_as"),
    [
        ("Lampa\r\nBcc: wszyscy@x.example", "Lampa Bcc: wszyscy@x.example"),
        ("a\0b\x1bc\x85d", "a b c d"),
        ("\ud800 pół znaku", "pół znaku"),
        ("  dużo   odstępów ", "dużo odstępów"),
        ("=?utf-8?q?udawane?=", "=?utf-8?q?udawane?="),
        ("x" * 2000, "x" * 2000),
        ("Пропал свет в башне " * 9, ("Пропал свет в башне " * 9).strip()),
        ("💡" * 60, "💡" * 60),
        ("", ""),
    ],
    ids=["line break", "controls", "surrogate", "blanks", "mock encoded word", "endless", "cyrillic", "emoji", "empty"],
)
def test_any_subject_is_cleaned_rather_than_refused(subject: str, read_as: str) -> None:
    raw = compose(replace(PLAIN, subject=subject))
    assert_fit_for_the_wire(raw)
    assert read(raw)["Subject"] == read_as
    assert read(raw)["Bcc"] is None


@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        ('Nowak, Jan "Latarnik" \\', 'Nowak, Jan "Latarnik" \\'),
        ("Jan <ktos@x.example>", "Jan <ktos@x.example>"),
        ("Jan\r\nBcc: x@x.example", "Jan Bcc: x@x.example"),
        ("Świętosława Żółć-Gżegżółkiewicz z Działu Utrzymania Latarń Morskich", None),
        ("=?utf-8?q?udawane?=", None),
        ("n" * 500, "n" * 120),
    ],
    ids=["specials", "address in the name", "line break", "long polish", "mock encoded word", "endless"],
)
def test_any_display_name_reads_as_it_was_meant(name: str, read_as: str | None) -> None:
    raw = compose(replace(PLAIN, to=Address(name, "jan@acme.example")))
    assert_fit_for_the_wire(raw)
    assert mailparser.parse_from_bytes(raw).to == [(name if read_as is None else read_as, "jan@acme.example")]
    (address,) = read(raw)["To"].addresses
    assert address.addr_spec == "jan@acme.example"


def test_international_domain_is_written_in_punycode() -> None:
    raw = compose(replace(PLAIN, to=Address("", "jan@żółw.example")))
    assert b"\r\nTo: jan@xn--w-uga1v8h.example\r\n" in raw


@pytest.mark.parametrize(
    "addr",
    ["żółw@x.example", "a@b\r\nBcc: c@x.example", "a b@x.example", "a@x.example, b@x.example", "", "a@", "@x.example"],
)
def test_address_that_cannot_be_mailed_is_refused(addr: str) -> None:
    with pytest.raises(ValueError, match=r"address|label|empty"):
        compose(replace(PLAIN, to=Address("", addr)))


def test_own_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match="message id"):
        compose(replace(PLAIN, message_id="two words@helpdesk.example"))
    with pytest.raises(ValueError, match="field name"):
        compose(replace(PLAIN, headers=(("X-Helpdesk Ticket", "LAT-482135"),)))
    with pytest.raises(ValueError, match="aware"):
        compose(replace(PLAIN, date=datetime(2026, 11, 23)))  # noqa: DTZ001  # naive is what is tested


def test_own_headers_stand_in_the_mail_with_their_values_cleaned() -> None:
    message = read(compose(replace(PLAIN, headers=(("X-Helpdesk-Ticket", "LAT-482135\r\nBcc: x@x.example"),))))
    assert message["X-Helpdesk-Ticket"] == "LAT-482135 Bcc: x@x.example"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Plain words.", "7bit"),
        ("Latarnia już świeci, dziękuję.", "quoted-printable"),
        ("y" * 999, "quoted-printable"),
        ("signed\n-- \nJan", "quoted-printable"),
        ("--=_alt_looks like a boundary", "quoted-printable"),
        ("Пропал свет в башне", "base64"),
        ("bell \a", "quoted-printable"),
    ],
)
def test_body_is_encoded_only_where_it_must_be(text: str, encoding: str) -> None:
    raw = compose(replace(PLAIN, text=text, html=""))
    assert_fit_for_the_wire(raw)
    assert read(raw)["Content-Transfer-Encoding"] == encoding
    assert text_of(read(raw)) == text + "\n"


@pytest.mark.parametrize(
    "name",
    [
        "plan.pdf",
        "plan latarni.pdf",
        "rzut piętra – wersja 2.pdf",
        'cudzysłów".txt',
        'quote".txt',
        "=?utf-8?q?x?=.txt",
        "ż" * 100 + ".pdf",
    ],
)
def test_attachment_arrives_whole_under_its_name(name: str) -> None:
    content = bytes(range(256)) * 9
    raw = compose(replace(PLAIN, attachments=(Attachment(name, "application/pdf", content),)))
    assert_fit_for_the_wire(raw)
    (part,) = read(raw).iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (name, "application/pdf")
    assert part.get_content() == content
    assert text_of(read(raw)) == PLAIN.text


def test_endless_attachment_name_is_shortened_before_its_extension() -> None:
    raw = compose(replace(PLAIN, attachments=(Attachment("ż" * 400 + ".pdf", "application/pdf", b"x"),)))
    assert_fit_for_the_wire(raw)
    (part,) = read(raw).iter_attachments()
    assert part.get_filename() == "ż" * 118 + ".pdf"


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed", "", "text/plain\r\nX: y", "nonsense"])
def test_attachment_of_a_type_that_must_not_be_encoded_travels_as_a_file(kind: str) -> None:
    inner = b"Subject: inside\r\n\r\n--=_mix_\xff\r\n"
    raw = compose(replace(PLAIN, attachments=(Attachment("mail.eml", kind, inner),)))
    assert_fit_for_the_wire(raw)
    (part,) = read(raw).iter_attachments()
    assert (part.get_content_type(), part.get_content()) == ("application/octet-stream", inner)


def test_pictures_stand_beside_the_html_that_shows_them_and_files_outside() -> None:
    picture = Attachment("zrzut.png", "image/png", b"\x89PNG", inline=True, content_id="p1.x@desk.test")
    file = Attachment("plan.pdf", "application/pdf", b"%PDF")
    page = '<img src="cid:p1.x@desk.test">'
    raw = compose(replace(PLAIN, html=page, pictures=(picture,), attachments=(file,)))
    assert_fit_for_the_wire(raw)
    mail = read(raw)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    [shown] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert (shown["Content-ID"], shown.get_content_disposition()) == ("<p1.x@desk.test>", "inline")
    assert (shown.get_filename(), shown.get_content()) == ("zrzut.png", b"\x89PNG")
    [related] = [part for part in mail.walk() if part.get_content_type() == "multipart/related"]
    assert related["Content-Type"].params["type"] == "text/html"


def test_same_message_is_always_the_same_bytes() -> None:
    assert compose(PLAIN) == compose(PLAIN)
