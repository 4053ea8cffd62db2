"""What kind of mail this is, and what decided (RFC 3834, 3464, 8098, 5965, 2369, 2919).

Called by `services.process` before anything else looks at a message. The questions stand in order: our own
mail, reports of machines, machines that answer, machines that write, lists; what is left, a person wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.mail import automatic
from helpdesk.mail.message import Classification, InboundMessage, MessageKind


class Reason(StrEnum):
    """What decided; each is a header, a form or a phrase."""

    PERSONAL = "personal"
    OWN_LOOP_HEADER = "own_loop_header"  # X-Helpdesk-Loop with our instance, or X-Loop with our address
    OWN_ADDRESS = "own_address"  # our own address in From
    HOP_LIMIT = "hop_limit"  # more Received lines than any honest way has
    DELIVERY_STATUS = "delivery_status"  # a delivery-status part (RFC 3464)
    DELIVERY_PROSE = "delivery_prose"  # a bounce in words
    DISPOSITION_NOTIFICATION = "disposition_notification"  # a read receipt (RFC 8098)
    FEEDBACK_REPORT = "feedback_report"  # a complaint (RFC 5965)
    AUTO_SUBMITTED_HEADER = "auto_submitted_header"  # RFC 3834
    AUTO_REPLY_HEADER = "auto_reply_header"  # X-Autoreply and its kin
    AUTO_REPLY_SUBJECT = "auto_reply_subject"  # "Automatyczna odpowiedź: …"
    TICKET_SYSTEM = "ticket_system"  # another helpdesk's header
    LIST_HEADER = "list_header"  # RFC 2369, 2919
    PRECEDENCE_HEADER = "precedence_header"  # bulk, junk, list
    SUPPRESS_HEADER = "suppress_header"  # X-Auto-Response-Suppress: All
    NULL_RETURN_PATH = "null_return_path"  # nobody wants an answer (RFC 5321 §4.5.5)


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """Who we are: our queues' addresses in folded case, and the instance name that our loop header carries."""

    addresses: frozenset[str] = field(default_factory=frozenset)
    instance: str = ""


def classify(message: InboundMessage, own: OwnIdentity) -> Classification:
    """Return the kind of a message and the header or phrase that decided; the first answer counts."""
    return (
        _own(message, own)
        or _report(message)
        or _automatic(message, own)
        or Classification(MessageKind.PERSONAL, Reason.PERSONAL)
    )


def is_own(addr: str, own: OwnIdentity) -> bool:
    """Tell whether an address is one of ours, sub-addresses (user+anything) included."""
    folded = addr.casefold()
    local, _, domain = folded.rpartition("@")
    return folded in own.addresses or f"{local.partition('+')[0]}@{domain}" in own.addresses


def _own(message: InboundMessage, own: OwnIdentity) -> Classification | None:
    instance = own.instance.casefold()
    if instance and any(value.strip().casefold() == instance for value in message.headers.all("x-helpdesk-loop")):
        return Classification(MessageKind.OWN, Reason.OWN_LOOP_HEADER, own.instance)
    for value in message.headers.all("x-loop"):
        if is_own(value.strip(" <>"), own):
            return Classification(MessageKind.OWN, Reason.OWN_LOOP_HEADER, f"X-Loop: {value}")
    for author in message.authors:
        if is_own(author.addr, own):
            return Classification(MessageKind.OWN, Reason.OWN_ADDRESS, author.addr)
    hops = len(message.headers.all("received"))
    if hops > automatic.MAX_HOPS:
        return Classification(MessageKind.OWN, Reason.HOP_LIMIT, f"{hops} Received fields")
    return None


def _report(message: InboundMessage) -> Classification | None:
    form = automatic.report_type(message)
    if form == "disposition-notification":
        return Classification(MessageKind.DISPOSITION_REPORT, Reason.DISPOSITION_NOTIFICATION, form)
    if form == "feedback-report":
        return Classification(MessageKind.AUTO_GENERATED, Reason.FEEDBACK_REPORT, form)
    if message.report is None:
        return None
    first = message.report.first
    detail = f"{first.action} {first.recipient} {first.status}".strip() if first else ""
    return Classification(
        MessageKind.DELIVERY_REPORT, Reason.DELIVERY_STATUS if form else Reason.DELIVERY_PROSE, detail
    )


def _automatic(message: InboundMessage, own: OwnIdentity) -> Classification | None:
    replied, generated = MessageKind.AUTO_REPLIED, MessageKind.AUTO_GENERATED
    submitted = automatic.auto_submitted(message)
    if submitted:
        return Classification(
            replied if submitted == "auto-replied" else generated, Reason.AUTO_SUBMITTED_HEADER, submitted
        )
    questions: tuple[tuple[MessageKind, Reason, Callable[[InboundMessage], str]], ...] = (
        (replied, Reason.AUTO_REPLY_HEADER, automatic.auto_reply_header),
        (replied, Reason.AUTO_REPLY_SUBJECT, automatic.auto_reply_subject),
        (generated, Reason.TICKET_SYSTEM, automatic.ticket_system),
        (MessageKind.LIST, Reason.LIST_HEADER, lambda m: automatic.list_header(m, own.addresses)),
        (generated, Reason.PRECEDENCE_HEADER, automatic.precedence),
        (generated, Reason.SUPPRESS_HEADER, automatic.suppressing),
        (generated, Reason.NULL_RETURN_PATH, automatic.null_return_path),
    )
    for kind, reason, ask in questions:
        if detail := ask(message):
            return Classification(kind, reason, detail)
    return None
