"""What a mail says about the ticket that it belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.thread import referenced_ids, thread_hints
from helpdesk.desk.tokens import Keyring, SigningKey, TokenRole
from helpdesk.mail.message import InboundMessage
from tests.desk.mails import mail

PREFIXES = frozenset({"DYN"})
TAG_7, TAG_8 = (f"[{format_key('DYN', number)}]" for number in (1007, 1008))


def reply(
    subject: str = "Re: Invoice",
    references: tuple[str, ...] = (),
    in_reply_to: tuple[str, ...] = (),
    message_id: str = "own@acme.example",
) -> InboundMessage:
    """Return a mail that says these things about where it belongs."""
    return replace(mail(subject=subject), references=references, in_reply_to=in_reply_to, message_id=message_id)


IDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "references, nearest first": (("root", "middle", "parent"), (), ("parent", "middle", "root")),
    "in-reply-to alone": ((), ("parent",), ("parent",)),
    "in-reply-to adds what references leave out": (("root",), ("parent",), ("root", "parent")),
    "each id once": (("root", "parent", "root"), ("parent",), ("root", "parent")),
    "none": ((), (), ()),
}


@pytest.mark.parametrize(("references", "in_reply_to", "ids"), IDS.values(), ids=IDS)
def test_the_ancestors_are_named_nearest_first(
    references: tuple[str, ...], in_reply_to: tuple[str, ...], ids: tuple[str, ...]
) -> None:
    assert referenced_ids(reply(references=references, in_reply_to=in_reply_to)) == ids


def test_of_thousands_of_ancestors_the_nearest_and_the_oldest_are_asked_for() -> None:
    references = tuple(f"{number}@acme.example" for number in range(5000))
    asked = referenced_ids(reply(references=references))

    assert len(asked) == 50
    assert asked[0] == references[-1]
    assert asked[-1] == references[0]


def test_a_mail_is_not_its_own_ancestor() -> None:
    hints = thread_hints(reply(references=("own@acme.example", "parent"), in_reply_to=("own@acme.example",)), PREFIXES)

    assert hints.ancestors == ("parent",)


def test_tags_and_tokens_name_tickets_each_once() -> None:
    ring = Keyring("desk", (SigningKey("1", b"master"),))
    signed = ring.reply_address("pomoc@desk.example", TokenRole.CONTACT, 1009, 5, 0)
    root = ring.root_id(1010, 0, "desk.example")
    message = replace(mail(subject=f"Re: {TAG_7} {TAG_8} {TAG_7}", to=signed), references=(root,))
    hints = thread_hints(message, PREFIXES)

    assert (hints.tags, hints.signed) == ((1007, 1008), (1010, 1009))
