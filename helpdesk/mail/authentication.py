"""Whether our own mail server vouches for the From of a message (RFC 8601)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.mail.message import InboundMessage


class Verdict(StrEnum):
    """What the witness says of From."""

    PASS = "pass"  # noqa: S105  # a verdict, no password
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Authentication:
    """The verdict, a fixed word for why, and the header that decided."""

    verdict: Verdict
    reason: str
    detail: str = ""


def authenticate(message: InboundMessage, profile: str, authserv_id: str) -> Authentication:
    """Return whether From is authenticated by the pinned witness; profile `none` has none."""
    return Authentication(Verdict.NONE, "no_profile", f"profile {profile} {authserv_id} of {message.size} bytes")
