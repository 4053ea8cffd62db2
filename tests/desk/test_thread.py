"""To which ticket a mail belongs: its ancestors, then its tag, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.thread import Thread, ThreadReason, choose_thread, referenced_ids, thread_hints
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


TAKES_PART_IN_7 = frozenset({1007})
KNOWN_IDS = {"of-7": [1007], "of-8": [1008], "of-both": [1007, 1008]}
KNOWN_TICKETS = frozenset({1007, 1008})

CHOICES: dict[str, tuple[InboundMessage, Thread]] = {
    "a known ancestor": (reply(references=("of-7",)), Thread(1007, ThreadReason.ANCESTOR, "of-7")),
    "the nearest known ancestor wins": (
        reply(references=("of-7", "of-8")),
        Thread(1008, ThreadReason.ANCESTOR, "of-8"),
    ),
    "unknown ancestors are passed over": (
        reply(references=("of-7", "unknown")),
        Thread(1007, ThreadReason.ANCESTOR, "of-7"),
    ),
    "in-reply-to where references are cut off": (
        reply(in_reply_to=("of-8",)),
        Thread(1008, ThreadReason.ANCESTOR, "of-8"),
    ),
    "an id seen on two tickets leads to the younger": (
        reply(references=("of-both",)),
        Thread(1008, ThreadReason.ANCESTOR, "of-both"),
    ),
    "an ancestor beats a tag": (
        reply(f"Re: {TAG_7} Invoice", references=("of-8",)),
        Thread(1008, ThreadReason.ANCESTOR, "of-8"),
    ),
    "the tag of a ticket that the author takes part in": (
        reply(f"Re: {TAG_7} Invoice"),
        Thread(1007, ThreadReason.TAG, "1007"),
    ),
    "the tag of somebody else's ticket proves nothing": (
        reply(f"Re: {TAG_8} Invoice"),
        Thread(None, ThreadReason.TAG_OF_OTHERS, "1008"),
    ),
    "of two tags the one that the author takes part in": (
        reply(f"{TAG_8} {TAG_7}"),
        Thread(1007, ThreadReason.TAG, "1007"),
    ),
    "a tag with unknown ancestors beside it": (
        reply(f"Re: {TAG_7} Invoice", references=("unknown",)),
        Thread(1007, ThreadReason.TAG, "1007"),
    ),
    "a tag of no ticket": (
        reply(f"[{format_key('DYN', 5555)}]"),
        Thread(None, ThreadReason.TAG_UNKNOWN, "5555"),
    ),
    "unknown ancestors alone": (
        reply(references=("unknown",)),
        Thread(None, ThreadReason.UNKNOWN_ANCESTOR, "unknown"),
    ),
    "an equal subject is no hint": (reply("Re: Invoice"), Thread(None, ThreadReason.NO_HINT)),
}


@pytest.mark.parametrize(("message", "thread"), CHOICES.values(), ids=CHOICES)
def test_a_mail_joins_the_ticket_that_its_evidence_names(message: InboundMessage, thread: Thread) -> None:
    hints = thread_hints(message, PREFIXES)

    assert choose_thread(hints, KNOWN_IDS, KNOWN_TICKETS, TAKES_PART_IN_7.__contains__) == thread


def test_every_reason_of_a_choice_is_reached_by_the_table() -> None:
    reached = {thread.reason for _, thread in CHOICES.values()}

    assert reached == set(ThreadReason) - {ThreadReason.SAME_ID}  # that one is the line's, for another copy
