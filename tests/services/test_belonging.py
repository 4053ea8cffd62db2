"""Which ticket a mail joins, end to end: signed addresses and ids, tags, strangers, forgers, merged tickets."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import Disposition, Standing, State, Visibility
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.services import actions
from helpdesk.services.desk import Witness
from helpdesk.services.line import Outcome
from helpdesk.store import tickets
from helpdesk.store.tables import LinkRow, ParticipantRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import ANNA, DYNAMICS, EWA, JAN, STRANGER, answer, write

RING = Keyring("desk.example.org", (SigningKey("1", b"master"),))
WITNESS = {"dynamics": Witness("rfc8601", "mx.desk.example.org")}
TAG = f"[{format_key('DYN', 1001)}]"
PASSED = "mx.desk.example.org; dmarc=pass header.from=acme.test"
FAILED = "mx.desk.example.org; dmarc=fail header.from=acme.test"


@pytest.fixture
def signing(database: Database) -> DeskAtWork:
    """A desk that signs, with a server that has sub-addressing."""
    return DeskAtWork(database, keyring=RING, subaddressed=frozenset({"DYNAMICS"}))


@pytest.fixture
def witnessed(database: Database) -> DeskAtWork:
    """A desk whose mail server says who is who."""
    return DeskAtWork(database, witnesses=WITNESS)


def acknowledged(desk: DeskAtWork) -> EmailMessage:
    desk.receive(write(JAN))
    return desk.letter("new")


def signed_address(mail: EmailMessage) -> str:
    return str(mail["Reply-To"].addresses[0].addr_spec)


def from_phone(desk: DeskAtWork, author: str, to: str = DYNAMICS, **mail: object) -> Outcome:
    """Let somebody write without References, as some phones do."""
    [outcome] = desk.receive(write(author, to, **{"subject": "Zdjęcie z telefonu", **mail}))  # type: ignore[arg-type]
    return outcome


def evidence(desk: DeskAtWork, outcome: Outcome) -> list[str]:
    return [step["outcome"] for step in desk.entry(outcome.entry).trace if step["step"] == "evidence"]


def test_the_reply_address_alone_finds_the_ticket(signing: DeskAtWork) -> None:
    address = signed_address(acknowledged(signing))
    assert address.startswith("pomocdynamics+c1-1001-")
    outcome = from_phone(signing, JAN, address)
    assert (outcome.disposition, outcome.ticket, outcome.reason) == (Disposition.COMMENTED, 1001, "reply")
    assert evidence(signing, outcome) == ["reply_address +60", "takes_part +25", "unwitnessed +10", "other_subject -10"]


def test_ids_and_the_thread_root_are_signed(signing: DeskAtWork) -> None:
    ack = acknowledged(signing)
    assert ack["Message-ID"].startswith("<c1.1001.")
    assert ack["References"].split()[0].startswith("<r1.1001.")


def test_a_consultants_notice_has_an_address_of_its_own_role(signing: DeskAtWork) -> None:
    acknowledged(signing)
    notice = signing.letter("notice_opened", "anna@desk.example.org")
    assert "+a1-1001-" in signed_address(notice)
    signing.receive(answer(notice, ANNA, "#take"))
    assert "+n1-1001-" in signed_address(signing.letter("receipt"))


def test_a_lost_id_is_made_good_by_the_signed_one(signing: DeskAtWork) -> None:
    ack = acknowledged(signing)
    outcome = from_phone(signing, JAN, fields={"References": str(ack["References"]).split()[0]}, subject="Re: x y")
    assert evidence(signing, outcome)[0] == "thread_root +25"


def test_a_forged_token_counts_for_nothing(signing: DeskAtWork) -> None:
    address = signed_address(acknowledged(signing))
    local, _, domain = address.partition("@")
    forged = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
    outcome = from_phone(signing, JAN, forged)
    assert outcome.disposition is Disposition.OPENED


def test_a_forwarded_token_in_a_strangers_hands_joins_unconfirmed_and_moves_nothing(signing: DeskAtWork) -> None:
    address = signed_address(acknowledged(signing))
    signing.act(actions.resolve, 1001, "Gotowe.")
    before = len(signing.outbox())
    outcome = from_phone(signing, STRANGER, address, subject=f"{TAG} to ja")
    assert (outcome.ticket, outcome.reason) == (1001, "unconfirmed_author")
    assert signing.ticket(1001).state is State.RESOLVED
    assert {kind for kind, _ in signing.told(before)} == {"notice_comment"}
    assert signing.participants(1001) == {"jan@acme.test"}


def test_a_tag_alone_of_an_authenticated_participant_joins(witnessed: DeskAtWork) -> None:
    acknowledged(witnessed)
    outcome = from_phone(witnessed, JAN, subject=f"{TAG} jeszcze", fields={"Authentication-Results": PASSED})
    assert (outcome.ticket, outcome.reason) == (1001, "reply")


def test_a_tag_alone_of_a_participant_joins_where_no_server_could_vouch_for_anybody(desk: DeskAtWork) -> None:
    acknowledged(desk)
    outcome = from_phone(desk, JAN, subject=f"{TAG} jeszcze")
    assert (outcome.ticket, outcome.reason) == (1001, "reply")
    assert desk.comments[-1].standing is Standing.CONFIRMED


def test_a_tag_alone_that_the_witness_says_nothing_of_joins_unconfirmed(witnessed: DeskAtWork) -> None:
    acknowledged(witnessed)
    outcome = from_phone(witnessed, JAN, subject=f"{TAG} jeszcze")
    assert (outcome.ticket, outcome.reason) == (1001, "unconfirmed_author")
    assert witnessed.comments[-1].standing is Standing.UNCONFIRMED


def test_a_stranger_with_a_tag_opens_a_linked_ticket(desk: DeskAtWork) -> None:
    acknowledged(desk)
    outcome = from_phone(desk, STRANGER, subject=f"{TAG} moje")
    assert outcome.ticket == 1002
    assert (1002, 1001) in desk.links()


def test_a_forged_from_with_a_tag_opens_a_ticket_that_is_not_linked(witnessed: DeskAtWork) -> None:
    acknowledged(witnessed)
    outcome = from_phone(witnessed, JAN, subject=f"{TAG} moje", fields={"Authentication-Results": FAILED})
    assert outcome.ticket == 1002
    assert witnessed.links() == set()


def test_a_participant_whose_authentication_failed_moves_nothing(witnessed: DeskAtWork) -> None:
    ack = acknowledged(witnessed)
    [outcome] = witnessed.receive(answer(ack, JAN, fields={"Authentication-Results": FAILED}))
    assert outcome.reason == "unconfirmed_author"


def test_a_resolved_ticket_with_a_new_subject_begins_another(desk: DeskAtWork) -> None:
    ack = acknowledged(desk)
    desk.act(actions.resolve, 1001, "Gotowe.")
    [outcome] = desk.receive(answer(ack, JAN, "Proszę o toner.", subject="Toner do drukarki"))
    assert outcome.ticket == 1002
    assert (1002, 1001) in desk.links()
    assert desk.ticket(1001).state is State.RESOLVED


def test_a_long_closed_ticket_is_not_woken_even_by_a_token(signing: DeskAtWork) -> None:
    address = signed_address(acknowledged(signing))
    signing.act(actions.close, 1001, "Gotowe.")
    signing.wait(days=15)
    outcome = from_phone(signing, JAN, address)
    assert outcome.ticket == 1002
    assert (1002, 1001) in signing.links()


def test_the_ticket_left_behind_does_not_rival_the_one_answered(desk: DeskAtWork) -> None:
    first = acknowledged(desk)
    desk.act(actions.close, 1001, "Gotowe.")
    desk.wait(days=15)
    desk.receive(answer(first, JAN, "Wróciło."))
    second = desk.letter("new")
    both = f"{first['Message-ID']} {second['References']} {second['Message-ID']}"
    [outcome] = desk.receive(answer(second, JAN, "I co dalej?", fields={"References": both}))
    assert (outcome.ticket, outcome.reason) == (1002, "reply")


def test_an_answer_to_the_note_address_stays_internal_whatever_it_answers(signing: DeskAtWork) -> None:
    acknowledged(signing)
    notice = signing.letter("notice_opened", "anna@desk.example.org")
    signing.receive(answer(notice, ANNA, "#take"))
    note_address = signed_address(signing.letter("receipt"))
    mail = answer(notice, ANNA, "Między nami.", fields={"To": note_address})
    [outcome] = signing.receive(mail)
    assert outcome.reason == "consultant_note"
    assert signing.comments[-1].visibility is Visibility.INTERNAL


def test_a_consultants_own_address_token_proves_them_where_there_is_no_witness(signing: DeskAtWork) -> None:
    acknowledged(signing)
    address = signed_address(signing.letter("notice_opened", "anna@desk.example.org"))
    outcome = from_phone(signing, ANNA, address, text="#priority 1")
    assert outcome.reason == "commands_done"
    assert signing.ticket().priority == 1


def test_a_colleagues_address_token_proves_nothing(signing: DeskAtWork) -> None:
    acknowledged(signing)
    address = signed_address(signing.letter("notice_opened", "piotr@desk.example.org"))
    outcome = from_phone(signing, ANNA, address, text="#priority 1")
    assert outcome.reason == "consultant_unproven"


def test_an_old_token_is_good_after_the_key_was_changed(signing: DeskAtWork) -> None:
    address = signed_address(acknowledged(signing))
    signing.under(keyring=Keyring("desk.example.org", (SigningKey("2", b"new"), *RING.keys)))
    assert from_phone(signing, JAN, address).ticket == 1001


def test_a_token_of_a_stolen_key_proves_nothing(signing: DeskAtWork) -> None:
    address = signed_address(acknowledged(signing))
    stolen = SigningKey("1", b"master", distrusted=True)
    signing.under(keyring=Keyring("desk.example.org", (SigningKey("2", b"new"), stolen)))
    assert from_phone(signing, JAN, address).ticket == 1002


def test_mail_to_a_merged_ticket_goes_to_the_one_that_goes_on(desk: DeskAtWork) -> None:
    ack = acknowledged(desk)
    desk.receive(write(EWA, subject="Ta sama drukarka"))
    desk.act(actions.close, 1001)
    with desk.database.begin() as session:
        session.add_all(
            [
                LinkRow(ticket=1001, other=1002, why=tickets.MERGED),
                ParticipantRow(ticket=1002, addr="jan@acme.test", joined_at=desk.now),
            ]
        )
    [outcome] = desk.receive(answer(ack, JAN, "Nadal nie drukuje."))
    assert (outcome.ticket, outcome.reason) == (1002, "reply")
