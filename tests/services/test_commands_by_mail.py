"""A consultant's day from their own mail client: answers, commands, receipts, and what is never carried out."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import Disposition, Standing, State, Visibility
from helpdesk.services.desk import Witness
from helpdesk.services.line import Outcome
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import TUESDAY, DeskAtWork, files_of, text_of
from tests.services.mails import ANNA, JAN, PIOTR, answer, write

ANNA_ADDR, PIOTR_ADDR, JAN_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "jan@acme.test"


def opened(desk: DeskAtWork, **mail: object) -> EmailMessage:
    """Let Jan open ticket 1001; return Anna's notice."""
    desk.receive(write(JAN, **mail))  # type: ignore[arg-type]  # the mail's own keys
    return desk.letter("notice_opened", ANNA_ADDR)


def obeyed(desk: DeskAtWork, text: str, author: str = ANNA, **mail: object) -> Outcome:
    """Let Anna answer her newest notice with this text; return what became of it."""
    parent = desk.letter("notice_opened", ANNA_ADDR)
    [outcome] = desk.receive(answer(parent, author, text, **mail))  # type: ignore[arg-type]  # as above
    return outcome


def receipt(desk: DeskAtWork) -> str:
    return text_of(desk.letter("receipt", ANNA_ADDR))


def test_an_answer_with_resolve_is_one_mail_to_the_customer_and_a_receipt(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    outcome = obeyed(desk, "#rozwiąż\n\nProszę wyczyścić kolejkę wydruku.")

    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "commands_done")
    assert desk.told(before) == [("receipt", ANNA_ADDR), ("resolved", JAN_ADDR)]
    assert desk.ticket().state is State.RESOLVED
    told = desk.letter("resolved")
    assert "Proszę wyczyścić kolejkę wydruku." in text_of(told)
    assert "#rozwi" not in text_of(told)
    assert "Wykonano: #rozwiąż" in receipt(desk)
    assert "Stan: nowe → rozwiązane" in receipt(desk)
    assert JAN_ADDR in receipt(desk)


def test_what_the_customer_gets_never_shows_the_consultants_address(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#take\nOddzwonię.")
    mail = desk.letter("comment", JAN_ADDR)
    assert ANNA_ADDR not in mail.as_string() + text_of(mail)
    assert mail["From"].addresses[0].addr_spec == "pomocdynamics@desk.example.org"
    assert mail["Auto-Submitted"] is None


def test_many_commands_are_one_act_and_colleagues_get_one_notice(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    obeyed(desk, "#przypisz Piotr\n#priorytet 2\n#etykieta drukarka\n#rodzaj inne")
    ticket = desk.ticket()
    assert (ticket.assignee, ticket.priority, ticket.tags, ticket.kind) == (PIOTR_ADDR, 2, ["drukarka"], "other")
    assert ("notice_changed", PIOTR_ADDR) in desk.told(before)
    assert [kind for kind, _ in desk.told(before)].count("notice_changed") == 1
    assert len(desk.comments) == 1  # nothing was said


REFUSED = {
    "an unknown verb": "#take\n#clsoe\n\nGotowe.",
    "words after a verb": "#take\n#close gotowe\n\nGotowe.",
    "nobody of that name": "#priority 1\n#assign Nikt\n\nGotowe.",
    "no such queue": "#priority 1\n#queue NOWHERE\n\nGotowe.",
    "an impossible state": "#priority 1\n#reopen\n\nGotowe.",
    "one of ours in copy": "#priority 1\n#cc piotr@desk.example.org\n\nGotowe.",
    "nobody to let go": "#priority 1\n#uncc ewa@acme.test\n\nGotowe.",
    "a visit in the past": "#priority 1\n#visit 2026-11-20 10:00 60m\n\nGotowe.",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_one_bad_line_refuses_all_and_the_text_waits_as_a_draft(desk: DeskAtWork, text: str) -> None:
    opened(desk)
    before, was = len(desk.outbox()), desk.ticket()
    outcome = obeyed(desk, text)

    assert outcome.reason == "commands_refused"
    assert desk.told(before) == [("receipt", ANNA_ADDR)]
    ticket = desk.ticket()
    assert (ticket.state, ticket.assignee, ticket.priority) == (was.state, was.assignee, was.priority)
    draft = desk.comments[-1]
    assert (draft.visibility, draft.standing, draft.new_text) == (Visibility.INTERNAL, Standing.HELD, "Gotowe.")
    assert "> Gotowe." in receipt(desk)
    assert text.splitlines()[1] in receipt(desk)


def test_after_a_refused_line_the_desk_goes_on_in_the_same_batch(desk: DeskAtWork) -> None:
    parent = opened(desk)
    bad = answer(parent, ANNA, "#priority 1\n#assign Nikt\n\nRaz.")
    good = answer(parent, ANNA, "#priority 2\n\nDwa.")
    assert [outcome.reason for outcome in desk.receive(bad, good)] == ["commands_refused", "commands_done"]
    assert desk.ticket().priority == 2


def test_a_note_stays_internal_even_in_answer_to_the_customers_words(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    obeyed(desk, "#notatka\nKlient myli dwa moduły.")
    assert desk.comments[-1].visibility is Visibility.INTERNAL
    assert JAN_ADDR not in [recipient for _, recipient in desk.told(before)]
    assert ("notice_comment", PIOTR_ADDR) in desk.told(before)


def test_a_note_beside_changes_is_one_notice(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    obeyed(desk, "#przypisz Piotr\n#priorytet 2\n#notatka\nKlient jest po zmianie serwera.")
    assert desk.told(before) == [("notice_changed", PIOTR_ADDR), ("receipt", ANNA_ADDR)]
    assert "Klient jest po zmianie serwera." in text_of(desk.letter("notice_changed", PIOTR_ADDR))
    assert desk.comments[-1].visibility is Visibility.INTERNAL


def test_a_ticket_that_goes_to_another_queue_is_told_there(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#biorę")
    before = len(desk.outbox())
    obeyed(desk, "#kolejka PROPHIX")
    assert desk.ticket().assignee is None
    assert ("notice_changed", "ola@desk.example.org") in desk.told(before)


def test_a_note_with_resolve_tells_the_customer_without_the_text(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#note\n#resolve\nTo była literówka w fakturze.")
    assert desk.ticket().state is State.RESOLVED
    assert "literówka" not in text_of(desk.letter("resolved", JAN_ADDR))
    assert desk.comments[-1].visibility is Visibility.INTERNAL


def test_an_answer_to_a_receipt_is_internal(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#take")
    before = len(desk.outbox())
    [outcome] = desk.receive(answer(desk.letter("receipt", ANNA_ADDR), ANNA, "Dziękuję."))
    assert outcome.reason == "consultant_note"
    assert JAN_ADDR not in [recipient for _, recipient in desk.told(before)]


def test_silent_writes_to_no_customer(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    obeyed(desk, "#cicho\n#zamknij\nDuplikat.")
    assert desk.ticket().state is State.CLOSED
    assert desk.told(before) == [("receipt", ANNA_ADDR)]


def test_resolve_and_close_in_one_act_send_closed_only(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    obeyed(desk, "#resolve\n#close\nGotowe.")
    assert desk.told(before) == [("closed", JAN_ADDR), ("receipt", ANNA_ADDR)]


def test_spam_is_closed_without_a_word_and_its_author_muted(desk: DeskAtWork) -> None:
    opened(desk)
    before = len(desk.outbox())
    obeyed(desk, "#spam")
    assert desk.ticket().state is State.CLOSED
    assert desk.told(before) == [("receipt", ANNA_ADDR)]
    desk.receive(write(JAN, subject="Znowu ja"))
    assert [row.state for row in desk.outbox(notification="new", recipient=JAN_ADDR)][-1] == "muted"


def test_pending_and_reopen_move_the_ticket(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#czekam\nProszę o zrzut ekranu.")
    assert desk.ticket().state is State.PENDING
    assert "Proszę o zrzut ekranu." in text_of(desk.letter("comment", JAN_ADDR))
    obeyed(desk, "#otwórz")
    assert desk.ticket().state is State.OPEN


def test_people_are_let_in_and_out(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#dw ewa@acme.test\nDołączam panią Ewę.")
    assert desk.participants(1001) == {JAN_ADDR, "ewa@acme.test"}
    assert desk.letter("comment", "ewa@acme.test")
    obeyed(desk, "#bezdw ewa@acme.test")
    assert desk.participants(1001) == {JAN_ADDR}


def test_a_queue_is_named_in_any_case_and_the_number_stays(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#kolejka prophix")
    assert (desk.ticket().queue, desk.ticket().number) == ("PROPHIX", 1001)
    assert format_key("PRO", 1001) in desk.letter("receipt")["Subject"]


def test_time_is_written_into_the_ledger(desk: DeskAtWork) -> None:
    opened(desk)
    outcome = obeyed(desk, "#czas 35m zdalnie")
    assert outcome.reason == "commands_done"
    assert "time" in desk.history(1001)


def test_files_go_along_to_the_customer(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#take\nW załączeniu instrukcja.", files=[("instrukcja.pdf", b"%PDF-1.7")])
    assert files_of(desk.letter("comment", JAN_ADDR)) == {"instrukcja.pdf": b"%PDF-1.7"}


def test_files_too_large_for_the_customer_refuse_the_answer(database: Database) -> None:
    desk = DeskAtWork(database, attach_up_to=1000)
    opened(desk)
    before = len(desk.outbox())
    outcome = obeyed(desk, "W załączeniu instrukcja.", files=[("instrukcja.pdf", b"x" * 2000)])
    assert outcome.reason == "commands_refused"
    assert desk.told(before) == [("receipt", ANNA_ADDR)]
    assert "0.001 MB" in receipt(desk)
    assert desk.comments[-1].standing is Standing.HELD


def test_the_whole_exchange_comes_by_mail(desk: DeskAtWork) -> None:
    opened(desk, text="Pierwsze słowo klienta.")
    obeyed(desk, "#notatka\nSłowo między nami.")
    obeyed(desk, "#historia")
    assert "Pierwsze słowo klienta." in receipt(desk)
    assert "Słowo między nami." in receipt(desk)


def test_the_customers_files_come_by_mail(database: Database) -> None:
    desk = DeskAtWork(database, attach_up_to=1000)
    notice = opened(desk, files=[("log.bin", b"y" * 1500)])
    assert files_of(notice) == {}
    obeyed(desk, "#wyślij")
    assert files_of(desk.letter("receipt", ANNA_ADDR)) == {"log.bin": b"y" * 1500}


def test_tickets_are_found_by_words(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, subject="Zupełnie inna sprawa"))
    opened(desk)
    obeyed(desk, "#szukaj INNA sprawa")
    assert "Zupełnie inna sprawa" in receipt(desk)


def test_help_lists_every_command(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#pomoc")
    for word in ("#notatka", "#scal", "#czas 35m zdalnie"):
        assert f"\n{word}" in receipt(desk)


def test_a_quoted_notice_never_reaches_the_customer_whatever_stands_above_it(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#note\nTajna notatka: klient nie zapłacił.")
    desk.receive(answer(desk.letter("new", JAN_ADDR), JAN, "Czy coś już wiadomo?"))
    notice = desk.letter("notice_comment", ANNA_ADDR)
    assert "Tajna notatka" in text_of(notice)
    desk.receive(answer(notice, ANNA, f"Tak, naprawione.\n\n~~~ strange client ~~~\n{text_of(notice)}"))
    mail = text_of(desk.letter("comment", JAN_ADDR))
    assert "Tak, naprawione." in mail
    assert "Tajna notatka" not in mail


def test_an_answer_of_nothing_but_the_quoted_notice_stays_internal(desk: DeskAtWork) -> None:
    notice = opened(desk)
    before = len(desk.outbox())
    quoted = "\n".join(f"> {line}" for line in text_of(notice).splitlines())
    [outcome] = desk.receive(answer(notice, ANNA, quoted))
    assert outcome.reason == "consultant_note"
    assert JAN_ADDR not in [recipient for _, recipient in desk.told(before)]


def test_a_command_in_the_quoted_mail_is_none(desk: DeskAtWork) -> None:
    opened(desk, text="#close\n\nProszę zamknąć.")
    notice = desk.letter("notice_opened", ANNA_ADDR)
    quoted = "\n".join(f"> {line}" for line in text_of(notice).splitlines())
    desk.receive(answer(notice, ANNA, quoted))
    assert desk.ticket().state is State.NEW


def test_a_command_in_a_forwarded_mail_is_none(desk: DeskAtWork) -> None:
    notice = opened(desk)
    forwarded = (
        "---------- Forwarded message ---------\nOd: Jan <jan@acme.test>\nData: wt., 24 lis 2026\n"
        "Temat: prośba\nDo: <anna@desk.example.org>\n\n#close\n\nProszę zamknąć."
    )
    [outcome] = desk.receive(answer(notice, ANNA, forwarded, subject="Fwd: prośba"))
    assert outcome.reason == "consultant_reply"
    assert desk.ticket().state is State.OPEN


def test_commands_above_a_forwarded_mail_are_obeyed(desk: DeskAtWork) -> None:
    notice = opened(desk)
    [outcome] = desk.receive(answer(notice, ANNA, "#resolve\nJak niżej.", subject="Fwd: prośba"))
    assert outcome.reason == "commands_done"


def test_commands_without_proof_are_refused_and_the_registered_address_is_told(database: Database) -> None:
    desk = DeskAtWork(database, witnesses={"dynamics": Witness("rfc8601", "mx.desk.example.org")})
    opened(desk)
    before = len(desk.outbox())
    outcome = obeyed(desk, "#close\nŻegnam.")
    assert outcome.reason == "consultant_unproven"
    assert desk.ticket().state is State.NEW
    assert ("receipt", ANNA_ADDR) in desk.told(before)
    assert JAN_ADDR not in [recipient for _, recipient in desk.told(before)]
    assert desk.comments[-1].standing is Standing.UNCONFIRMED


def test_a_customers_commands_are_words(desk: DeskAtWork) -> None:
    opened(desk)
    desk.receive(answer(desk.letter("new", JAN_ADDR), JAN, "#close\nProszę zamknąć."))
    assert desk.ticket().state is State.NEW
    assert desk.outbox(notification="receipt") == []


def test_another_reply_to_refuses(desk: DeskAtWork) -> None:
    opened(desk)
    outcome = obeyed(desk, "#close", fields={"Reply-To": "somebody@elsewhere.test"})
    assert outcome.reason == "commands_refused"
    assert "somebody@elsewhere.test" in receipt(desk)


def test_the_consultants_own_alias_as_reply_to_does_not(desk: DeskAtWork) -> None:
    opened(desk)
    assert obeyed(desk, "#close", fields={"Reply-To": "a.nowak@private.example.org"}).reason == "commands_done"


def test_a_mail_written_days_before_it_came_in_refuses(desk: DeskAtWork) -> None:
    parent = opened(desk)
    old = answer(
        parent, ANNA, "#close", fields={"Date": (TUESDAY - timedelta(hours=73)).strftime("%a, %d %b %Y %H:%M:%S +0000")}
    )
    [outcome] = desk.receive(old)
    assert outcome.reason == "commands_refused"
    assert desk.ticket().state is State.NEW


def test_the_same_mail_again_is_a_duplicate_and_moves_nothing(desk: DeskAtWork) -> None:
    parent = opened(desk)
    mail = answer(parent, ANNA, "#resolve")
    desk.receive(mail)
    obeyed(desk, "#reopen")
    [outcome] = desk.receive(mail)
    assert outcome.disposition is Disposition.DUPLICATE
    assert desk.ticket().state is State.OPEN


def test_mail_taken_in_silently_carries_no_commands_out(desk: DeskAtWork) -> None:
    parent = opened(desk)
    before = len(desk.outbox())
    desk.receive(answer(parent, ANNA, "#close"), silent=True)
    assert desk.ticket().state is not State.CLOSED
    assert desk.told(before) == []


def test_the_rules_own_words_are_commands(database: Database) -> None:
    desk = DeskAtWork(database, more_rules="commands: { gotowe: resolve }\n")
    opened(desk)
    obeyed(desk, "#Gotowe")
    assert desk.ticket().state is State.RESOLVED


def test_a_colleague_who_takes_it_is_told_in_their_language(desk: DeskAtWork) -> None:
    opened(desk)
    [outcome] = desk.receive(answer(desk.letter("notice_opened", PIOTR_ADDR), PIOTR, "#biorę"))
    assert outcome.reason == "commands_done"
    assert "Done: #biorę" in text_of(desk.letter("receipt", PIOTR_ADDR))
    assert desk.ticket().assignee == PIOTR_ADDR


def test_taking_what_one_has_is_no_refusal(desk: DeskAtWork) -> None:
    opened(desk)
    obeyed(desk, "#take")
    assert obeyed(desk, "#take\n#priority 2").reason == "commands_done"
    assert desk.ticket().priority == 2


def test_a_notice_offers_the_commands_that_make_sense(desk: DeskAtWork) -> None:
    text = text_of(opened(desk))
    assert "#biorę" in text
    assert "#otwórz" not in text


def test_a_new_mail_may_ask_and_is_answered(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, subject="Zupełnie inna sprawa"))
    proven = {"dynamics": Witness("rfc8601", "mx.desk.example.org")}
    passed = {"Authentication-Results": "mx.desk.example.org; dmarc=pass header.from=desk.example.org"}
    desk.under(witnesses=proven).receive(write(ANNA, subject="Pytanie", text="#szukaj inna", fields=passed))
    assert "Zupełnie inna sprawa" in text_of(desk.letter("answer", ANNA_ADDR))


def test_a_new_mail_without_proof_is_told_what_is_missing(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write(ANNA, subject="Telefon", text="#telefon jan@acme.test\n\nDzwonił."))
    assert outcome.disposition is Disposition.OPENED
    assert desk.comments[-1].visibility is Visibility.INTERNAL
    assert "#telefon jan@acme.test" in receipt(desk)
    assert desk.outbox(recipient=JAN_ADDR) == []


def test_a_verb_for_replies_is_refused_in_a_new_mail(desk: DeskAtWork) -> None:
    desk.receive(write(ANNA, subject="Zamknij", text="#close"))
    assert "działa tylko w odpowiedzi" in text_of(desk.letter("answer", ANNA_ADDR))


def test_a_new_mail_without_commands_gets_no_receipt(desk: DeskAtWork) -> None:
    desk.receive(write(ANNA, subject="Uwaga", text="Serwer stoi."))
    assert desk.outbox(notification="receipt") == []
