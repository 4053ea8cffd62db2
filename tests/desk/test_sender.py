"""Who wrote a mail, and how far that is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.sender import Proof, Role, Sender, identify_sender
from helpdesk.desk.terms import Person, Side
from helpdesk.mail.authentication import Authentication, Verdict
from helpdesk.mail.message import Address, InboundMessage
from tests.desk.mails import mail
from tests.desk.rules.small_rules import change

RULES = load_rules(
    change(
        "{ name: Anna }",
        "{ name: Anna Nowak, aliases: [a.nowak@firma.example] }",
        change("domains: [acme.example]", "domains: [acme.example, gmail.com], contacts: [boss@gmail.com]"),
    )
)
PASS = Authentication(Verdict.PASS, "dmarc", "dmarc=pass")
FAIL = Authentication(Verdict.FAIL, "dmarc", "dmarc=fail")
NO_WITNESS = Authentication(Verdict.NONE, "no_profile", "")


def found(
    message: InboundMessage, authentication: Authentication = NO_WITNESS, answers_own_notice: bool = False
) -> Sender:
    """Return who the desk takes the author for."""
    return identify_sender(message, RULES, authentication, answers_own_notice=answers_own_notice)


ROLES: dict[str, tuple[str, Role, Person, str | None]] = {
    "a consultant": ("anna@desk.example", Role.CONSULTANT, Person("Anna Nowak", "anna@desk.example"), None),
    "a consultant in capitals": ("Anna@DESK.example", Role.CONSULTANT, Person("Anna Nowak", "anna@desk.example"), None),
    "a consultant's alias": (
        "a.nowak@firma.example",
        Role.CONSULTANT,
        Person("Anna Nowak", "anna@desk.example"),
        None,
    ),
    "a customer's domain": ("jan@acme.example", Role.CONTACT, Person("", "jan@acme.example"), "ACME"),
    "a contact on a public domain": ("boss@gmail.com", Role.CONTACT, Person("", "boss@gmail.com"), "ACME"),
    "a public domain is nobody's": ("other@gmail.com", Role.STRANGER, Person("", "other@gmail.com"), None),
    "a sub-domain is not the domain": (
        "jan@mail.acme.example",
        Role.STRANGER,
        Person("", "jan@mail.acme.example"),
        None,
    ),
    "a stranger": ("ewa@elsewhere.example", Role.STRANGER, Person("", "ewa@elsewhere.example"), None),
}


@pytest.mark.parametrize(("author", "role", "person", "organisation"), ROLES.values(), ids=ROLES)
def test_an_author_is_found_by_address(author: str, role: Role, person: Person, organisation: str | None) -> None:
    sender = found(mail(author=author))

    assert (sender.role, sender.person, sender.organisation) == (role, person, organisation)
    assert sender.side is (Side.CONSULTANT if role is Role.CONSULTANT else Side.CUSTOMER)


def test_a_mail_without_a_usable_from_is_a_strangers() -> None:
    sender = found(replace(mail(), author=None, authors=()), PASS, answers_own_notice=True)

    assert (sender.role, sender.proof, sender.person) == (Role.STRANGER, Proof.NONE, Person("", ""))


TWO = (Address("", "anna@desk.example"), Address("", "mallory@elsewhere.example"))
PROOFS: dict[str, tuple[Authentication, bool, bool, Proof, bool]] = {
    # witness, answers own notice, two addresses in From → proof, proven
    "nothing stands behind it": (NO_WITNESS, False, False, Proof.NONE, False),
    "our server vouches for it": (PASS, False, False, Proof.AUTHENTICATED, True),
    "it answers a mail that only they have": (NO_WITNESS, True, False, Proof.OWN_NOTICE, True),
    "our server says that it is forged": (FAIL, False, False, Proof.REFUTED, False),
    "a forged one that answers a notice stays forged": (FAIL, True, False, Proof.REFUTED, False),
    "two authors are never authenticated": (PASS, False, True, Proof.NONE, False),
    "two authors don't own a notice": (NO_WITNESS, True, True, Proof.NONE, False),
    "two authors, forged": (FAIL, False, True, Proof.REFUTED, False),
}


@pytest.mark.parametrize(("witness", "answers", "two", "proof", "proven"), PROOFS.values(), ids=PROOFS)
def test_from_is_a_claim_until_something_proves_it(
    witness: Authentication, answers: bool, two: bool, proof: Proof, proven: bool
) -> None:
    message = mail(author="anna@desk.example")
    sender = found(replace(message, authors=TWO) if two else message, witness, answers)

    assert (sender.proof, sender.proven) == (proof, proven)
    assert sender.role is Role.CONSULTANT  # the claim is kept, whatever it is worth
