"""What a mail says about the ticket it belongs to: its ancestors, our tags, our tokens (RELIABILITY 3.3).

The first slice of a sandwich: `thread_hints` is pure, the store answers all hints of a batch in one query, and
`evidence.choose` is pure again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from helpdesk.desk.keys import tagged_numbers
from helpdesk.desk.tokens import parse_address, parse_id
from helpdesk.mail.message import InboundMessage

NEAREST, OLDEST = 40, 10  # a mail may name thousands of ancestors; so many are asked for from either end
MOST_SIGNED = 20  # tickets that tokens name; more is no honest mail


@dataclass(frozen=True, slots=True)
class ThreadHints:
    """What a mail says about where it belongs."""

    ancestors: tuple[str, ...]  # message ids, nearest first
    tags: tuple[int, ...]  # ticket numbers in the subject, check digit right
    signed: tuple[int, ...] = ()  # ticket numbers in tokens, not yet believed


def referenced_ids(message: InboundMessage) -> tuple[str, ...]:
    """Return the ancestors the message names, nearest first.

    References stands for the whole line of descent; In-Reply-To adds what it leaves out (RFC 5322 §3.6.4).
    """
    ids = tuple(dict.fromkeys((*reversed(message.references), *message.in_reply_to)))
    return ids if len(ids) <= NEAREST + OLDEST else ids[:NEAREST] + ids[-OLDEST:]


def thread_hints(message: InboundMessage, prefixes: Collection[str]) -> ThreadHints:
    """Return what the message says about its ticket; nothing is looked up."""
    own = message.message_id
    ancestors = tuple(identifier for identifier in referenced_ids(message) if identifier != own)
    tokens = (*map(parse_id, ancestors), *(parse_address(address.addr) for address in message.recipients))
    signed = dict.fromkeys(token.ticket for token in tokens if token)
    return ThreadHints(ancestors, tagged_numbers(message.subject, prefixes), tuple(signed)[:MOST_SIGNED])
