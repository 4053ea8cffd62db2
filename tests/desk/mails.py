"""Mails for the rules to look at, said in a few words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from helpdesk.desk.route import Route, RouteFacts, route_message
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.notation import named_address
from helpdesk.desk.rules.sample import sample_message
from helpdesk.mail.message import Classification, InboundMessage, MessageKind
from tests.desk.rules.small_rules import GOOD

TUESDAY_NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 12:00 in Warsaw
HEAD = GOOD[: GOOD.index("rules:")] + (
    "  BETA: { domains: [beta.example] }\npartners:\n  VENDOR: { addresses: [help@vendor.example] }\n"
)


def mail(**keys: Any) -> InboundMessage:
    """Return a mail from Jan of ACME to the queue, changed by `keys` (those of a sample's mail)."""
    people = {
        name: [keys.pop(name)] if isinstance(keys.get(name), str) else keys.pop(name, []) for name in ("to", "cc")
    }
    keys["from"] = named_address(keys.pop("author", "jan@acme.example"))
    keys["to"] = tuple(map(named_address, people["to"] or ["pomoc@desk.example"]))
    keys["cc"] = tuple(map(named_address, people["cc"]))
    return sample_message(keys, TUESDAY_NOON)


def routed(
    rules: str, message: InboundMessage | None = None, kind: MessageKind = MessageKind.PERSONAL, **facts: Any
) -> Route:
    """Return the route of a mail of ACME's under these rules (the text of the `rules:` section)."""
    known = RouteFacts(**{"delivered_at": TUESDAY_NOON, "organisation": "ACME", **facts})
    return route_message(message or mail(), Classification(kind, "test"), known, load_rules(f"{HEAD}rules:\n{rules}"))
