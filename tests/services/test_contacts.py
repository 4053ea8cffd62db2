"""What is kept of a person can be told whole, and removed so that nothing of it is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpdesk.desk.terms import Disposition, OutboxState, State
from helpdesk.errors import NotFoundError, TemporaryError, UsageError
from helpdesk.services import actions, contacts
from helpdesk.services.contacts import Erasure, Traces
from helpdesk.store import portions, sending
from helpdesk.store.tables import LedgerRow, RawMailRow, metadata
from helpdesk.store.unit_of_work import Session
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import ANNA, EWA, JAN, STRANGER, answer, bounce, out_of_office, write

SECRET = "Mój numer to 7788"
ADDR = "jan@acme.test"


def erase(desk: DeskAtWork, addr: str = ADDR) -> Erasure:
    return contacts.erase(desk.database, desk.desk, addr, desk.now)


def trace(desk: DeskAtWork, addr: str = ADDR) -> Traces:
    with desk.database.read() as session:
        return contacts.trace(session, desk.desk, addr)


def send_all(desk: DeskAtWork) -> None:
    """Let everything that waits be sent, as far as the database knows."""
    with desk.database.begin() as session:
        session.execute(sa.update(metadata.tables["outbox"]).values(state=OutboxState.SENT, reply=f"250 <{ADDR}>"))


def everything(session: Session) -> bytes:
    """Return all that the database holds, bytes and all."""
    rows = (row for table in metadata.sorted_tables for row in session.execute(sa.select(table)))
    values = (value for row in rows for value in row)
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def a_day_at_work(desk: DeskAtWork) -> None:
    """Let Jan open a ticket and be answered, mail and machines included."""
    mail = write(subject=f"Pilne: {SECRET}", text=f"{SECRET}. Jan Kowal", files=[("dane.bin", SECRET.encode())])
    desk.receive(mail)
    notice = desk.letter("notice_opened", "anna@desk.example.org")
    desk.receive(answer(notice, ANNA, f"Panie Janie, proszę chwilę.\n\n> {SECRET}"))
    desk.act(actions.note, 1001, "Dzwonił Jan Kowal, jan@acme.test, i prosił o pośpiech.")
    desk.receive(out_of_office(desk.letter("new"), JAN))
    desk.receive(bounce(desk.letter("new"), ADDR))
    send_all(desk)


def test_nothing_of_an_erased_person_is_left_in_any_table(desk: DeskAtWork) -> None:
    a_day_at_work(desk)
    done = erase(desk)

    with desk.database.read() as session:
        left = everything(session).lower()
    for word in (ADDR, "numer to 77", "Jan Kowal", "dane.bin"):
        assert word.lower().encode() not in left, word
    assert done.done["tickets"] == 1 and done.done["mails"] == 4
    assert done.keys == (desk.desk.key_of(desk.ticket()),)


def test_a_person_who_stands_in_more_places_than_a_statement_can_name_is_erased_as_well(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "MOST", 1)
    a_day_at_work(desk)
    desk.receive(write(subject=f"Drugie: {SECRET}"), write(subject=f"Trzecie: {SECRET}"))
    done = erase(desk)

    with desk.database.read() as session:
        left = everything(session)
    assert ADDR.encode() not in left and b"numer to 77" not in left
    assert (done.done["tickets"], done.done["mails"], done.done["letters_called_off"]) == (3, 6, 6)


def test_the_ticket_keeps_number_state_and_times_and_the_consultants_own_words(desk: DeskAtWork) -> None:
    a_day_at_work(desk)
    before = desk.ticket()
    done = erase(desk)
    after = desk.ticket()

    assert (after.number, after.state, after.received_at, after.reacted_at) == (
        before.number, before.state, before.received_at, before.reacted_at,
    )  # fmt: skip
    assert (after.requester_addr, after.subject, after.search) == (done.pseudonym, "[erased]", "")
    own, reply, note, absence = desk.comments
    assert absence.new_text == own.new_text
    assert (own.author_addr, own.new_text) == (done.pseudonym, "[erased]")
    assert reply.new_text == "Panie Janie, proszę chwilę."
    assert note.new_text == f"Dzwonił [erased], {done.pseudonym}, i prosił o pośpiech."
    assert desk.history(1001)[-1] == "erased"
    assert not any(row.content for row in desk.rows(RawMailRow))


def test_the_ledger_stays_and_it_is_said_why(desk: DeskAtWork) -> None:
    a_day_at_work(desk)
    before = desk.rows(LedgerRow)
    kept = " · ".join(erase(desk).kept)

    assert desk.rows(LedgerRow) == before
    assert "ledger" in kept and "backups" in kept and "numbers" in kept
    assert "routing_rules.yaml: take it out yourself" in kept, "the organisation's contact is still named there"


def test_another_copy_of_an_erased_mail_is_still_known_as_one(desk: DeskAtWork) -> None:
    mail = write()
    desk.receive(mail)
    erase(desk)
    [again] = desk.receive(mail)

    assert again.disposition is Disposition.DUPLICATE
    assert len(desk.tickets) == 1


def test_what_a_colleague_wrote_is_theirs_and_said_to_stay(desk: DeskAtWork) -> None:
    desk.receive(write(EWA, text="Proszę dopisać kolegę.", fields={"Cc": JAN}))
    desk.receive(answer(desk.letter("new"), EWA, "Jan Kowal (jan@acme.test) zna szczegóły."))
    done = erase(desk)

    assert desk.comments[0].new_text == "Proszę dopisać kolegę."
    assert done.pseudonym in desk.comments[1].new_text
    assert desk.ticket().requester_addr == "ewa@acme.test"
    assert any("mails that other people wrote" in sentence for sentence in done.kept)
    assert all(row.content for row in desk.rows(RawMailRow))


def test_letters_that_wait_are_called_off_and_the_pseudonym_is_never_written_to(desk: DeskAtWork) -> None:
    desk.receive(write())
    done = erase(desk)

    assert {row.state for row in desk.outbox()} == {OutboxState.CANCELLED}
    assert done.done["letters_called_off"] == 3
    desk.act(actions.resolve, 1001, "Gotowe.")
    assert desk.ticket().state is State.RESOLVED
    [last] = desk.outbox(notification="resolved")
    assert (last.recipient, last.state) == (done.pseudonym, OutboxState.MUTED)


def test_a_letter_on_its_way_is_waited_for_and_nothing_is_done_meanwhile(desk: DeskAtWork) -> None:
    desk.receive(write())
    with desk.database.begin() as session:
        sending.claim_due(session, "default", "one", desk.now, desk.now + timedelta(hours=1), limit=1, max_bytes=1)

    with pytest.raises(TemporaryError, match="try again in a minute"):
        erase(desk)
    assert desk.ticket().requester_addr == ADDR


def test_a_mail_that_waits_to_be_worked_off_goes_as_well(desk: DeskAtWork) -> None:
    desk.journal(write(text=SECRET))
    erase(desk)

    assert desk.process() == []
    assert desk.entry(1).disposition is Disposition.DISCARDED


def test_what_somebody_else_wrote_and_nobody_has_worked_off_yet_is_not_lost(desk: DeskAtWork) -> None:
    desk.receive(write())
    desk.journal(write(EWA, text="Jan Kowal (jan@acme.test) prosi o pomoc.", fields={"Cc": JAN}))
    done = erase(desk)

    [outcome] = desk.process()
    assert outcome.disposition is Disposition.OPENED
    assert any("mails that other people wrote" in sentence for sentence in done.kept)


def test_who_writes_again_is_a_new_person(desk: DeskAtWork) -> None:
    desk.receive(write())
    parent = desk.letter("new")
    erase(desk)
    [outcome] = desk.receive(answer(parent, JAN, "Jeszcze jedno."))

    assert outcome.ticket is not None
    assert desk.ticket(outcome.ticket).requester_addr in (ADDR, desk.ticket(1001).requester_addr)


@pytest.mark.parametrize(
    ("addr", "error", "said"),
    [
        pytest.param("nobody@acme.test", NotFoundError, "nothing is kept of", id="nobody"),
        pytest.param("jan", UsageError, "is no mail address", id="no-address"),
        pytest.param("Anna@desk.example.org", UsageError, "is the desk's own", id="consultant"),
        pytest.param("pomocdynamics@desk.example.org", UsageError, "is the desk's own", id="queue"),
    ],
)
def test_who_can_not_be_erased_is_said(desk: DeskAtWork, addr: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        erase(desk, addr)


def test_another_person_whose_address_holds_this_one_is_left_alone(desk: DeskAtWork) -> None:
    desk.receive(write("Bojan <bojan@acme.test>", text=SECRET), write())
    erase(desk)

    assert {row.requester_addr for row in desk.tickets} > {"bojan@acme.test"}
    assert SECRET in desk.comments[0].new_text
    assert trace(desk, "bojan@acme.test").opened == {1001}


def test_a_trace_tells_their_mails_from_those_that_only_name_them(desk: DeskAtWork) -> None:
    desk.receive(write(), write(STRANGER, text="jan@acme.test mnie tu przysłał"))
    found = trace(desk, " Jan@ACME.test ")

    assert (found.addr, list(found.names), sorted(found.opened)) == (ADDR, ["Jan Kowal"], [1001])
    assert (sorted(found.mails), sorted(found.foreign)) == ([1], [2])
