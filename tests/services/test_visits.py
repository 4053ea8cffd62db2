"""Visits by mail: made, moved and called off by a consultant, answered by the customer's calendar program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from helpdesk.desk.terms import Disposition, State, Visibility
from helpdesk.desk.visit import Answer, VisitState
from helpdesk.services import visits
from helpdesk.services.agenda import agenda
from helpdesk.services.desk import Witness
from helpdesk.services.line import Outcome
from helpdesk.services.timers import close_resolved
from helpdesk.store.tables import VisitGuestRow, VisitRow
from tests.calendar_programs import (
    ACCEPTED,
    DECLINED,
    PROGRAMS,
    TENTATIVE,
    Reply,
    apple,
    calendar_of,
    event_of,
    gmail,
    outlook,
)
from tests.mail.test_invitations import composed
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import ANNA, EWA, JAN, answer, write

ANNA_ADDR, PIOTR_ADDR, JAN_ADDR = "anna@desk.example.org", "piotr@desk.example.org", "jan@acme.test"
TEN = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # 10:00 in Warsaw
ON_SITE, REMOTE = "#wizyta 2026-11-25 10:00 60m Łódź, Prosta 1", "#wizyta 2026-11-25 10:00 60m zdalnie"


def told(desk: DeskAtWork, text: str) -> list[tuple[str, str]]:
    """Let Anna answer her first notice with these lines; return what went out."""
    if not desk.tickets:
        desk.receive(write(JAN))
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("notice_opened", ANNA_ADDR), ANNA, text))
    return desk.told(before)


def replied(desk: DeskAtWork, reply: Reply, program: str = "outlook") -> tuple[Outcome, list[tuple[str, str]]]:
    """Let the customer's program answer; return what became of it, and what went out."""
    before = len(desk.outbox())
    [outcome] = desk.receive(PROGRAMS[program](reply))
    return outcome, desk.told(before)


def of_jan(desk: DeskAtWork, partstat: str = ACCEPTED, **more: object) -> Reply:
    return Reply(desk.letter("invitation", JAN_ADDR), JAN, partstat, desk.now, **more)  # type: ignore[arg-type]  # theirs


def visit_of(desk: DeskAtWork) -> VisitRow:
    [row] = desk.rows(VisitRow)
    assert isinstance(row, VisitRow)
    return row


def jans_answer(desk: DeskAtWork) -> Answer:
    [row] = desk.rows(VisitGuestRow, addr=JAN_ADDR)
    assert isinstance(row, VisitGuestRow)
    return row.answer


def test_a_visit_invites_customer_and_consultant_each_alone(desk: DeskAtWork) -> None:
    assert told(desk, ON_SITE) == [("invitation", JAN_ADDR), ("notice_visit", ANNA_ADDR), ("receipt", ANNA_ADDR)]
    theirs, ours = desk.letter("invitation"), desk.letter("notice_visit")
    assert str(calendar_of(theirs)["METHOD"]) == "REQUEST"
    assert event_of(theirs)["UID"] == event_of(ours)["UID"]
    assert str(event_of(theirs)["ATTENDEE"]) == f"mailto:{JAN_ADDR}"
    assert str(event_of(ours)["ATTENDEE"]) == f"mailto:{ANNA_ADDR}"
    assert (event_of(theirs)["DTSTART"].dt, event_of(theirs)["LOCATION"]) == (TEN, "Łódź, Prosta 1")
    assert ANNA_ADDR not in theirs.as_string() + str(calendar_of(theirs))
    assert str(event_of(theirs)["SUMMARY"]) == theirs["Subject"]
    assert "środa, 25 listopada 2026, 10:00" in text_of(theirs)


def test_the_organizer_is_whom_the_mail_is_from(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    mail = desk.letter("invitation")
    organizer = str(event_of(mail)["ORGANIZER"]).removeprefix("mailto:")
    assert organizer == mail["From"].addresses[0].addr_spec == "pomocdynamics@desk.example.org"


def test_words_beside_the_command_go_to_the_customer_as_ever(desk: DeskAtWork) -> None:
    assert ("comment", JAN_ADDR) in told(desk, f"{ON_SITE}\n\nBędę z zapasową drukarką.")
    assert desk.ticket().state is State.OPEN


def test_who_has_the_ticket_is_who_comes(desk: DeskAtWork) -> None:
    sent = told(desk, f"#przypisz Piotr\n{ON_SITE}")
    assert ("notice_visit", PIOTR_ADDR) in sent
    assert ("notice_visit", ANNA_ADDR) not in sent
    assert "Piotr Lis" in text_of(desk.letter("invitation"))


def test_a_second_visit_moves_the_first(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    first = desk.letter("invitation")
    desk.receive(PROGRAMS["gmail"](of_jan(desk)))
    assert told(desk, "#wizyta 2026-11-26 12:00 90m") == [
        ("invitation", JAN_ADDR), ("notice_visit", ANNA_ADDR), ("receipt", ANNA_ADDR),
    ]  # fmt: skip
    moved = desk.letter("invitation")
    assert event_of(moved)["UID"] == event_of(first)["UID"]
    assert (event_of(first)["SEQUENCE"], event_of(moved)["SEQUENCE"]) == (0, 1)
    assert event_of(moved)["DTSTART"].dt == TEN + timedelta(days=1, hours=2)
    assert "Poprzedni termin: środa, 25 listopada 2026, 10:00" in text_of(moved)
    assert jans_answer(desk) is Answer.NONE


def test_the_same_visit_again_tells_nobody(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    assert told(desk, ON_SITE) == [("receipt", ANNA_ADDR)]


def test_another_consultant_takes_it_over_with_the_next_move(desk: DeskAtWork) -> None:
    told(desk, f"#biorę\n{ON_SITE}")
    told(desk, "#przypisz Piotr\n#wizyta 2026-11-25 11:00 60m")
    anna, piotr = desk.letter("notice_visit", ANNA_ADDR), desk.letter("notice_visit", PIOTR_ADDR)
    assert str(calendar_of(anna)["METHOD"]) == "CANCEL"
    assert str(calendar_of(piotr)["METHOD"]) == "REQUEST"
    assert event_of(anna)["SEQUENCE"] == event_of(piotr)["SEQUENCE"] == 1


@pytest.mark.parametrize("words", ["#wizyta odwołaj", "#visit cancel"])
def test_calling_off_cancels_the_event_in_both_calendars(desk: DeskAtWork, words: str) -> None:
    told(desk, ON_SITE)
    assert told(desk, words) == [
        ("invitation_cancelled", JAN_ADDR), ("notice_visit", ANNA_ADDR), ("receipt", ANNA_ADDR),
    ]  # fmt: skip
    for mail in (desk.letter("invitation_cancelled"), desk.letter("notice_visit")):
        assert str(calendar_of(mail)["METHOD"]) == "CANCEL"
        assert event_of(mail)["SEQUENCE"] == 1
    assert visit_of(desk).state is VisitState.CANCELLED


CANCELLED = [("invitation_cancelled", JAN_ADDR), ("notice_visit", ANNA_ADDR)]


def test_a_ticket_that_is_closed_calls_its_visit_off_once(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    assert told(desk, "#zamknij") == [("closed", JAN_ADDR), *CANCELLED, ("receipt", ANNA_ADDR)]
    assert [str(calendar_of(desk.letter(kind))["METHOD"]) for kind, _ in CANCELLED] == ["CANCEL", "CANCEL"]
    told(desk, "#otwórz")
    assert told(desk, "#zamknij") == [("closed", JAN_ADDR), ("receipt", ANNA_ADDR)]


def test_a_ticket_that_is_resolved_keeps_its_visit_and_silence_closes_it_after_that(desk: DeskAtWork) -> None:
    told(desk, "#wizyta 2026-12-14 10:00 60m Łódź, Prosta 1")
    assert ("resolved", JAN_ADDR) in told(desk, "#rozwiąż")
    over = datetime(2026, 12, 14, 10, 0, tzinfo=UTC)
    with desk.database.read() as session:
        planned = [row.at for row in agenda(session, desk.desk, desk.now, over) if row.event == "close"]
    assert planned == [over]
    desk.now = over - timedelta(minutes=1)
    assert close_resolved(desk.database, desk.desk, desk.clock) == 0
    desk.now = over
    assert close_resolved(desk.database, desk.desk, desk.clock) == 1
    assert visit_of(desk).state is VisitState.CONFIRMED


def test_a_consent_that_never_came_keeps_no_ticket_open(desk: DeskAtWork) -> None:
    told(desk, "#wizyta 2026-12-14 10:00 60m zdalnie")
    told(desk, "#rozwiąż")
    desk.wait(days=14)
    before = len(desk.outbox())
    assert close_resolved(desk.database, desk.desk, desk.clock) == 1
    assert desk.told(before) == [("closed", JAN_ADDR), *CANCELLED]


def test_a_visit_that_has_begun_is_not_called_off_by_the_end_of_its_ticket(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    desk.now = TEN + timedelta(minutes=20)
    assert told(desk, "#rozwiąż\n#zamknij") == [("closed", JAN_ADDR), ("receipt", ANNA_ADDR)]


def test_spam_is_told_nothing_about_its_visit_but_the_consultant_is(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    assert told(desk, "#spam") == [("notice_visit", ANNA_ADDR), ("receipt", ANNA_ADDR)]
    assert visit_of(desk).state is VisitState.CANCELLED


REFUSED = {
    "nothing to call off": ("#wizyta odwołaj", "nie ma wizyty"),
    "a time that is past": ("#wizyta 2026-11-24 09:00 60m", "ten termin już minął"),
    "a year that is a slip": ("#wizyta 2096-11-24 09:00 60m", "zbyt odległy"),
    "an hour that no clock shows": ("#wizyta 2027-03-28 02:30 60m", "nie rozumiem"),
    "no length": ("#wizyta 2026-11-25 10:00", "nie rozumiem"),
    "words": ("#wizyta jutro", "nie rozumiem"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_can_t_be_arranged_is_refused_and_says_why(desk: DeskAtWork, text: str, why: str) -> None:
    assert told(desk, f"#priorytet 1\n{text}") == [("receipt", ANNA_ADDR)]
    assert why in text_of(desk.letter("receipt"))
    assert desk.ticket().priority == 3
    assert desk.rows(VisitRow) == []


def test_a_closed_ticket_gets_no_visit(desk: DeskAtWork) -> None:
    told(desk, "#zamknij")
    assert told(desk, ON_SITE) == [("receipt", ANNA_ADDR)]


def test_a_silent_visit_stands_in_the_consultant_s_calendar_alone(desk: DeskAtWork) -> None:
    assert told(desk, f"#cicho\n{ON_SITE}") == [("notice_visit", ANNA_ADDR), ("receipt", ANNA_ADDR)]


# -- answers of calendar programs


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("partstat", "kept", "said"),
    [
        (ACCEPTED, Answer.ACCEPTED, "Klient przyjął termin –"),
        (DECLINED, Answer.DECLINED, "Klient odrzucił termin"),
        (TENTATIVE, Answer.TENTATIVE, "wstępnie"),
    ],
)
def test_the_customer_s_answer_is_noted_and_told(
    desk: DeskAtWork, program: str, partstat: str, kept: Answer, said: str
) -> None:
    told(desk, f"#rozwiąż\n{ON_SITE}")
    outcome, sent = replied(desk, of_jan(desk, partstat), program)
    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "calendar_answer")
    assert jans_answer(desk) is kept
    assert sent == [("notice_visit", ANNA_ADDR)]
    assert said in text_of(desk.letter("notice_visit"))
    assert (len(desk.tickets), desk.ticket().state) == (1, State.RESOLVED)


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_the_customer_says_beside_the_answer_reaches_the_consultant(desk: DeskAtWork, program: str) -> None:
    told(desk, ON_SITE)
    replied(desk, of_jan(desk, DECLINED, note="Proszę po południu, rano mam inwentaryzację."), program)
    notice = desk.letter("notice_visit")
    assert "Proszę po południu, rano mam inwentaryzację." in text_of(notice)
    assert desk.comments[-1].visibility is Visibility.INTERNAL
    desk.receive(answer(notice, ANNA, "Oczywiście, zaproponuję inną godzinę."))
    assert "zaproponuję inną" in text_of(desk.letter("comment", JAN_ADDR))


@pytest.mark.parametrize("program", PROGRAMS)
def test_another_time_is_told_with_the_command_that_takes_it_up(desk: DeskAtWork, program: str) -> None:
    told(desk, ON_SITE)
    outcome, sent = replied(desk, of_jan(desk, TENTATIVE, proposed=TEN + timedelta(hours=28)), program)
    assert (outcome.reason, sent) == ("calendar_answer", [("notice_visit", ANNA_ADDR)])
    text = text_of(desk.letter("notice_visit"))
    assert "Klient proponuje inny termin" in text
    assert "Proponowany termin: czwartek, 26 listopada 2026, 14:00" in text
    line = next(line for line in text.splitlines() if "#wizyta 2026-11-26" in line)
    assert ("invitation", JAN_ADDR) in told(desk, line[line.index("#wizyta") :])
    moved = desk.letter("invitation")
    assert (str(calendar_of(moved)["METHOD"]), event_of(moved)["SEQUENCE"]) == ("REQUEST", 1)
    assert event_of(moved)["DTSTART"].dt == TEN + timedelta(hours=28)


def test_another_time_that_does_not_suit_is_answered_in_words_and_the_visit_stays(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    replied(desk, of_jan(desk, TENTATIVE, proposed=TEN + timedelta(hours=28)))
    notice = desk.letter("notice_visit")
    assert "trafi do klienta" in text_of(notice)
    before = len(desk.outbox())
    desk.receive(answer(notice, ANNA, "Niestety w czwartek nie możemy, zostańmy przy środzie."))
    assert desk.told(before) == [("comment", JAN_ADDR)]
    assert (visit_of(desk).starts_at, visit_of(desk).sequence) == (TEN, 0)


def test_the_consultant_s_own_answer_is_noted_and_told_to_nobody(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    outcome, sent = replied(desk, Reply(desk.letter("notice_visit"), ANNA, ACCEPTED, desk.now))
    assert (outcome.reason, sent) == ("calendar_answer", [])
    [row] = desk.rows(VisitGuestRow, addr=ANNA_ADDR)
    assert row.answer is Answer.ACCEPTED


def only_recorded(desk: DeskAtWork, raw: bytes, reason: str) -> None:
    """Check that a mail is recorded for this reason, changes no answer and is told to nobody."""
    before, was = len(desk.outbox()), jans_answer(desk)
    [outcome] = desk.receive(raw)
    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, reason)
    assert desk.told(before) == []
    assert jans_answer(desk) is was
    assert len(desk.tickets) == 1


def test_an_answer_of_somebody_who_was_not_invited_is_only_recorded(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    invitation = desk.letter("invitation")
    only_recorded(desk, apple(Reply(invitation, EWA, DECLINED, desk.now)), "calendar_answer_uninvited")
    in_jans_name = apple(Reply(invitation, JAN, DECLINED, desk.now)).replace(
        b"From: Jan Kowal <jan", b"From: Ewa Lis <ewa"
    )
    only_recorded(desk, in_jans_name, "calendar_answer_uninvited")


def test_an_answer_to_an_older_state_is_only_recorded(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    stale = of_jan(desk)
    told(desk, "#wizyta 2026-11-26 12:00 90m")
    only_recorded(desk, apple(stale), "calendar_answer_outdated")


def test_an_older_answer_that_comes_late_is_only_recorded(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    desk.wait(minutes=10)
    late = apple(Reply(desk.letter("invitation"), JAN, DECLINED, desk.now - timedelta(minutes=5)))
    desk.receive(gmail(of_jan(desk)))
    only_recorded(desk, late, "calendar_answer_outdated")


def test_an_answer_to_a_visit_that_is_off_is_only_recorded(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    reply = of_jan(desk)
    told(desk, "#wizyta odwołaj")
    only_recorded(desk, apple(reply), "calendar_answer_outdated")


@pytest.mark.parametrize("author", [pytest.param(JAN, id="too late"), pytest.param(EWA, id="not invited")])
def test_words_beside_an_answer_that_does_not_count_reach_the_consultants(desk: DeskAtWork, author: str) -> None:
    told(desk, ON_SITE)
    stale = outlook(Reply(desk.letter("invitation"), author, DECLINED, desk.now, note="Wtedy nikogo nie będzie."))
    told(desk, "#wizyta 2026-11-26 12:00 90m")
    before = len(desk.outbox())
    [outcome] = desk.receive(stale)
    assert outcome.disposition is Disposition.RECORDED
    assert desk.told(before) == [("notice_comment", ANNA_ADDR), ("notice_comment", "piotr@desk.example.org")]
    assert "Wtedy nikogo nie będzie." in text_of(desk.letter("notice_comment", ANNA_ADDR))
    assert desk.comments[-1].visibility is Visibility.INTERNAL


def test_a_forged_answer_is_only_recorded(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    desk.under(witnesses={"dynamics": Witness("rfc8601", "mx.example.org")})
    forged = b"Authentication-Results: mx.example.org; dmarc=fail header.from=acme.test\r\n" + apple(of_jan(desk))
    only_recorded(desk, forged, "calendar_answer_refuted")


def test_an_answer_to_an_invitation_of_somebody_else_opens_no_ticket(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    only_recorded(desk, gmail(Reply(composed(), JAN, ACCEPTED, desk.now)), "calendar_answer_unknown")


def test_words_beside_an_answer_to_somebody_elses_invitation_are_a_mail_like_any_other(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    [outcome] = desk.receive(
        outlook(Reply(composed(), JAN, ACCEPTED, desk.now, note="A przy okazji: faktury znów się nie drukują."))
    )
    assert outcome.disposition is Disposition.OPENED


def test_an_answer_without_a_sequence_is_about_the_time_it_names(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    first = apple(of_jan(desk, numbered=False))
    told(desk, "#wizyta 2026-11-26 12:00 90m")
    only_recorded(desk, first, "calendar_answer_outdated")
    desk.receive(apple(of_jan(desk, numbered=False)))
    assert jans_answer(desk) is Answer.ACCEPTED


# -- consent to remote help


def asked(desk: DeskAtWork) -> EmailMessage:
    """Let Anna propose remote help; return the letter that asks Jan."""
    assert told(desk, REMOTE) == [("consent", JAN_ADDR), ("receipt", ANNA_ADDR)]
    return desk.letter("consent")


def test_nobody_is_invited_to_remote_help_before_the_customer_consents(desk: DeskAtWork) -> None:
    letter = asked(desk)
    assert "słowem TAK" in text_of(letter)
    assert not [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    assert visit_of(desk).state is VisitState.PROPOSED


@pytest.mark.parametrize(
    "words", ["Tak", "TAK.", "Dzień dobry,\n\nTak, wyrażam zgodę.\n\nJan Kowal", "Yes please", "Zgadzam się."]
)
def test_a_yes_is_written_down_and_invites(desk: DeskAtWork, words: str) -> None:
    letter, before = asked(desk), len(desk.outbox())
    [outcome] = desk.receive(answer(letter, JAN, words))
    visit = visit_of(desk)
    assert visit.state is VisitState.CONFIRMED
    assert (visit.consent_by, visit.consent_at, visit.consent_entry) == (JAN_ADDR, desk.now, outcome.entry)
    sent = desk.told(before)
    assert ("invitation", JAN_ADDR) in sent
    assert ("notice_visit", ANNA_ADDR) in sent
    assert "dziękujemy za zgodę" in text_of(desk.letter("invitation"))
    assert "Klient zgodził się na pomoc zdalną" in text_of(desk.letter("notice_visit", ANNA_ADDR))
    assert event_of(desk.letter("invitation"))["SEQUENCE"] == 0
    assert "consent" in desk.history(1001)


def test_a_yes_is_not_handed_to_the_consultants_twice(desk: DeskAtWork) -> None:
    letter = asked(desk)
    told(desk, "Czekam na zgodę.")
    before = len(desk.outbox())
    desk.receive(answer(letter, JAN, "Tak"))
    assert [kind for kind, who in desk.told(before) if who == ANNA_ADDR] == ["notice_visit"]
    assert desk.ticket().waiting_since is None


def test_more_than_a_yes_waits_for_an_answer_and_can_be_answered(desk: DeskAtWork) -> None:
    letter = asked(desk)
    told(desk, "Czekam na zgodę.")
    desk.receive(answer(letter, JAN, "Tak, ale proszę najpierw zadzwonić."))
    notice = desk.letter("notice_visit", ANNA_ADDR)
    assert "najpierw zadzwonić" in text_of(notice)
    assert desk.ticket().waiting_since == desk.now
    desk.receive(answer(notice, ANNA, "Zadzwonię o 9:55."))
    assert "Zadzwonię o 9:55." in text_of(desk.letter("comment", JAN_ADDR))


@pytest.mark.parametrize("words", ["Nie", "Nie zgadzam się.", "Może być, ale w piątek.", "Mam pytanie: czy tak można?"])
def test_what_is_no_clear_yes_invites_nobody_and_reaches_the_consultants(desk: DeskAtWork, words: str) -> None:
    letter, before = asked(desk), len(desk.outbox())
    desk.receive(answer(letter, JAN, words))
    assert visit_of(desk).state is VisitState.PROPOSED
    assert ("notice_comment", ANNA_ADDR) in desk.told(before)
    assert "invitation" not in [kind for kind, _ in desk.told(before)]


def test_a_colleague_s_yes_and_a_yes_to_another_mail_are_words_like_any(desk: DeskAtWork) -> None:
    letter = asked(desk)
    desk.receive(answer(letter, EWA, "Tak"))
    desk.receive(answer(desk.letter("new", JAN_ADDR), JAN, "Tak"))
    assert visit_of(desk).state is VisitState.PROPOSED


def test_a_yes_of_a_client_that_names_no_parent_counts_while_nothing_came_between(desk: DeskAtWork) -> None:
    letter = asked(desk)
    without = {"In-Reply-To": None, "References": None}
    desk.receive(answer(letter, JAN, "Tak", fields=without))
    assert visit_of(desk).state is VisitState.CONFIRMED


def test_a_forged_yes_is_no_consent(desk: DeskAtWork) -> None:
    letter = asked(desk)
    desk.under(witnesses={"dynamics": Witness("rfc8601", "mx.example.org")})
    forged = {"Authentication-Results": "mx.example.org; dmarc=fail header.from=acme.test"}
    desk.receive(answer(letter, JAN, "Tak", fields=forged))
    assert visit_of(desk).state is VisitState.PROPOSED


def test_remote_help_that_is_moved_before_the_consent_asks_again_and_after_it_does_not(desk: DeskAtWork) -> None:
    asked(desk)
    assert told(desk, "#wizyta 2026-11-26 10:00 60m zdalnie") == [("consent", JAN_ADDR), ("receipt", ANNA_ADDR)]
    desk.receive(answer(desk.letter("consent"), JAN, "Tak"))
    sent = told(desk, "#wizyta 2026-11-27 10:00 60m zdalnie")
    assert ("invitation", JAN_ADDR) in sent
    assert "consent" not in [kind for kind, _ in sent]
    assert event_of(desk.letter("invitation"))["SEQUENCE"] == 1


def test_remote_help_that_was_never_confirmed_is_called_off_without_a_calendar(desk: DeskAtWork) -> None:
    asked(desk)
    told(desk, "#wizyta odwołaj")
    mail = desk.letter("invitation_cancelled")
    assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def test_a_visit_on_site_that_becomes_remote_help_needs_a_consent_first(desk: DeskAtWork) -> None:
    told(desk, ON_SITE)
    sent = told(desk, REMOTE)
    assert ("invitation_cancelled", JAN_ADDR) in sent
    assert ("consent", JAN_ADDR) in sent
    assert [row.state for row in desk.rows(VisitRow)] == [VisitState.CANCELLED, VisitState.PROPOSED]


def test_remote_help_that_becomes_a_visit_needs_no_consent(desk: DeskAtWork) -> None:
    asked(desk)
    assert ("invitation", JAN_ADDR) in told(desk, ON_SITE)
    assert visit_of(desk).state is VisitState.CONFIRMED


def test_the_command_line_makes_visits_by_the_same_rules(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    assert desk.act(visits.visit, 1001, "", "cancel").refused == "there is no visit to call off"
    done = desk.act(visits.visit, 1001, "", "2026-11-25 10:00 60m")
    assert sorted(row.notification.value for row in done.letters) == ["invitation", "notice_visit"]
    assert "2026-11-25 10:00" in desk.act(visits.visit, 1001, "", "soon").refused


def test_the_visit_goes_along_when_its_ticket_is_merged(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, subject="Pierwsza"), write(JAN, subject="Druga"))
    desk.act(visits.visit, 1001, "", "2026-11-25 10:00 60m")
    reply = of_jan(desk)
    from helpdesk.desk.keys import format_key
    from helpdesk.services import regroup

    desk.act(regroup.merge, 1001, "", format_key("DYN", 1002))
    outcome, _ = replied(desk, reply)
    assert (outcome.reason, outcome.ticket) == ("calendar_answer", 1002)
