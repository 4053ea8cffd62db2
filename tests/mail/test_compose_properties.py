"""Whatever is composed, two independent readers find the same in it (hypothesis)."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import mailparser
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.message import Address, Attachment
from tests.mail.reading import assert_fit_for_the_wire, composed, read, text_of, tidy, unfolded

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs", "Cs"])
    | st.sampled_from(' ąćęłńóśźż=?_"\\<>,'),
    max_size=120,
)
BODIES = st.text(st.characters(codec="utf-8", exclude_characters="\r\0") | st.sampled_from("\n .=-"), max_size=300)
ATOM = st.text(string.ascii_letters + string.digits + "-_+=.$", min_size=1, max_size=150)
IDS = st.builds("{}@{}.example".format, ATOM, st.sampled_from(["helpdesk", "prod.outlook"]))
MESSAGES = st.builds(
    OutboundMessage,
    from_=st.builds(Address, WORDS, st.just("PomocLATARNIA@helpdesk.example")),
    to=st.builds(Address, WORDS, st.just("jan+x@acme.example")),
    subject=WORDS,
    text=BODIES,
    html=st.just("") | BODIES,
    message_id=IDS,
    date=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # zoned by the strategy
    language=st.sampled_from(["pl", "en", "en-GB"]),
    in_reply_to=IDS,
    references=st.lists(IDS, max_size=5, unique=True).map(tuple),
    attachments=st.lists(
        st.builds(Attachment, WORDS, st.sampled_from(["application/pdf", "image/png"]), st.binary(max_size=200)),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(MESSAGES)
def test_stdlib_reads_back_what_was_composed(message: OutboundMessage) -> None:
    raw = compose(message)
    assert_fit_for_the_wire(raw)
    back = read(raw)
    assert str(back["Subject"]) == tidy(message.subject)
    assert back["Message-ID"] == f"<{message.message_id}>"
    assert back["References"] == (" ".join(f"<{each}>" for each in message.references) or None)
    assert back["Date"].datetime == message.date.replace(microsecond=0)
    assert text_of(back) == message.text.rstrip("\n") + "\n"
    assert [part.get_content() for part in back.iter_attachments()] == [a.content for a in message.attachments]


@settings(max_examples=150, deadline=None)
@given(MESSAGES)
def test_mail_parser_reads_back_what_was_composed(message: OutboundMessage) -> None:
    back = mailparser.parse_from_bytes(compose(message))
    assert unfolded(back.subject) == composed(tidy(message.subject))
    assert back.from_ == [(tidy(tidy(message.from_.name)[:120]), message.from_.addr)]
    assert back.to == [(tidy(tidy(message.to.name)[:120]), message.to.addr)]
    assert back.message_id == f"<{message.message_id}>"
    assert back.in_reply_to == f"<{message.in_reply_to}>"
    assert [each.replace("\r\n", "\n") for each in back.text_plain] == [composed(message.text.rstrip("\n") + "\n")]
    assert len(back.attachments) == len(message.attachments)
