"""The one gate that every outgoing mail passes."""

from __future__ import annotations

import pytest

from helpdesk.desk.gate import GateReason, Verdict, admit, is_machine_address, is_usable_address
from helpdesk.desk.terms import OutboxState

OWN = frozenset({"pomoc@desk.example", "sales+help@desk.example", "help@desk.example"})
PASSES = Verdict(OutboxState.QUEUED)


def muted(reason: GateReason) -> Verdict:
    """Return the verdict of a mail that is kept back."""
    return Verdict(OutboxState.MUTED, reason)


# Recipient; verdict on an automatic mail; verdict on words that a person wrote.
TABLE: dict[str, tuple[str, Verdict, Verdict]] = {
    "a person": ("jan@acme.example", PASSES, PASSES),
    "a person with a detail": ("jan+helpdesk@acme.example", PASSES, PASSES),
    "our own address": ("pomoc@desk.example", muted(GateReason.OWN_ADDRESS), muted(GateReason.OWN_ADDRESS)),
    "our own in capitals": ("Pomoc@DESK.example", muted(GateReason.OWN_ADDRESS), muted(GateReason.OWN_ADDRESS)),
    "a plus-variant of ours": ("help+x@desk.example", muted(GateReason.OWN_ADDRESS), muted(GateReason.OWN_ADDRESS)),
    "an address of ours that has a plus": (
        "sales+help@desk.example",
        muted(GateReason.OWN_ADDRESS),
        muted(GateReason.OWN_ADDRESS),
    ),
    "a robot, which a person may still write to": (
        "noreply@shop.example",
        muted(GateReason.NO_REPLY_ADDRESS),
        PASSES,
    ),
    "a neighbour of that address": ("sales@desk.example", PASSES, PASSES),
    "no address at all": ("", muted(GateReason.BAD_ADDRESS), muted(GateReason.BAD_ADDRESS)),
    "no domain": ("jan", muted(GateReason.BAD_ADDRESS), muted(GateReason.BAD_ADDRESS)),
    "two addresses": ("a@x.example,b@x.example", muted(GateReason.BAD_ADDRESS), muted(GateReason.BAD_ADDRESS)),
    "a line break": ("a@x.example\r\nBcc: b@x.example", muted(GateReason.BAD_ADDRESS), muted(GateReason.BAD_ADDRESS)),
    "letters that SMTP can't carry": (
        "łukasz@acme.example",
        muted(GateReason.BAD_ADDRESS),
        muted(GateReason.BAD_ADDRESS),
    ),
}


@pytest.mark.parametrize(("recipient", "automatic", "written"), TABLE.values(), ids=TABLE)
def test_a_mail_passes_or_is_kept_back_with_its_reason(recipient: str, automatic: Verdict, written: Verdict) -> None:
    assert admit(recipient, OWN, automatic=True, muted=False) == automatic
    assert admit(recipient, OWN, automatic=False, muted=False) == written


def test_nothing_goes_to_somebody_who_is_muted() -> None:
    assert admit("jan@acme.example", OWN, automatic=False, muted=True) == muted(GateReason.MUTED)


MACHINES = (
    "mailer-daemon postmaster bounce bounces noreply no-reply no_reply no.reply NoReply donotreply do-not-reply "
    "do_not_reply do-not-respond nie-odpowiadaj nieodpowiadaj noreply-invoices shop.noreply billing-no-reply "
    "noreply+7f3 owner-staff staff-request staff-bounces bounces+jan=acme.example bounce-4711"
)
PEOPLE = "jan norbert reply nowak nora.piotrowska dono casino.reply request replyto postmasters noreplying"


@pytest.mark.parametrize("local", MACHINES.split())
def test_nothing_automatic_goes_where_nobody_reads(local: str) -> None:
    assert is_machine_address(f"{local}@shop.example")


@pytest.mark.parametrize("local", PEOPLE.split())
def test_a_persons_address_is_not_taken_for_a_robots(local: str) -> None:
    assert not is_machine_address(f"{local}@shop.example")


@pytest.mark.parametrize("addr", ["jan@acme.example", "j.kowalski-nowak@sub.acme.example", "o'brien@acme.example"])
def test_an_ordinary_address_is_usable(addr: str) -> None:
    assert is_usable_address(addr)


@pytest.mark.parametrize(
    "addr",
    [
        "jan@acme.example\n",
        "jan\x00@acme.example",
        "<jan@acme.example>",
        f"{'x' * 65}@acme.example",
        "a b@acme.example",
    ],
    ids=repr,
)
def test_an_address_that_could_break_a_command_is_not_usable(addr: str) -> None:
    assert not is_usable_address(addr)
