"""The shipped routing_rules.yaml in the new desk's words: its addresses, and its queues where they differ.

The shipped file is its own manual, so its text is kept and only what must change is changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from helpdesk.cli.new_desk import NewDesk, ProductMailbox

SHIPPED_DOMAIN = re.compile(r"(?<![\w.-])helpdesk\.example(?![\w-])")
_BLOCK = r"^{key}:.*\n(?:(?:[ \t#-].*)?\n)*"


def rules_text(shipped: str, desk: NewDesk) -> str:
    """Return routing_rules.yaml for the desk."""
    text = SHIPPED_DOMAIN.sub(desk.domain, shipped)
    if all(_names(text, mailbox) for mailbox in desk.mailboxes) and len(desk.mailboxes) == _count_queues(text):
        return text
    text = _replaced(text, "queues", _queues(text, desk))
    # rules and samples of the shipped file speak of its own queues
    text = _replaced(text, "rules", "rules: []\n\n")
    return _replaced(text, "samples", _samples(desk))


def _names(text: str, mailbox: ProductMailbox) -> bool:
    """Whether the queue is there, with that address."""
    line = re.search(rf"^  {re.escape(mailbox.queue)}:.*(?:\n    .*)*", _block(text, "queues"), re.MULTILINE)
    return line is not None and mailbox.address in line[0]


def _count_queues(text: str) -> int:
    return len(re.findall(r"^  [A-Za-z0-9_-]+:", _block(text, "queues"), re.MULTILINE))


def _queues(text: str, desk: NewDesk) -> str:
    block = _block(text, "queues")
    calendar = re.search(r"calendar: *([\w-]+)", block)
    consultants = re.search(r"consultants: *(\[[^\]]*\])", block)
    prefixes = dict(zip(desk.mailboxes, _prefixes(mailbox.queue for mailbox in desk.mailboxes), strict=True))
    lines = [
        f"  {mailbox.queue}: {{ prefix: {prefixes[mailbox]}, addresses: [{json.dumps(mailbox.address)}], "
        f"from_name: {json.dumps(mailbox.queue.title())}, calendar: {calendar[1] if calendar else 'always'}, "
        f"languages: [pl, en], consultants: {consultants[1] if consultants else '[]'} }}"
        for mailbox in desk.mailboxes
    ]
    return "queues:\n" + "\n".join(lines) + "\n\n"


def _prefixes(queues: Iterable[str]) -> list[str]:
    """Return a short, distinct prefix for each queue's keys."""
    taken: list[str] = []
    for queue in queues:
        letters = re.sub(r"[^A-Z]", "", queue) or "Q"
        choices = (
            letters[:3],
            letters[:2] + letters[-1],
            letters[:6],
            *(f"{letters[:2]}{ch}" for ch in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        )
        taken.append(next(choice for choice in choices if choice not in taken))
    return taken


def _samples(desk: NewDesk) -> str:
    lines = [
        f"  - mail: {{ from: jan@customer.example, to: {json.dumps(mailbox.address)}, subject: Pytanie }}\n"
        f"    expect: {{ queue: {mailbox.queue} }}\n"
        for mailbox in desk.mailboxes
    ]
    return "samples:\n" + "".join(lines)


def _block(text: str, key: str) -> str:
    found = re.search(_BLOCK.format(key=key), text, re.MULTILINE)
    return found[0] if found else ""


def _replaced(text: str, key: str, block: str) -> str:
    """Return the text with the top-level block replaced; one that is not there is not added."""
    return re.sub(_BLOCK.format(key=key), lambda _: block, text, count=1, flags=re.MULTILINE)
