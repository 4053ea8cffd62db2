"""What kind of mail this is, and what decided (RFC 3834, 3464, 8098, 2369, 2919).

Called by `services.process` before anything else looks at a message. The questions stand in order: our own
mail, reports of machines, machines that answer, machines that write, lists; what is left, a person wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.mail.message import Classification, InboundMessage, MessageKind


class Reason(StrEnum):
    """What decided; each is a header, a form or a phrase."""

    PERSONAL = "personal"
    OWN_LOOP_HEADER = "own_loop_header"
    OWN_ADDRESS = "own_address"
    DELIVERY_STATUS = "delivery_status"
    AUTO_SUBMITTED_HEADER = "auto_submitted_header"
    PRECEDENCE_HEADER = "precedence_header"
    LIST_HEADER = "list_header"
    NULL_RETURN_PATH = "null_return_path"


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """Who we are: our queues' addresses, and the instance name that our loop header carries."""

    addresses: frozenset[str] = field(default_factory=frozenset)
    instance: str = ""


def classify(message: InboundMessage, own: OwnIdentity) -> Classification:
    """Return the kind of a message and the header or phrase that decided."""
    if own.instance and own.instance.lower() in (value.lower() for value in message.headers.all("x-helpdesk-loop")):
        return Classification(MessageKind.OWN, Reason.OWN_LOOP_HEADER, own.instance)
    if message.author and is_own(message.author.key, own):
        return Classification(MessageKind.OWN, Reason.OWN_ADDRESS, message.author.addr)
    if message.report is not None:
        return Classification(MessageKind.DELIVERY_REPORT, Reason.DELIVERY_STATUS)
    submitted = message.headers.get("auto-submitted").lower()
    if submitted and not submitted.startswith(("no", "auto-forwarded")):
        kind = MessageKind.AUTO_REPLIED if submitted.startswith("auto-replied") else MessageKind.AUTO_GENERATED
        return Classification(kind, Reason.AUTO_SUBMITTED_HEADER, submitted)
    if message.headers.get("list-id"):
        return Classification(MessageKind.LIST, Reason.LIST_HEADER, "List-Id")
    if message.return_path == "":
        return Classification(MessageKind.AUTO_GENERATED, Reason.NULL_RETURN_PATH)
    return Classification(MessageKind.PERSONAL, Reason.PERSONAL)


def is_own(addr: str, own: OwnIdentity) -> bool:
    """Tell whether an address is one of ours, sub-addresses (user+anything) included."""
    local, _, domain = addr.casefold().rpartition("@")
    return addr.casefold() in own.addresses or f"{local.partition('+')[0]}@{domain}" in own.addresses
