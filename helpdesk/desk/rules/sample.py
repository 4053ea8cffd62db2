"""A sample of a rules file: a mail with the result that the admin expects. `desk/samples` plays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from helpdesk.desk.draft import RouteFacts
from helpdesk.desk.hours import from_local
from helpdesk.desk.rules.kinds import Reading
from helpdesk.desk.terms import Origin
from helpdesk.mail.message import Address, Attachment, Headers, InboundMessage, MessageKind

SOME_TUESDAY = datetime(2026, 11, 24, 12)  # noqa: DTZ001  # in the zone of the rules, like the times of the file


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail, the facts that would stand beside it, and the expected results by key."""

    name: str
    line: int
    mail: Mapping[str, Any]  # as the file says it; the message is made when it is played
    kind: MessageKind
    facts: RouteFacts  # without the organisation, which the rules tell
    expect: Mapping[str, Any]

    def message(self) -> InboundMessage:
        """Return the mail. Its attachments are zeros of the size that the file says."""
        return sample_message(self.mail, self.facts.delivered_at)


def sample_of(number: int, keys: dict[str, Any], zone: str, aliases: Mapping[str, str], reading: Reading) -> Sample:
    """Return the sample that the file describes; times without an offset are in `zone`."""
    mail, expect = keys["mail"], dict(keys["expect"])
    for key in ("received_at", "react_by"):
        if isinstance(expect.get(key), datetime):
            expect[key] = from_local(expect[key], zone)
    if "assignee" in expect:
        expect["assignee"] = aliases.get(expect["assignee"], expect["assignee"])
    if isinstance(expect.get("round_robin"), tuple):
        expect["round_robin"] = tuple(aliases.get(addr, addr) for addr in expect["round_robin"])
    line, _ = reading.places[f"samples[{number}].mail"]
    kind = mail.get("message_kind", MessageKind.PERSONAL)
    return Sample(keys.get("name") or f"sample {number}", line, mail, kind, _facts(mail, zone), expect)


def _facts(mail: Mapping[str, Any], zone: str) -> RouteFacts:
    return RouteFacts(
        delivered_at=from_local(mail.get("at", SOME_TUESDAY), zone),
        mailbox_queue=mail.get("mailbox"),
        language=mail.get("language"),
        authenticated=mail.get("authenticated", True),
        spam=mail.get("spam", False),
        origin=mail.get("origin", Origin.MAIL),
    )


def sample_message(mail: Mapping[str, Any], at: datetime) -> InboundMessage:
    """Return the mail that a sample's keys describe."""
    author: Address = mail["from"]
    body = mail.get("body", "")
    attachments = tuple(
        Attachment(part["name"], part.get("type", "application/octet-stream"), bytes(part.get("size", 0)))
        for part in mail.get("attachments", ())
    )
    return InboundMessage(
        author=author,
        authors=(author,),
        sender=None,
        reply_to=(),
        to=mail["to"],
        cc=mail.get("cc", ()),
        return_path=author.addr,
        subject=mail.get("subject", ""),
        date=at,
        message_id="",
        in_reply_to=(),
        references=(),
        text=body,
        new_text=body,
        html="",
        attachments=attachments,
        headers=Headers(tuple(mail.get("headers", {}).items())),
        defects=(),
        content_digest=sha256(body.encode()).hexdigest(),
        size=mail.get("size", len(body.encode()) + sum(part.size for part in attachments)),
    )
