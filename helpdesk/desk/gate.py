"""The one gate that every outgoing mail passes: a refusal is a row with its reason, never a silence.

Pure; called where an outbox row is about to be written (RELIABILITY 2.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.desk.terms import OutboxState


class GateReason(StrEnum):
    """Why a mail is not sent."""

    PASSES = ""
    OWN_ADDRESS = "own_address"
    NO_REPLY_ADDRESS = "no_reply_address"
    BAD_ADDRESS = "bad_address"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state in which the row is written, and why."""

    state: OutboxState
    reason: GateReason = GateReason.PASSES


_MACHINES = re.compile(
    r"(?:mailer-daemon|postmaster|(?:.*-)?bounces?(?:[+=-].*)?|owner-.*|.*-request"
    r"|(?:.*[._+-])?(?:no|not|do-?not|donot|nie)[._-]?(?:reply|respond|odpowiadaj|odpisuj)(?:[._+-].*)?)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@<>,;:()\"\\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>,;:()\"\\\x00-\x1f\x7f]{1,253}")


def is_machine_address(addr: str) -> bool:
    """Return whether nobody reads what is sent there: noreply and its kin, daemons, list robots."""
    return _MACHINES.fullmatch(addr.rpartition("@")[0]) is not None


def is_usable_address(addr: str) -> bool:
    """Return whether a mail can be sent there: a plain ASCII local part and a domain with a dot or a host name."""
    return _ADDRESS.fullmatch(addr) is not None and addr.rpartition("@")[0].isascii()


def admit(recipient: str, own_addresses: frozenset[str], *, automatic: bool, muted: bool) -> Verdict:
    """Return whether a mail may go to the recipient; `automatic` is one that no person wrote.

    Nothing goes to our own addresses or their plus-variants: that is how loops begin.
    """
    if not is_usable_address(recipient):
        return Verdict(OutboxState.MUTED, GateReason.BAD_ADDRESS)
    local, _, domain = recipient.casefold().rpartition("@")
    if not own_addresses.isdisjoint((f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}")):
        return Verdict(OutboxState.MUTED, GateReason.OWN_ADDRESS)
    if automatic and is_machine_address(recipient):
        return Verdict(OutboxState.MUTED, GateReason.NO_REPLY_ADDRESS)
    if muted:
        return Verdict(OutboxState.MUTED, GateReason.MUTED)
    return Verdict(OutboxState.QUEUED)
