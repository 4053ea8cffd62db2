"""A mail that belongs to no ticket: what is opened, who is told, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import Disposition, GuaranteeReason, State, Visibility
from helpdesk.services.desk import Witness
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import TUESDAY, DeskAtWork, files_of, text_of
from tests.services.mails import ANNA, DYNAMICS, JAN, PROPHIX, STRANGER, write

TO_CONSULTANTS = [("notice_opened", "anna@desk.example.org"), ("notice_opened", "piotr@desk.example.org")]


def test_a_customers_mail_opens_a_ticket_is_acknowledged_and_announced(desk: DeskAtWork) -> None:
    sent = datetime(2026, 11, 24, 10, 58, tzinfo=UTC)
    [outcome] = desk.receive(write(JAN, date=sent))

    assert (outcome.disposition, outcome.reason, outcome.ticket) == (Disposition.OPENED, "new_ticket", 1001)
    ticket = desk.ticket()
    assert (ticket.queue, ticket.prefix, ticket.state) == ("DYNAMICS", "DYN", State.NEW)
    assert (ticket.organisation, ticket.plan) == ("ACME", "GOLD")
    assert (ticket.requester_addr, ticket.requester_name) == ("jan@acme.test", "Jan Kowal")
    assert (ticket.sent_at, ticket.delivered_at, ticket.received_at) == (sent, TUESDAY, TUESDAY)
    assert ticket.react_by == TUESDAY + timedelta(hours=4)
    assert (ticket.reacted_at, ticket.waiting_since) == (None, TUESDAY)
    assert desk.told() == [("new", "jan@acme.test"), *TO_CONSULTANTS]
    [comment] = desk.comments
    assert (comment.author_addr, comment.visibility) == ("jan@acme.test", Visibility.PUBLIC)
    assert comment.new_text.strip() == "Dzień dobry, proszę o pomoc."
    assert desk.history(1001) == ["opened"]


def test_the_acknowledgement_is_an_automatic_answer_in_the_same_thread(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, fields={"Message-ID": "<first@acme.test>"}))
    ack = desk.letter("new")

    key = format_key("DYN", 1001)
    assert ack["Subject"] == f"[{key}] Faktura nie chce się wydrukować"
    assert (ack["In-Reply-To"], ack["Auto-Submitted"]) == ("<first@acme.test>", "auto-replied")
    assert "<first@acme.test>" in ack["References"]
    assert (ack["X-Helpdesk-Loop"], ack["X-Auto-Response-Suppress"]) == ("desk.example.org", "All")
    assert ack["X-Helpdesk-Ticket"] == key
    assert ack["Message-ID"].endswith("@desk.example.org>")
    assert ack["Reply-To"].addresses[0].addr_spec == DYNAMICS
    assert ack["Content-Language"] == "pl"
    [row] = desk.outbox(notification="new")
    assert row.sender == DYNAMICS
    assert f"<{row.message_id}>" == ack["Message-ID"]


def test_a_strangers_acknowledgement_repeats_nothing_and_can_not_bounce(desk: DeskAtWork) -> None:
    desk.receive(write("Win Money <zed@elsewhere.test>", subject="Cheap pills", text="Buy cheap pills now."))
    ack = desk.letter("new")

    assert desk.ticket().guarantee_reason is GuaranteeReason.NO_PLAN
    assert desk.outbox(notification="new")[0].sender == ""
    shown = ack.as_string() + text_of(ack)
    for chosen in ("pills", "Win Money"):
        assert chosen not in shown
    assert "Cheap pills" in desk.letter("notice_opened")["Subject"]  # the consultants see it all


def test_the_notice_carries_the_words_and_the_files(desk: DeskAtWork) -> None:
    desk.receive(write(files=[("zrzut ekranu.png", b"\x89PNG"), ("log.txt", b"line\r\n")]))

    for recipient in ("anna@desk.example.org", "piotr@desk.example.org"):
        notice = desk.letter("notice_opened", recipient)
        assert "proszę o pomoc" in text_of(notice)
        assert files_of(notice) == {"zrzut ekranu.png": b"\x89PNG", "log.txt": b"line\r\n"}
        assert notice["Auto-Submitted"] == "auto-generated"
    assert files_of(desk.letter("new")) == {}


def test_files_are_enclosed_up_to_the_bound_and_named_beyond_it(database: Database) -> None:
    desk = DeskAtWork(database, attach_up_to=1000)
    desk.receive(write(files=[("a.bin", b"a" * 600), ("b.bin", b"b" * 600), ("c.bin", b"c" * 400)]))
    notice = desk.letter("notice_opened", "anna@desk.example.org")

    assert set(files_of(notice)) == {"a.bin", "c.bin"}
    assert "b.bin" in text_of(notice)
    assert [row.name for row in desk.attachments(desk.comments[0].id)] == ["a.bin", "b.bin", "c.bin"]


def test_a_mail_in_english_is_answered_in_english_where_the_queue_speaks_it(desk: DeskAtWork) -> None:
    english = "Hello, the report is not working since this morning and we can not close the month. Please help us."
    desk.receive(write(text=english), write(to=PROPHIX, text=english))

    first, second = desk.tickets
    assert (first.language, second.language) == ("en", "pl")


def test_of_several_addressees_ours_gives_the_queue_and_people_take_part(desk: DeskAtWork) -> None:
    to = f"ewa@acme.test, {PROPHIX}, anna@desk.example.org, noreply@shop.test"
    desk.receive(write(to=to, fields={"Cc": f"marek@acme.test, {DYNAMICS}"}))

    ticket = desk.ticket()
    assert ticket.queue == "PROPHIX"
    assert desk.participants(ticket.number) == {"jan@acme.test", "ewa@acme.test", "marek@acme.test"}
    assert desk.told() == [("new", "jan@acme.test"), ("notice_opened", "ola@desk.example.org")]  # others in Cc: nothing


def test_a_mail_to_none_of_our_addresses_goes_to_its_mailboxs_queue(desk: DeskAtWork) -> None:
    desk.receive(write(to="undisclosed-recipients:;"), mailbox="prophix")

    assert desk.ticket().queue == "PROPHIX"


def test_a_mail_that_came_out_of_hours_counts_later_and_says_so(desk: DeskAtWork) -> None:
    desk.now = datetime(2026, 11, 27, 17, 32, tzinfo=UTC)  # Friday 18:32
    desk.receive(write())

    ticket = desk.ticket()
    assert ticket.received_at == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    assert ticket.react_by == datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert "30 listopada 2026" in text_of(desk.letter("new"))


def test_the_subject_is_kept_without_marks_and_without_a_tag_of_somebody_elses(desk: DeskAtWork) -> None:
    desk.receive(write(subject="Re: FW: [DYN-482135] Faktura"))

    assert desk.ticket().subject == "Faktura"


def test_a_mail_that_lay_too_long_opens_its_ticket_unacknowledged(database: Database) -> None:
    desk = DeskAtWork(database, acknowledge_within=timedelta(days=3))
    old, young = desk.now - timedelta(days=3, minutes=1), desk.now - timedelta(days=3)
    desk.receive(write(), delivered_at=old)
    assert desk.told() == TO_CONSULTANTS
    assert desk.ticket().delivered_at == old

    desk.receive(write(), delivered_at=young)
    assert ("new", "jan@acme.test") in desk.told()


def test_an_archive_taken_in_silently_writes_to_nobody(desk: DeskAtWork) -> None:
    desk.receive(write(fields={"Message-ID": "<old@acme.test>"}), silent=True)
    desk.receive(write(text="I jeszcze to.", fields={"In-Reply-To": "<old@acme.test>"}), silent=True)

    assert len(desk.comments) == 2
    assert desk.outbox() == []


def test_a_consultants_own_new_mail_is_an_internal_ticket_without_acknowledgement(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write(ANNA, text="Zadzwonić do ACME."))

    assert outcome.disposition is Disposition.OPENED
    assert desk.comments[0].visibility is Visibility.INTERNAL
    assert desk.participants(desk.ticket().number) == set()
    assert desk.told() == [("notice_opened", "piotr@desk.example.org")]


def test_nothing_automatic_goes_to_an_address_that_nobody_reads(desk: DeskAtWork) -> None:
    desk.receive(write("Shop <noreply@acme.test>"))

    [ack] = desk.outbox(notification="new")
    assert (ack.state.value, ack.reason, ack.content) == ("muted", "no_reply_address", b"")


RULED: dict[str, tuple[str, Disposition, str, int]] = {
    "held back": ("quarantine: true", Disposition.HELD, "quarantined", 0),
    "thrown away": ("discard: true", Disposition.DISCARDED, "discarded_by_rule", 0),
    "not answered": ("acknowledge: false", Disposition.OPENED, "new_ticket", 1),
}


@pytest.mark.parametrize(("then", "disposition", "reason", "tickets"), RULED.values(), ids=RULED)
def test_a_rule_can_have_a_mail(
    database: Database, then: str, disposition: Disposition, reason: str, tickets: int
) -> None:
    desk = DeskAtWork(database, f"rules: [{{ name: r, when: {{ subject: promocja }}, then: {{ {then} }} }}]\n")
    [outcome] = desk.receive(write(STRANGER, subject="PROMOCJA"))

    assert (outcome.disposition, outcome.reason, len(desk.tickets)) == (disposition, reason, tickets)
    assert ("new", "zed@elsewhere.test") not in desk.told()


def test_what_our_server_takes_for_spam_waits_until_a_person_lets_it_out(desk: DeskAtWork) -> None:
    [held] = desk.receive(write(fields={"X-Spam-Flag": "YES"}))
    assert (held.disposition, desk.tickets, desk.outbox()) == (Disposition.HELD, [], [])

    assert desk.replay(held.entry) == ""

    assert desk.entry(held.entry).disposition is Disposition.OPENED
    assert len(desk.tickets) == 1


def test_a_template_that_fails_costs_nobody_a_mail(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    templates = tmp_path_factory.mktemp("templates")
    (templates / "pl" / "new").mkdir(parents=True)
    (templates / "pl" / "new" / "body.txt").write_text("{{ ticket.nonsense }}")
    desk = DeskAtWork(database, templates=templates)
    [outcome] = desk.receive(write())

    assert desk.entry(outcome.entry).failure == ""
    ack = desk.letter("new")
    assert "mamy Państwa zgłoszenie" in text_of(ack)
    assert ack["Subject"].startswith("[DYN-")
    assert desk.letter("notice_opened")["Subject"].startswith("[DYN-")


def test_every_step_of_the_decision_is_kept_for_explain(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write())
    steps = [step["step"] for step in desk.entry(outcome.entry).trace]

    assert steps == ["classify", "sender", "thread", "queue", "receipt", "acknowledge", "notify"]


HOSTILE: dict[str, bytes] = {
    "NUL in the subject": write(fields={"Subject": "A"}).replace(b"Subject: A", b"Subject: A\x00B =?utf-8?q?=00?="),
    "NUL in the text": write(text="tekst").replace(b"tekst", b"te\x00kst"),
    "raw bytes that are no letters": write(text="tekst").replace(b"tekst", b"\xff\xfe\xed\xa0\x80"),
    "raw bytes in the message id": write(fields={"Message-ID": "<a@x>"}).replace(b"<a@x>", b"<a\xed\xa0\x80\xff@x>"),
    "raw bytes in references": write(fields={"References": "<a@x>"}).replace(b"<a@x>", b"<\xed\xa0\x80\xfe@x>"),
    "a surrogate in an encoded word": write(fields={"Subject": "A"}).replace(
        b"Subject: A", b"Subject: =?utf-16be?b?2AA=?="
    ),
    "a huge message id": write(fields={"Message-ID": "<a@x>"}).replace(b"<a@x>", b"<" + b"h" * 900 + b"@x>"),
    "a NUL in an attachment's name": write(files=[("NAME.txt", b"x")]).replace(b"NAME", b"N\x00ME"),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_no_letter_that_a_database_refuses_gets_that_far(desk: DeskAtWork, raw: bytes) -> None:
    [outcome] = desk.receive(raw)

    assert outcome.disposition is Disposition.OPENED
    assert desk.entry(outcome.entry).failure == ""
    stored = [desk.ticket().subject, desk.comments[0].text, desk.comments[0].message_id]
    stored += [row.name for row in desk.attachments(desk.comments[0].id)]
    assert not any("\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text) for text in stored)
    assert len(desk.told()) == 3


def test_a_mail_in_the_name_of_a_queues_only_consultant_that_nothing_proves_is_told_to_them(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write("Ola Gil <ola@desk.example.org>", PROPHIX), mailbox="prophix")

    assert outcome.disposition is Disposition.OPENED
    assert desk.told() == [("notice_opened", "ola@desk.example.org")]


def test_a_proven_consultant_is_not_told_of_their_own_mail(desk: DeskAtWork) -> None:
    desk.under(witnesses={"prophix": Witness("rfc8601", "mx.desk.example.org")})
    vouched = {"Authentication-Results": "mx.desk.example.org; dmarc=pass header.from=desk.example.org"}
    desk.receive(write("Ola Gil <ola@desk.example.org>", PROPHIX, fields=vouched), mailbox="prophix")

    assert desk.told() == []


@pytest.mark.parametrize("written", [PROPHIX, f"<{PROPHIX}>"])
def test_where_a_mail_names_no_address_of_ours_the_servers_word_decides_the_queue(
    desk: DeskAtWork, written: str
) -> None:
    desk.under(delivery_headers={"dynamics": "X-Original-To"})
    desk.receive(write(JAN, to="all@acme.test", fields={"X-Original-To": written}))
    assert desk.ticket().queue == "PROPHIX"
