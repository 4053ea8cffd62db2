"""A From that nothing proves: its owner is asked, and their yes makes the mail theirs (RELIABILITY 3.5, 3.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.desk.gate import GateReason, Limits
from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import Disposition, Standing, State, Visibility
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.desk.vouching import QuestionState
from helpdesk.services import actions
from helpdesk.services.desk import Witness
from helpdesk.services.line import Outcome
from helpdesk.services.timers import all_due
from helpdesk.store.tables import QuestionRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import ANNA, JAN, STRANGER, answer, write

RING = Keyring("desk.example.org", (SigningKey("1", b"master"),))
MX = "mx.desk.example.org"
PASSED = {"Authentication-Results": f"{MX}; dmarc=pass header.from=acme.test"}
FAILED = {"Authentication-Results": f"{MX}; dmarc=fail header.from=acme.test"}
OURS = {"Authentication-Results": f"{MX}; dmarc=pass header.from=desk.example.org"}
OURS_FAILED = {"Authentication-Results": f"{MX}; dmarc=fail header.from=desk.example.org"}


@pytest.fixture
def witnessed(database: Database) -> DeskAtWork:
    """A desk whose mail server says who is who; ticket 1001 is Jan's."""
    witnesses = {"dynamics": Witness("rfc8601", MX)}
    desk = DeskAtWork(database, keyring=RING, subaddressed=frozenset({"DYNAMICS"}), witnesses=witnesses)
    desk.receive(write(JAN, fields=PASSED))
    return desk


def forged(desk: DeskAtWork, text: str = "Proszę zmienić numer konta.") -> Outcome:
    """Let somebody who has seen the thread write in Jan's name."""
    [outcome] = desk.receive(answer(desk.letter("new"), JAN, text, fields=FAILED))
    return outcome


def test_a_failed_from_moves_nothing_and_the_owner_of_the_address_is_asked(witnessed: DeskAtWork) -> None:
    witnessed.act(actions.resolve, 1001, "Gotowe.")
    before = len(witnessed.outbox())
    outcome = forged(witnessed)

    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "unconfirmed_author")
    assert witnessed.told(before) == [
        ("challenge", "jan@acme.test"),
        ("notice_comment", "anna@desk.example.org"),
        ("notice_comment", "piotr@desk.example.org"),
    ]
    assert witnessed.ticket().state is State.RESOLVED
    letter = witnessed.letter("challenge")
    assert "+k1-1001-" in str(letter["Reply-To"])
    assert "numer konta" not in letter.as_string()


def test_a_yes_of_the_owner_confirms_the_words(witnessed: DeskAtWork) -> None:
    forged(witnessed, "To naprawdę ja.")
    [outcome] = witnessed.receive(answer(witnessed.letter("challenge"), JAN, "Tak", fields=PASSED))

    assert outcome.reason == "owner_said_yes"
    words = witnessed.comments[1]
    assert (words.standing, words.standing_reason) == (Standing.CONFIRMED, Ground.OWNER_SAID_YES)


def test_a_yes_from_a_mailbox_without_results_counts_for_it_went_to_nobody_else(witnessed: DeskAtWork) -> None:
    forged(witnessed)
    [outcome] = witnessed.receive(answer(witnessed.letter("challenge"), JAN, "Tak"))
    assert outcome.reason == "owner_said_yes"


def test_a_yes_whose_own_from_failed_confirms_nothing(witnessed: DeskAtWork) -> None:
    forged(witnessed)
    witnessed.receive(answer(witnessed.letter("challenge"), JAN, "Tak", fields=FAILED))
    assert witnessed.comments[1].standing is Standing.UNCONFIRMED
    assert [row.state for row in witnessed.rows(QuestionRow)] == [QuestionState.OPEN]


def test_a_no_of_the_owner_warns_the_consultants_and_writes_to_nobody_else(witnessed: DeskAtWork) -> None:
    forged(witnessed)
    before = len(witnessed.outbox())
    witnessed.receive(answer(witnessed.letter("challenge"), JAN, "Nie, to nie ja.", fields=PASSED))

    assert witnessed.comments[1].standing_reason == Ground.OWNER_SAID_NO
    assert {kind for kind, _ in witnessed.told(before)} == {"notice_changed"}
    assert "właściciel adresu zaprzecza" in text_of(witnessed.letter("notice_changed", "anna@desk.example.org"))


def test_an_address_is_asked_once_a_day_whatever_comes_in_its_name(witnessed: DeskAtWork) -> None:
    forged(witnessed, "Raz.")
    forged(witnessed, "Dwa.")
    assert len(witnessed.outbox(notification="challenge")) == 1
    witnessed.wait(hours=25)
    forged(witnessed, "Trzy.")
    assert len(witnessed.outbox(notification="challenge")) == 2


def test_a_yes_is_about_the_mail_that_was_asked_about_and_no_other(witnessed: DeskAtWork) -> None:
    forged(witnessed, "Raz.")
    forged(witnessed, "Dwa.")
    witnessed.receive(answer(witnessed.letter("challenge"), JAN, "Tak", fields=PASSED))
    assert [row.standing for row in witnessed.comments[1:3]] == [Standing.CONFIRMED, Standing.UNCONFIRMED]


def test_silence_leaves_the_words_unconfirmed_and_consultants_are_told(witnessed: DeskAtWork) -> None:
    forged(witnessed)
    witnessed.wait(days=2)
    before = len(witnessed.outbox())
    all_due(witnessed.database, witnessed.desk, witnessed.clock)
    assert witnessed.comments[1].standing_reason == Ground.OWNER_SILENT
    assert ("notice_changed", "anna@desk.example.org") in witnessed.told(before)
    assert not [one for one in witnessed.told(before) if one[1] == "jan@acme.test"]


def test_a_stranger_with_a_failed_from_is_asked_nothing(witnessed: DeskAtWork) -> None:
    fields = {"Authentication-Results": f"{MX}; dmarc=fail header.from=elsewhere.test"}
    witnessed.receive(answer(witnessed.letter("new"), STRANGER, fields=fields))
    assert witnessed.rows(QuestionRow) == []


# --- a consultant whom nothing proves


def commands(desk: DeskAtWork, text: str, fields: dict[str, str] | None = None) -> Outcome:
    """Let a mail in Anna's name answer her notice."""
    [outcome] = desk.receive(answer(desk.letter("notice_opened", "anna@desk.example.org"), ANNA, text, fields=fields))
    return outcome


def test_commands_that_nothing_proves_wait_for_their_owners_yes(witnessed: DeskAtWork) -> None:
    before = len(witnessed.outbox())
    outcome = commands(witnessed, "#rozwiąż\nNaprawione.")
    assert outcome.reason == "consultant_unproven"
    assert witnessed.ticket().state is State.NEW
    receipt = witnessed.letter("receipt", "anna@desk.example.org")
    assert "jednym słowem: „tak”" in text_of(receipt)
    assert "+k1-1001-" in str(receipt["Reply-To"])
    assert not [one for one in witnessed.told(before) if one[1] == "jan@acme.test"]
    [outcome] = witnessed.receive(answer(receipt, ANNA, "tak", fields=OURS))

    assert outcome.reason == "commands_done"
    assert witnessed.ticket().state is State.RESOLVED
    assert "Naprawione." in text_of(witnessed.letter("resolved", "jan@acme.test"))
    mail = [row for row in witnessed.comments if row.entry == 2]
    assert [(row.visibility, row.standing) for row in mail] == [(Visibility.PUBLIC, Standing.CONFIRMED)]


def test_commands_without_a_text_are_carried_out_as_well(witnessed: DeskAtWork) -> None:
    commands(witnessed, "#priorytet 1")
    witnessed.receive(answer(witnessed.letter("receipt"), ANNA, "Tak.", fields=OURS))
    assert witnessed.ticket().priority == 1


def test_a_no_leaves_the_commands_undone(witnessed: DeskAtWork) -> None:
    commands(witnessed, "#zamknij\nKoniec.")
    witnessed.receive(answer(witnessed.letter("receipt"), ANNA, "nie", fields=OURS))
    assert witnessed.ticket().state is State.NEW
    assert witnessed.comments[1].standing is Standing.UNCONFIRMED


def test_a_consultant_whose_from_failed_is_refused_for_good(witnessed: DeskAtWork) -> None:
    commands(witnessed, "#zamknij\nKoniec.", OURS_FAILED)
    receipt = witnessed.letter("receipt", "anna@desk.example.org")
    assert "jednym słowem" not in text_of(receipt)
    witnessed.receive(answer(receipt, ANNA, "tak", fields=OURS))
    assert witnessed.ticket().state is State.NEW


def test_forged_commands_on_a_ticket_are_refused_only_so_often(witnessed: DeskAtWork) -> None:
    witnessed.under(limits=Limits(contact_per_hour=2))
    for _ in range(3):
        commands(witnessed, "#zamknij", OURS_FAILED)
    assert [row.reason for row in witnessed.outbox(notification="receipt")] == ["", "", GateReason.CONTACT_BUDGET]
    commands(witnessed, "#priorytet 1", OURS)
    assert witnessed.outbox(notification="receipt")[-1].reason == ""


def test_a_question_that_was_held_is_asked_with_the_next_mail(witnessed: DeskAtWork) -> None:
    witnessed.under(limits=Limits(contact_per_hour=1))
    commands(witnessed, "#zamknij", OURS_FAILED)
    commands(witnessed, "#zamknij")
    assert witnessed.rows(QuestionRow) == []
    witnessed.wait(hours=2)
    commands(witnessed, "#zamknij")
    [question] = witnessed.rows(QuestionRow)
    assert question.message_id == witnessed.outbox(notification="receipt")[-1].message_id


def test_a_consultant_is_asked_once_a_day(witnessed: DeskAtWork) -> None:
    commands(witnessed, "#zamknij")
    commands(witnessed, "#spam")
    assert len(witnessed.rows(QuestionRow)) == 1


def test_the_age_of_the_commands_is_still_asked_after(witnessed: DeskAtWork) -> None:
    notice = witnessed.letter("notice_opened", "anna@desk.example.org")
    stale = witnessed.now - timedelta(days=4)
    mail = answer(notice, ANNA, "#zamknij", fields={"Date": stale.strftime("%a, %d %b %Y %H:%M:%S +0000")})
    witnessed.receive(mail)
    witnessed.receive(answer(witnessed.letter("receipt"), ANNA, "tak", fields=OURS))
    assert witnessed.ticket().state is State.NEW


def test_where_nobody_can_be_authenticated_a_yes_from_the_registered_mailbox_will_do(database: Database) -> None:
    desk = DeskAtWork(database, keyring=RING)
    desk.receive(write(JAN))
    forwarded = desk.letter("notice_opened", "piotr@desk.example.org")
    desk.receive(answer(forwarded, ANNA, "#priorytet 2"))
    assert desk.ticket().priority == 3
    desk.receive(answer(desk.letter("receipt", "anna@desk.example.org"), ANNA, "tak"))
    assert desk.ticket().priority == 2
