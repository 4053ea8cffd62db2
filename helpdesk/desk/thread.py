"""To which ticket a mail belongs: References and In-Reply-To first, then the subject's tag, no other guess.

A sandwich: `thread_hints` is pure, the store answers all hints of a batch in one query, `choose_thread`
is pure again. A tag counts only if the author takes part in that ticket: anybody can type a number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.desk.keys import tagged_numbers
from helpdesk.mail.message import InboundMessage

NEAREST, OLDEST = 40, 10  # a mail may name thousands of ancestors; so many are asked for from either end


class ThreadReason(StrEnum):
    """Why a mail joins a ticket, or none."""

    ANCESTOR = "ancestor"
    TAG = "tag"
    SAME_ID = "same_id"  # another copy of the mail that opened the ticket
    NO_HINT = "no_hint"
    UNKNOWN_ANCESTOR = "unknown_ancestor"
    TAG_OF_OTHERS = "tag_of_others"
    TAG_UNKNOWN = "tag_unknown"


@dataclass(frozen=True, slots=True)
class ThreadHints:
    """What a mail says about where it belongs."""

    ancestors: tuple[str, ...]  # message ids, nearest first
    tags: tuple[int, ...]  # ticket numbers in the subject, check digit right


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket a mail joins, or why it joins none; `linked` is a ticket it mentions all the same."""

    ticket: int | None
    reason: ThreadReason
    detail: str = ""
    linked: int | None = None


def referenced_ids(message: InboundMessage) -> tuple[str, ...]:
    """Return the ancestors the message names, nearest first.

    References stands for the whole line of descent; In-Reply-To adds what it leaves out (RFC 5322 §3.6.4).
    """
    ids = tuple(dict.fromkeys((*reversed(message.references), *message.in_reply_to)))
    return ids if len(ids) <= NEAREST + OLDEST else ids[:NEAREST] + ids[-OLDEST:]


def thread_hints(message: InboundMessage, prefixes: Collection[str]) -> ThreadHints:
    """Return what the message says about its ticket; nothing is looked up."""
    own = message.message_id
    return ThreadHints(
        tuple(identifier for identifier in referenced_ids(message) if identifier != own),
        tagged_numbers(message.subject, prefixes),
    )


def choose_thread(
    hints: ThreadHints,
    known_ids: Mapping[str, Sequence[int]],
    known_tickets: Collection[int],
    takes_part: Callable[[int], bool],
) -> Thread:
    """Return the ticket of the nearest known ancestor, else that of a tag whose ticket the author takes part in."""
    for identifier in hints.ancestors:
        if tickets := known_ids.get(identifier):
            return Thread(max(tickets), ThreadReason.ANCESTOR, identifier)
    existing = [number for number in hints.tags if number in known_tickets]
    for number in existing:
        if takes_part(number):
            return Thread(number, ThreadReason.TAG, str(number))
    if existing:
        return Thread(None, ThreadReason.TAG_OF_OTHERS, str(existing[0]))
    if hints.tags:
        return Thread(None, ThreadReason.TAG_UNKNOWN, str(hints.tags[0]))
    if hints.ancestors:
        return Thread(None, ThreadReason.UNKNOWN_ANCESTOR, hints.ancestors[0])
    return Thread(None, ThreadReason.NO_HINT)
