"""What a refusal says about an address: try again, never again, not now, or that we are the trouble (RFC 3463).

Pure; asked by delivery for a server's answer and by the line for a delivery report (RELIABILITY 2.7).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

SOFT_MUTE = timedelta(hours=24)
STRIKES = 3  # soft mutes within a week until one is for good
STRIKES_WITHIN = timedelta(days=7)


class Blame(StrEnum):
    """Whose trouble a refusal is."""

    NO_SUCH_ADDRESS = "no_such_address"  # mute for good
    MAILBOX_FULL = "mailbox_full"  # mute for a day
    OURS = "ours"  # policy, SPF, rights: the recipient is not to blame
    THE_MAIL = "the_mail"  # too large, or for this mail alone


_GONE = ("5.1.1", "5.1.2", "5.1.10")


def blame(enhanced: str) -> Blame:
    """Return whose trouble an enhanced status code names."""
    if enhanced in _GONE:
        return Blame.NO_SUCH_ADDRESS
    if enhanced == "5.2.2":
        return Blame.MAILBOX_FULL
    return Blame.OURS if enhanced.startswith("5.7.") else Blame.THE_MAIL


def muted_until(
    trouble: Blame, now: datetime, strikes: int, struck_at: datetime | None
) -> tuple[datetime | None, int] | None:
    """Return until when the address is muted (None: for good) and its strikes so far; None: not muted at all."""
    if trouble is Blame.NO_SUCH_ADDRESS:
        return None, strikes + 1
    if trouble is not Blame.MAILBOX_FULL:
        return None
    recent = struck_at is not None and now - struck_at <= STRIKES_WITHIN
    count = strikes + 1 if recent else 1
    return (None if count >= STRIKES else now + SOFT_MUTE), count
