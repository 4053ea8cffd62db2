"""Delivery reports: which of our mails did not arrive, with whom, and why (RFC 3464, 3463, and those who know neither).

Called by `mail.parse`. A multipart/report is read as such; the many bounces in prose stand on
flufl.bounce, Mailman's own collection, with status codes and the rest read by us.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.mail.fields import split_block
from helpdesk.mail.identifiers import all_ids
from helpdesk.mail.message import Address, DeliveryReport, Headers, RecipientReport
from helpdesk.mail.mime import Part
from helpdesk.mail.words import decode_words


def read_report(root: Part, headers: Headers, authors: Sequence[Address], text: str) -> DeliveryReport | None:
    """Return what a delivery report says; None for any other mail."""
    status = _find(root, "message/delivery-status")
    if status is None:
        return None
    groups = _groups(status)
    recipients = tuple(_recipient(group) for group in groups[1:] or groups[:0])
    return DeliveryReport(recipients, _originals(root), groups[0].get("original-envelope-id", "") if groups else "")


def _find(part: Part, kind: str) -> Part | None:
    if part.type == kind:
        return part
    return next((found for child in part.children if (found := _find(child, kind))), None)


def _groups(part: Part) -> list[dict[str, str]]:
    data, _ = part.content()
    groups: list[dict[str, str]] = []
    at = 0
    while at < len(data) and len(groups) < 200:
        block = split_block(data, at, len(data))
        if block.fields:
            groups.append({field.name.lower(): decode_words(field.value) for field in block.fields})
        at = max(block.body, at + 1)
    return groups


def _recipient(group: dict[str, str]) -> RecipientReport:
    addr = group.get("final-recipient", group.get("original-recipient", "")).partition(";")[2].strip().strip("<>")
    return RecipientReport(
        addr, group.get("action", "").lower(), group.get("status", ""), group.get("diagnostic-code", "")
    )


def _originals(root: Part) -> tuple[str, ...]:
    part = _find(root, "message/rfc822") or _find(root, "text/rfc822-headers")
    if part is None:
        return ()
    data, _ = part.content()
    return all_ids(decode_words(split_block(data, 0, len(data), top=True).first("message-id")))
