"""By which fields an automatic reply is known, and which only look like one."""

from __future__ import annotations

import pytest

from helpdesk.mail.automatic import auto_reply_header
from helpdesk.mail.parse import parse_message


@pytest.mark.parametrize(
    ("field", "is_one"),
    [
        pytest.param("Delivered-To: Autoresponder", True, id="the word itself"),
        pytest.param("Delivered-To: autoresponder-tests@helpdesk.example", False, id="an address with it"),
        pytest.param("X-Mailer: Acme Vacation 2.1", True, id="a program's name"),
        pytest.param("Precedence: auto-reply", True, id="Precedence"),
        pytest.param("Precedence: bulk", False, id="another Precedence"),
    ],
)
def test_a_field_of_a_responder_is_known_and_an_address_is_none(field: str, is_one: bool) -> None:
    mail = parse_message(f"From: jan@acme.test\r\n{field}\r\n\r\nDzień dobry\r\n".encode())
    assert bool(auto_reply_header(mail)) is is_one
