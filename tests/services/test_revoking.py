"""Keys that change and tickets whose tokens are made void (RELIABILITY 3.1)."""

from __future__ import annotations

import pytest

from helpdesk.desk.terms import Disposition
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.services.revoking import revoke
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import ANNA, JAN, STRANGER, answer, write

OLD, NEW = SigningKey("1", b"master"), SigningKey("2", b"newer")
RING = Keyring("desk.example.org", (OLD,))


@pytest.fixture
def signing(database: Database) -> DeskAtWork:
    """A desk that signs, with ticket 1001 acknowledged."""
    desk = DeskAtWork(database, keyring=RING, subaddressed=frozenset({"DYNAMICS"}))
    desk.receive(write(JAN))
    return desk


def address(desk: DeskAtWork, kind: str = "new", to: str = "") -> str:
    return str(desk.letter(kind, to)["Reply-To"].addresses[0].addr_spec)


def evidence(desk: DeskAtWork, entry: int) -> list[str]:
    return [step["outcome"] for step in desk.entry(entry).trace if step["step"] == "evidence"]


def test_a_voided_address_counts_as_much_as_a_tag(signing: DeskAtWork) -> None:
    old = address(signing)
    done = signing.act(revoke, 1001, "The mail was forwarded to a list.")
    assert (done.refused, signing.ticket().epoch) == ("", 1)
    assert "revoked" in signing.history(1001)
    [outcome] = signing.receive(write(STRANGER, old, "Z listy"))

    assert outcome.disposition is Disposition.OPENED
    assert evidence(signing, outcome.entry)[0] == "tag +20"


def test_a_voided_message_id_counts_as_much_as_a_tag(signing: DeskAtWork) -> None:
    ack = signing.letter("new")
    signing.act(revoke, 1001)
    only_ours = {"References": str(ack["Message-ID"])}
    [outcome] = signing.receive(write(STRANGER, subject="Re: coś", text="Znam ten wątek.", fields=only_ours))
    assert evidence(signing, outcome.entry)[0] == "tag +20"
    assert outcome.disposition is Disposition.OPENED


def test_a_participant_with_a_voided_address_still_gets_through_by_it_as_by_a_tag(signing: DeskAtWork) -> None:
    old = address(signing)
    signing.act(revoke, 1001)
    [outcome] = signing.receive(write(JAN, old, "Re: Faktura nie chce się wydrukować"))
    assert (outcome.ticket, outcome.reason) == (1001, "reply")


def test_what_goes_out_after_it_bears_tokens_that_are_good(signing: DeskAtWork) -> None:
    signing.act(revoke, 1001)
    signing.receive(answer(signing.letter("new"), JAN, "Dzień dobry."))
    signing.receive(answer(signing.letter("notice_comment", "anna@desk.example.org"), ANNA, "Sprawdzamy."))
    fresh = address(signing, "comment")
    [outcome] = signing.receive(write(JAN, fresh, "Zdjęcie"))
    assert evidence(signing, outcome.entry)[0] == "reply_address +60"
    assert (outcome.ticket, outcome.reason) == (1001, "reply")


def test_a_voided_notice_proves_no_consultant(signing: DeskAtWork) -> None:
    notice = signing.letter("notice_opened", "anna@desk.example.org")
    signing.act(revoke, 1001)
    [outcome] = signing.receive(answer(notice, ANNA, "#priorytet 1"))
    assert outcome.reason == "consultant_unproven"
    assert signing.ticket().priority == 3


def test_a_desk_without_keys_has_nothing_to_void(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    assert "secret" in desk.act(revoke, 1001).refused


def test_after_rotation_both_keys_verify_and_the_new_one_signs(signing: DeskAtWork) -> None:
    old = address(signing)
    signing.under(keyring=Keyring("desk.example.org", (NEW, OLD)))
    assert signing.receive(write(JAN, old))[0].ticket == 1001
    signing.receive(write("Nowak <nowak@acme.test>", subject="Inna sprawa"))
    assert "+c2-1002-" in address(signing, "new", "nowak@acme.test")


def test_a_retired_key_that_is_listed_no_more_weighs_nothing(signing: DeskAtWork) -> None:
    old = address(signing)
    signing.under(keyring=Keyring("desk.example.org", (NEW,)))
    [outcome] = signing.receive(write(JAN, old, "Zdjęcie z telefonu"))
    assert outcome.ticket == 1002
    assert evidence(signing, outcome.entry)[0] == "worthless +0"


def test_a_stolen_keys_tokens_weigh_nothing_and_say_so(signing: DeskAtWork) -> None:
    old = address(signing)
    stolen = SigningKey("1", b"master", distrusted=True)
    signing.under(keyring=Keyring("desk.example.org", (NEW, stolen)))
    [outcome] = signing.receive(write(JAN, old, "Zdjęcie z telefonu"))
    steps = [step["why"] for step in signing.entry(outcome.entry).trace if step["step"] == "evidence"]
    assert "distrusted" in steps[0]
    assert outcome.ticket == 1002
