"""A message as `helpdesk parse --json` shows it (CONTRACT). Called by `cli.parse`."""

from __future__ import annotations

from typing import Any

from helpdesk.mail.authentication import Authentication
from helpdesk.mail.message import Address, Attachment, Classification, DeliveryReport, InboundMessage, MessageKind

COARSE = {
    MessageKind.PERSONAL: "message",
    MessageKind.AUTO_REPLIED: "autoreply",
    MessageKind.AUTO_GENERATED: "autoreply",
    MessageKind.DISPOSITION_REPORT: "autoreply",
    MessageKind.DELIVERY_REPORT: "bounce",
    MessageKind.LIST: "list",
    MessageKind.OWN: "loop",
}

LISTS = ("to", "cc", "references", "attachments", "defects")
SINGLE = ("from", "subject", "message_id", "in_reply_to", "date", "text", "new_text", "html", "kind", "message_kind")


def describe(
    message: InboundMessage, classification: Classification, authentication: Authentication | None = None
) -> dict[str, Any]:
    """Return the row's fields but `file`, `ok` and `error`, which the command adds.

    `authentication` is null where nobody was asked; `defects` are what was wrong and read all the same.
    """
    return {
        "from": _person(message.author),
        "to": [address.addr for address in message.to],
        "cc": [address.addr for address in message.cc],
        "subject": message.subject,
        "message_id": message.message_id or None,
        "in_reply_to": message.in_reply_to[0] if message.in_reply_to else None,
        "references": list(message.references),
        "date": message.date.isoformat() if message.date else None,
        "text": message.text,
        "new_text": message.new_text,
        "html": message.html or None,
        "attachments": [_attachment(item) for item in message.attachments],
        "kind": COARSE[classification.kind],
        "message_kind": str(classification.kind),
        "reason": str(classification.reason),
        "bounce": _bounce(message.report),
        "authentication": _authentication(authentication),
        "defects": [{"code": defect.code, "detail": defect.detail} for defect in message.defects],
    }


def describe_nothing() -> dict[str, Any]:
    """Return the same fields for a mail that could not be read: all null or empty."""
    return {**dict.fromkeys((*SINGLE, "reason", "bounce", "authentication")), **{name: [] for name in LISTS}}


def _person(address: Address | None) -> dict[str, str] | None:
    return {"name": address.name, "addr": address.addr} if address else None


def _authentication(found: Authentication | None) -> dict[str, str] | None:
    return {"verdict": str(found.verdict), "reason": found.reason, "detail": found.detail} if found else None


def _attachment(item: Attachment) -> dict[str, Any]:
    return {"name": item.name, "type": item.type, "size": item.size, "inline": item.inline}


def _bounce(report: DeliveryReport | None) -> dict[str, str | None] | None:
    first = report.first if report else None
    if first is None:
        return None
    return {"recipient": first.recipient or None, "status": first.status or None, "action": first.action or None}
