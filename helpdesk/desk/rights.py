"""What a writer of the customer's side may do on a ticket: RELIABILITY's table 3.5 as code.

Called by `services.customers` with what is known of the writer. Consultants and partners have rules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.desk.rules.ruleset import Others
from helpdesk.desk.sender import Proof
from helpdesk.desk.terms import Standing
from helpdesk.desk.vouching import QuestionKind, Turned


class Ground(StrEnum):
    """Why somebody's words are worth what they are; kept with the comment."""

    PARTICIPANT = "participant"
    UNVOUCHED = "unvouched"  # a participant, and a server that could vouch for them said nothing
    FORGED = "forged"  # the mail server says that From is not theirs
    UNCERTAIN = "uncertain"  # it may belong to another ticket
    COLLEAGUE = "colleague"
    CONTACT_ASKED = "contact_asked"
    CONTACTS_ONLY = "contacts_only"
    COLLEAGUE_UNPROVEN = "colleague_unproven"  # a server that could vouch for them said nothing
    STRANGER = "stranger"
    CONSULTANT_UNPROVEN = "consultant_unproven"  # From names one of ours, and nothing proves it
    # What became of words that waited.
    CONTACT_SAID_YES = "contact_said_yes"
    CONTACT_SAID_NO = "contact_said_no"
    CONTACT_SILENT = "contact_silent"
    OWNER_SAID_YES = "owner_said_yes"
    OWNER_SAID_NO = "owner_said_no"
    OWNER_SILENT = "owner_silent"
    TAKEN_IN = "taken_in"  # by a consultant


OUTSIDERS = frozenset(
    {
        Ground.CONTACT_ASKED,
        Ground.CONTACTS_ONLY,
        Ground.COLLEAGUE_UNPROVEN,
        Ground.STRANGER,
        Ground.CONTACT_SAID_NO,
        Ground.CONTACT_SILENT,
    }
)  # who takes no part, so that an answer to the ticket would not reach them


@dataclass(frozen=True, slots=True)
class Writer:
    """What is known of who wrote, as it concerns one ticket."""

    proof: Proof
    takes_part: bool
    others: Others | None = None  # the rule of the customer whose colleague they are; None for anybody else
    witnessed: bool = True  # the mailbox has a server that could vouch for them
    certain: bool = True  # the mail belongs to this ticket beyond doubt


@dataclass(frozen=True, slots=True)
class Rights:
    """What the words are worth, why, and what must be asked or said."""

    standing: Standing
    ground: Ground
    ask: QuestionKind | None = None
    turned: Turned | None = None  # the author is politely sent to the customer's contact


def ground_of_first_word(proof: Proof, *, by_consultant: bool) -> Ground | None:
    """Return why the words that a ticket opens with are not their author's beyond doubt; None if they are."""
    if by_consultant:
        return None if proof.suffices else Ground.CONSULTANT_UNPROVEN
    return Ground.FORGED if proof is Proof.REFUTED else None


def doubt_of(standing: Standing, kept: str) -> Ground | None:
    """Return why words are to be doubted, by what was kept of them; None for words that were let in."""
    doubted = standing is not Standing.CONFIRMED or kept == Ground.UNVOUCHED
    return Ground(kept) if kept and doubted else None


def rights_of(writer: Writer) -> Rights:
    """Return what a writer's words are worth. Only confirmed words move a ticket, and only they are ever shown on."""
    if writer.proof is Proof.REFUTED:
        ask = QuestionKind.AUTHORSHIP if writer.takes_part else None
        return Rights(Standing.UNCONFIRMED, Ground.FORGED, ask)
    if not writer.takes_part and writer.others is None:
        return Rights(Standing.UNCONFIRMED, Ground.STRANGER)
    unvouched = writer.witnessed and writer.proof is not Proof.AUTHENTICATED
    if not writer.takes_part and unvouched:
        return Rights(Standing.UNCONFIRMED, Ground.COLLEAGUE_UNPROVEN)
    if not writer.takes_part and writer.others is Others.REFUSE:
        return Rights(Standing.UNCONFIRMED, Ground.CONTACTS_ONLY, turned=Turned.BY_RULE)
    if not writer.certain:
        return Rights(Standing.UNCONFIRMED, Ground.UNCERTAIN)
    if writer.takes_part:
        return Rights(Standing.CONFIRMED, Ground.UNVOUCHED if unvouched else Ground.PARTICIPANT)
    if writer.others is Others.ASK_CONTACT:
        return Rights(Standing.HELD, Ground.CONTACT_ASKED, QuestionKind.COLLEAGUE)
    return Rights(Standing.CONFIRMED, Ground.COLLEAGUE)
