"""What rules can do with a mail beside filing it: pass it on, refuse it, give it words of its own, wake somebody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.desk.terms import Disposition, OutboxState, Standing, Visibility
from helpdesk.services.refusal import STANDARD
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork, files_of, text_of
from tests.services.mails import ANNA, DYNAMICS, EWA, JAN, STRANGER, answer, out_of_office, write

VENDOR, OTHER = "support@vendor.test", "Second Line <second@vendor.test>"
PASSED_ON = f"""
partners:
  VENDOR: {{ addresses: [{VENDOR}, second@vendor.test] }}
  NOBODY: {{ addresses: [nobody@other-vendor.test] }}
rules:
  - {{ name: licences, when: {{ subject: licenc }}, then: {{ forward: VENDOR }} }}
"""
REFUSED = """
rules:
  - { name: no offers, when: { subject: oferta }, then: { reject: rejected } }
"""


@pytest.fixture
def passing(database: Database) -> DeskAtWork:
    """A desk that passes licences on to its vendor."""
    return DeskAtWork(database, PASSED_ON)


def licence(author: str = JAN, **more: object) -> bytes:
    return write(author, subject="Licencja wygasła", text="Proszę o nową licencję.", **more)  # type: ignore[arg-type]  # passed through


def test_a_forwarded_ticket_reaches_the_partner_with_the_customers_words_and_files(passing: DeskAtWork) -> None:
    passing.receive(licence(files=[("licence.log", b"expired")]))
    letter = passing.letter("forwarded")
    assert letter["To"] == VENDOR
    assert letter["Subject"].startswith("[DYN-")
    assert "Proszę o nową licencję." in text_of(letter)
    assert files_of(letter) == {"licence.log": b"expired"}
    assert "anna@desk.example.org" not in letter.as_string()
    assert "forwarded" in passing.history(1001)


def test_the_customer_of_a_forwarded_ticket_is_told_in_the_acknowledgement(passing: DeskAtWork) -> None:
    passing.receive(licence(), write(subject="Druk"))
    told = [text_of(passing.letter("new"))]
    assert passing.told().count(("new", "jan@acme.test")) == 2
    assert "VENDOR" not in told[0], "a ticket that is not passed on speaks of no partner"
    passing.receive(licence())
    assert "nasz partner (VENDOR)" in text_of(passing.letter("new"))


@pytest.mark.parametrize("author", [f"Vendor <{VENDOR}>", OTHER], ids=["the address it went to", "another of theirs"])
def test_a_partners_answer_stays_among_consultants_and_moves_nothing(passing: DeskAtWork, author: str) -> None:
    passing.receive(licence())
    before, seen = passing.ticket().state, len(passing.outbox())
    [outcome] = passing.receive(answer(passing.letter("forwarded"), author, "Klucz: 123-456."))
    assert (outcome.disposition, outcome.reason) == (Disposition.COMMENTED, "partner_reply")
    comment = passing.comments[-1]
    assert (comment.visibility, comment.standing) == (Visibility.INTERNAL, Standing.CONFIRMED)
    assert passing.ticket().state is before
    assert passing.participants(1001) == {"jan@acme.test"}
    assert passing.told(seen) == [
        ("notice_comment", "anna@desk.example.org"),
        ("notice_comment", "piotr@desk.example.org"),
    ]


def test_a_consultants_reply_to_a_partners_words_does_not_go_to_the_customer(passing: DeskAtWork) -> None:
    passing.receive(licence())
    passing.receive(answer(passing.letter("forwarded"), f"Vendor <{VENDOR}>", "Klucz: 123-456."))
    seen = len(passing.outbox())
    passing.receive(answer(passing.letter("notice_comment", "anna@desk.example.org"), ANNA, "Dziękuję, sprawdzę."))
    assert ("comment", "jan@acme.test") not in passing.told(seen)
    assert passing.comments[-1].visibility is Visibility.INTERNAL


def test_a_partners_answer_that_kept_only_the_tag_finds_its_ticket(passing: DeskAtWork) -> None:
    passing.receive(licence())
    tag = str(passing.letter("forwarded")["Subject"])
    [outcome] = passing.receive(write(f"Vendor <{VENDOR}>", subject=f"Re: {tag}", text="Klucz."))
    assert (outcome.ticket, outcome.reason) == (1001, "partner_reply")


def test_a_partner_to_whom_nothing_was_passed_on_is_not_believed(passing: DeskAtWork) -> None:
    passing.receive(write(subject="Druk"))
    passing.receive(answer(passing.letter("new"), "nobody@other-vendor.test", "Hm."))
    comment = passing.comments[-1]
    assert (comment.visibility, comment.standing) == (Visibility.INTERNAL, Standing.UNCONFIRMED)


def test_a_partner_in_cc_gets_no_customers_mail(passing: DeskAtWork) -> None:
    passing.receive(licence(fields={"Cc": VENDOR}))
    assert passing.participants(1001) == {"jan@acme.test"}


def test_a_partners_own_mail_is_not_passed_back_to_them(passing: DeskAtWork) -> None:
    [outcome] = passing.receive(licence(OTHER))
    assert outcome.disposition is Disposition.OPENED
    assert passing.outbox(notification="forwarded") == []
    assert any(step.step == "forward" and "themselves" in step.why for step in outcome.trace)


@pytest.mark.parametrize(
    ("late", "silent"), [(True, False), (False, True)], ids=["mail that lay for a week", "a silent import"]
)
def test_old_mail_and_imports_are_not_passed_on(passing: DeskAtWork, late: bool, silent: bool) -> None:
    delivered_at = passing.now - timedelta(days=7) if late else None
    passing.receive(licence(), delivered_at=delivered_at, silent=silent)
    assert passing.outbox(notification="forwarded") == []
    assert passing.ticket().forwarded_to is None


def test_a_refused_mail_opens_no_ticket_and_its_author_is_told_politely(database: Database) -> None:
    desk = DeskAtWork(database, REFUSED)
    mail = write(subject="Oferta handlowa")
    [outcome] = desk.receive(mail)
    assert (outcome.disposition, outcome.reason) == (Disposition.DISCARDED, "rejected_by_rule")
    assert desk.tickets == []
    letter = desk.letter("rejected", "jan@acme.test")
    assert letter["Subject"] == "Re: Oferta handlowa"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["In-Reply-To"] and letter["X-Helpdesk-Loop"] == "desk.example.org"
    assert "nie możemy przyjąć" in text_of(letter)
    assert desk.told() == [("rejected", "jan@acme.test")]


@pytest.mark.parametrize(
    "fields",
    [{"Auto-Submitted": "auto-generated"}, {"Precedence": "bulk", "List-Id": "<a.b>"}, {"X-Spam-Flag": "YES"}],
    ids=["a machine", "a list", "spam"],
)
def test_a_refused_mail_of_a_machine_a_list_or_a_spammer_is_not_answered(
    database: Database, fields: dict[str, str | None]
) -> None:
    desk = DeskAtWork(database, REFUSED)
    [outcome] = desk.receive(write(subject="Oferta", fields=fields))
    assert outcome.disposition is Disposition.DISCARDED
    assert desk.outbox() == []


def test_a_refusal_to_a_stranger_repeats_nothing_and_has_a_limit(database: Database) -> None:
    desk = DeskAtWork(database, REFUSED)
    for _ in range(5):
        desk.receive(write(STRANGER, subject="Oferta: tanie kredyty"))
    rows = desk.outbox(notification=STANDARD)
    letter = desk.letter("rejected")
    assert "kredyty" not in letter.as_string() + str(letter["Subject"]) + text_of(letter)
    assert [row.state for row in rows] == [OutboxState.QUEUED] * 3 + [OutboxState.HELD] * 2
    assert rows[0].sender == "", "a bounce of it must not come back"


def test_a_refusal_takes_its_words_from_the_folder_that_the_rule_names(database: Database, tmp_path: Path) -> None:
    own = tmp_path / "pl" / "no_offers"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("Ofert nie przyjmujemy.")
    desk = DeskAtWork(database, REFUSED.replace("reject: rejected", "reject: no_offers"), templates=tmp_path)
    desk.receive(write(subject="Oferta"))
    letter = desk.letter("rejected")
    assert text_of(letter).strip() == "Ofert nie przyjmujemy."
    assert letter["Subject"] == "Re: Oferta", "what the folder lacks is the standard refusal's"


def test_a_tickets_own_words_go_with_all_its_mails_to_customers_and_with_no_notice(
    database: Database, tmp_path: Path
) -> None:
    for kind in ("new", "comment", "notice_opened"):
        own = tmp_path / "pl" / "vip" / kind
        own.mkdir(parents=True)
        (own / "body.txt").write_text(f"VIP {kind} {{{{ ticket.key }}}} {{{{ text }}}}")
    rules = "\nrules:\n  - { name: vip, when: { from: jan@acme.test }, then: { template: vip } }\n"
    desk = DeskAtWork(database, rules, templates=tmp_path)
    desk.receive(write())
    assert text_of(desk.letter("new")).startswith("VIP new DYN-")
    assert "VIP" not in text_of(desk.letter("notice_opened"))
    desk.receive(answer(desk.letter("new"), EWA, "Ja też."))
    assert text_of(desk.letter("comment", "jan@acme.test")).startswith("VIP comment DYN-")
    desk.receive(write(EWA))
    assert not text_of(desk.letter("new")).startswith("VIP")


NIGHT = """
rules:
  - { name: outage, when: { subject: awari }, then: { priority: 2 } }
"""


def on_call(database: Database, *, evening: bool) -> DeskAtWork:
    desk = DeskAtWork(database, NIGHT)
    queue = desk.desk.rules.queues["DYNAMICS"]
    from dataclasses import replace

    queues = {**desk.desk.rules.queues, "DYNAMICS": replace(queue, on_call=("48600000000@sms.example.org",))}
    desk.under(rules=replace(desk.desk.rules, queues=queues))
    if evening:
        desk.wait(hours=9)
    return desk


@pytest.mark.parametrize(
    ("subject", "evening", "woken"),
    [("Awaria", True, 1), ("Awaria", False, 0), ("Pytanie", True, 0)],
    ids=["urgent at night", "urgent by day", "not urgent"],
)
def test_who_is_on_call_gets_what_is_urgent_out_of_hours(
    database: Database, subject: str, evening: bool, woken: int
) -> None:
    desk = on_call(database, evening=evening)
    desk.receive(write(subject=subject, files=[("a.png", b"x" * 1000)]))
    rows = desk.outbox(notification="notice_on_call")
    assert [row.recipient for row in rows] == ["48600000000@sms.example.org"] * woken
    if woken:
        letter = desk.letter("notice_on_call")
        assert "P2" in letter["Subject"] and "Awaria" in letter["Subject"]
        assert files_of(letter) == {}


def test_a_customers_further_word_at_night_wakes_again_but_a_machines_answer_does_not(database: Database) -> None:
    desk = on_call(database, evening=True)
    desk.receive(write(subject="Awaria"))
    desk.receive(out_of_office(desk.letter("new")))
    assert len(desk.outbox(notification="notice_on_call")) == 1
    desk.receive(answer(desk.letter("new"), JAN, "Nadal stoi."))
    assert len(desk.outbox(notification="notice_on_call")) == 2


def test_mail_that_lay_for_a_week_wakes_nobody(database: Database) -> None:
    desk = on_call(database, evening=True)
    desk.receive(write(subject="Awaria", to=DYNAMICS), delivered_at=desk.now - timedelta(days=7))
    assert desk.outbox(notification="notice_on_call") == []
