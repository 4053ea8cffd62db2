"""Delivery reports: which of our mails did not arrive, with whom, and why (RFC 3464, 3463).

Called by `mail.parse`. A delivery-status part is read as such; the many bounces in prose are read by `mail.bounces`.
Parts inside an attached message don't count: a person may send us a bounce to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from helpdesk.mail import bounces
from helpdesk.mail.fields import split_block
from helpdesk.mail.identifiers import all_ids
from helpdesk.mail.message import DeliveryReport, Headers, RecipientReport
from helpdesk.mail.mime import Part
from helpdesk.mail.status import stated_status, status_in
from helpdesk.mail.text import clean_line
from helpdesk.mail.words import decode_words

STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
RETURNED_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
MAX_RECIPIENTS = 200
MESSAGE_ID = re.compile(r"^[> \t]*(?:X-)?(?:Original-)?Message-ID:\s*(<[^<>\s]{3,990}>)", re.I | re.M)


def read_report(root: Part, raw: bytes, headers: Headers, text: str) -> DeliveryReport | None:
    """Return what a delivery report says; None for any other mail."""
    status = _find(root, STATUS_TYPES)
    if status is not None and (root.type == "multipart/report" or _machine(headers)):
        recipients, envelope = _read_status(status)
        if not recipients or not recipients[0].recipient:
            recipients = (
                bounces.read_prose(raw, headers, text) if bounces.looks_like_bounce(headers, text) else recipients
            )
        recipients = tuple(_told(recipient, text) for recipient in recipients)
        return DeliveryReport(recipients, _originals(root, headers, text), envelope)
    if root.parameters.get("report-type", "").lower() in ("disposition-notification", "feedback-report"):
        return None
    if not bounces.looks_like_bounce(headers, text):
        return None
    return DeliveryReport(bounces.read_prose(raw, headers, text), _originals(root, headers, text))


def _machine(headers: Headers) -> bool:
    """Tell whether a machine sent it: a delivery-status part in a person's mail is an attachment."""
    return headers.get("return-path").strip() == "<>" or bool(
        bounces.DAEMON.search(headers.get("from"))
        or bounces.POSTMASTER.search(headers.get("from"))
        or headers.get("auto-submitted")
    )


def parts(part: Part) -> Iterator[Part]:
    """Yield a part and all below it, in order."""
    pending = [part]
    while pending:
        part = pending.pop()
        yield part
        pending.extend(reversed(part.children))


def _find(root: Part, kinds: tuple[str, ...]) -> Part | None:
    return next((part for part in parts(root) if part.type in kinds), None)


def _read_status(part: Part) -> tuple[tuple[RecipientReport, ...], str]:
    """Return the recipients' groups and the envelope id (RFC 3464 §2.1: groups stand between blank lines)."""
    groups = _groups(part.content()[0])
    envelope = next((group["original-envelope-id"] for group in groups if "original-envelope-id" in group), "")
    return tuple(
        _recipient(group)
        for group in groups
        if {"final-recipient", "original-recipient", "action", "status"} & group.keys()
    ), envelope


def _groups(data: bytes) -> list[dict[str, str]]:
    groups: list[dict[str, str]] = []
    at = 0
    while at < len(data) and len(groups) < MAX_RECIPIENTS:
        block = split_block(data, at, len(data))
        if block.fields:
            groups.append(
                {field.name.lower(): clean_line(decode_words(field.value)) for field in reversed(block.fields)}
            )
        at = max(block.body, at + 1)
    return groups


def _recipient(group: dict[str, str]) -> RecipientReport:
    diagnostic = group.get("diagnostic-code", "")
    action = group.get("action", "").split("(")[0].strip().lower()
    action = {"failure": "failed", "fail": "failed", "delay": "delayed"}.get(action.split(" ")[0], action.split(" ")[0])
    status = stated_status(group.get("status", ""))
    if not status or status.endswith(".0.0"):
        status = stated_status(diagnostic) or status or status_in(diagnostic, temporary=action == "delayed")
    if not action and status.startswith("5"):
        action = "failed"  # a mandatory field left out (RFC 3464 §2.3.3)
    return RecipientReport(_who(group), action, status, diagnostic)


def _told(recipient: RecipientReport, text: str) -> RecipientReport:
    """Fill in what the status part left general with the code that its text for people states."""
    if recipient.status and not recipient.status.endswith(".0.0"):
        return recipient
    return replace(recipient, status=stated_status(bounces.report_of(text)) or recipient.status)


def _who(group: dict[str, str]) -> str:
    """Return the recipient as we named it, where the report says so; else as the last host did (RFC 3464 §2.3.1)."""
    original, final = _address(group.get("original-recipient", "")), _address(group.get("final-recipient", ""))
    return original if "@" in original else final or original


def _address(value: str) -> str:
    """Return the address of a typed one ("rfc822; a@b"), without comments."""
    kind, semicolon, addr = value.partition(";")
    addr = (addr if semicolon else kind).strip()
    angled = re.search(r"<([^<>]{1,320})>", addr)
    return (angled[1] if angled else addr.split(" ")[0] if "@" in addr else addr).strip(" <>\"'")[:320]


def _originals(root: Part, headers: Headers, text: str) -> tuple[str, ...]:
    """Return the ids of the mail it speaks of: from the returned part, the text, then what it answers."""
    found: list[str] = []
    returned = _find(root, RETURNED_TYPES)
    if returned is not None:
        data, _ = returned.content()
        block = split_block(data, 0, min(len(data), 256 * 1024), top=True)
        found += all_ids(decode_words(block.first("message-id")))
    found += [item for match in MESSAGE_ID.findall(text) for item in all_ids(match)]
    found += all_ids(headers.get("in-reply-to")) + tuple(reversed(all_ids(headers.get("references"))))
    return tuple(dict.fromkeys(found))
