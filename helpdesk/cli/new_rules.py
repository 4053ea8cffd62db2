"""The shipped routing_rules.yaml in the new desk's words: its addresses, and its queues where they differ.

The shipped file is its own manual, so its text is kept, and only what speaks of other queues and addresses goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.cli.new_desk import NewDesk, ProductMailbox

_SHIPPED_DOMAIN = re.compile(r"(?<![\w.-])helpdesk\.example(?![\w-])")
_BLOCK = r"^{key}:.*\n(?:[ \t].*\n|\n(?=[ \t]))*"
_NAMED_QUEUE = re.compile(r"\bqueue: *(\w+)")
_ITEM = re.compile(r"(?:^  #.*\n)*^  - .*\n(?:^    .*\n)*\n?", re.MULTILINE)  # a list item, its comment above it
_QUEUE = """\
  {queue}:
    prefix: {prefix}
    addresses: ["{address}"]
    from_name: {queue}
    calendar: {calendar}
    languages: [pl, en]
    consultants: {consultants}
"""
_SAMPLE = """\
  - name: mail to {address}
    mail: {{ from: ktos@nieznany.example, to: "{address}", subject: Witam, at: "2026-11-24T11:00" }}
    expect: {{ queue: {queue} }}
"""


def rules_text(shipped: str, desk: NewDesk) -> str:
    """Return routing_rules.yaml for the desk."""
    text = _SHIPPED_DOMAIN.sub(desk.domain, shipped)
    queues = _block(text, "queues")
    kept = {one: chunk for one in desk.mailboxes if one.address in (chunk := _queue_chunk(queues, one.queue))}
    if len(kept) == len(re.findall(r"^  \w+:", queues, re.MULTILINE)) == len(desk.mailboxes):
        return text
    text = text.replace(queues, "queues:\n" + "".join(_queues(queues, desk, kept)))
    return _only_ours(_only_ours(text, "rules", desk), "samples", desk) + _samples(desk)


def _only_ours(text: str, key: str, desk: NewDesk) -> str:
    """Return the text without the items of a list that speak of other queues or addresses."""
    block = _block(text, key)
    known = _block(text, "queues")
    return text.replace(block, _ITEM.sub(lambda item: item[0] if _is_ours(item[0], known, desk) else "", block))


def _queue_chunk(queues: str, name: str) -> str:
    found = re.search(rf"^  {re.escape(name)}:.*\n(?:    .*\n)*", queues, re.MULTILINE)
    return found[0] if found else ""


def _queues(queues: str, desk: NewDesk, kept: dict[ProductMailbox, str]) -> Iterator[str]:
    """Yield the chunk of each queue: the shipped one, or one like the first of those."""
    calendar = re.search(r"calendar: *(\w+)", queues)
    consultants = re.search(r"consultants: *(\[.*\])", queues)
    taken = [found for chunk in kept.values() for found in re.findall(r"prefix: *(\w+)", chunk)]
    for mailbox in desk.mailboxes:
        if mailbox not in kept:
            taken.append(_prefix(mailbox.queue, taken))
        yield kept.get(mailbox) or _QUEUE.format(
            queue=mailbox.queue,
            prefix=taken[-1],
            address=mailbox.address,
            calendar=calendar[1] if calendar else "always",
            consultants=consultants[1] if consultants else "[]",
        )


def _prefix(queue: str, taken: list[str]) -> str:
    """Return a short prefix for the queue's keys that no other queue has."""
    letters = re.sub(r"[^A-Z]", "", queue) or "Q"
    choices = (
        letters[:3],
        letters[:2] + letters[-1:],
        *(letters[:2] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    )
    return next(choice for choice in choices if choice not in taken)


def _is_ours(item: str, known: str, desk: NewDesk) -> bool:
    """Whether all queues that the item names, and all addresses of the desk's domain, are there."""
    addresses = re.findall(rf"[\w.+-]+@{re.escape(desk.domain)}\b", item)
    queues = {mailbox.queue for mailbox in desk.mailboxes}
    return queues.issuperset(_NAMED_QUEUE.findall(item)) and all(address in known for address in addresses)


def _samples(desk: NewDesk) -> str:
    return "".join(_SAMPLE.format(address=mailbox.address, queue=mailbox.queue) for mailbox in desk.mailboxes)


def _block(text: str, key: str) -> str:
    """Return a top-level key with all that is indented below it."""
    found = re.search(_BLOCK.format(key=key), text, re.MULTILINE)
    return found[0] if found else ""
