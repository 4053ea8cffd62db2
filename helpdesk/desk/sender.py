"""Who wrote a mail, and what that is worth: From is a claim until something proves it.

A consultant is proven when our own mail server authenticated the mail, or, where the mailbox has no
such witness, when the mail answers a message that we sent to this consultant alone: its id is random
and nobody else has it (RELIABILITY 3.4, correction (a)). A failed authentication always refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from helpdesk.desk.terms import Person, Side
from helpdesk.mail.authentication import Authentication, Verdict
from helpdesk.mail.message import InboundMessage


class Role(StrEnum):
    """On what footing somebody writes to the desk."""

    CONSULTANT = "consultant"
    CONTACT = "contact"  # of an organisation that we know
    STRANGER = "stranger"


class Proof(StrEnum):
    """What stands behind the claim in From."""

    AUTHENTICATED = "authenticated"
    OWN_NOTICE = "own_notice"  # answers a mail that only this person has
    CHALLENGED = "challenged"  # its owner was asked, and said that it is theirs
    NONE = "none"
    REFUTED = "refuted"

    @property
    def suffices(self) -> bool:
        """Whether it is enough for words in a consultant's name."""
        return self in (Proof.AUTHENTICATED, Proof.OWN_NOTICE, Proof.CHALLENGED)


class KnownPeople(Protocol):
    """Whom the rules know; `desk.rules.Rules` is one."""

    def consultant_of(self, addr: str) -> Named | None: ...
    def organisation_of(self, addr: str) -> Organised | None: ...


class Named(Protocol):
    """A consultant as the rules list them."""

    @property
    def addr(self) -> str: ...
    @property
    def name(self) -> str: ...


class Organised(Protocol):
    """An organisation as the rules list it."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sender:
    """The desk's finding about an author; for a consultant, `person` is the registered one."""

    person: Person
    role: Role
    proof: Proof
    organisation: str | None = None
    detail: str = ""
    named: bool = False  # by a consultant, who writes in their name

    @property
    def side(self) -> Side:
        return Side.CONSULTANT if self.role is Role.CONSULTANT else Side.CUSTOMER

    @property
    def proven(self) -> bool:
        return self.proof.suffices


def identify_sender(
    message: InboundMessage, known: KnownPeople, authentication: Authentication, *, answers_own_notice: bool
) -> Sender:
    """Return who the author is and how far to believe it.

    `answers_own_notice`: no witness can be had for this mailbox, and the parent named in the mail is a
    message of ours to this very address.
    """
    author = message.author
    if author is None:
        return Sender(Person("", ""), Role.STRANGER, Proof.NONE, detail="no usable From")
    proof, detail = _proof(message, authentication, answers_own_notice)
    if consultant := known.consultant_of(author.key):
        return Sender(Person(consultant.name, consultant.addr), Role.CONSULTANT, proof, detail=detail)
    organisation = known.organisation_of(author.key)
    role = Role.CONTACT if organisation else Role.STRANGER
    return Sender(Person(author.name, author.key), role, proof, organisation.name if organisation else None, detail)


def _proof(message: InboundMessage, authentication: Authentication, answers_own_notice: bool) -> tuple[Proof, str]:
    if authentication.verdict is Verdict.FAIL:
        return Proof.REFUTED, authentication.detail
    if len(message.authors) > 1:
        return Proof.NONE, "more than one address in From"
    if authentication.verdict is Verdict.PASS:
        return Proof.AUTHENTICATED, authentication.detail
    if answers_own_notice:
        return Proof.OWN_NOTICE, "answers a mail that was sent to this address alone"
    return Proof.NONE, authentication.detail
