"""Rendered letters survive being composed and read."""

from __future__ import annotations

import mailparser
import pytest

from helpdesk.adapters.sample_facts import ANNA, TICKET
from helpdesk.adapters.templates import TemplateRenderer
from helpdesk.desk.letter import Letter
from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.message import Address
from tests.adapters.test_template_texts import EVERY_LETTER


@pytest.fixture(scope="module")
def renderer() -> TemplateRenderer:
    return TemplateRenderer()


@pytest.mark.parametrize("letter", EVERY_LETTER)
def test_letter_fits_the_wire_and_reads_back_as_rendered(renderer: TemplateRenderer, letter: Letter) -> None:
    content = renderer.render(letter)
    sender, recipient = (Address(each.name, each.addr) for each in (ANNA, letter.recipient))
    date = TICKET.received_at
    raw = compose(
        OutboundMessage(
            sender, recipient, content.subject, content.text, content.html, "1@helpdesk.example", date, letter.language
        )
    )
    back = mailparser.parse_from_bytes(raw)
    assert raw.isascii()
    assert back.subject == content.subject
    assert back.text_plain[0].replace("\r\n", "\n") == content.text
    assert back.text_html[0].replace("\r\n", "\n").strip() == content.html.strip()
