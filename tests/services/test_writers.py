"""Who a mail's other address fields bring in, and where its author is written to (RELIABILITY 3.5)."""

from __future__ import annotations

import pytest

from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import Disposition, Standing
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.services import actions, verdicts
from helpdesk.services.desk import Witness
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork, text_of
from tests.services.mails import DYNAMICS, EWA, JAN, STRANGER, answer, write

MX = "mx.desk.example.org"
RING = Keyring("desk.example.org", (SigningKey("1", b"master"),))


def results(domain: str, verdict: str = "pass") -> dict[str, str]:
    return {"Authentication-Results": f"{MX}; dmarc={verdict} header.from={domain}"}


@pytest.fixture
def witnessed(database: Database) -> DeskAtWork:
    """A desk whose mail server says who is who."""
    return DeskAtWork(database, witnesses={"dynamics": Witness("rfc8601", MX)})


# --- strangers


def test_a_strangers_words_reach_no_customer_before_a_consultant_takes_them_in(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    before = len(desk.outbox())
    desk.receive(answer(desk.letter("new"), STRANGER, "Jestem księgową tej firmy."))
    assert {kind for kind, _ in desk.told(before)} == {"notice_comment"}
    assert desk.comments[-1].standing_reason == Ground.STRANGER
    notice = desk.letter("notice_comment", "anna@desk.example.org")
    assert "Nadawca nie bierze udziału" in text_of(notice)
    assert "#przyjmij" in text_of(notice)
    before = len(desk.outbox())
    desk.receive(answer(notice, "Anna Nowak <anna@desk.example.org>", "#przyjmij"))

    assert desk.comments[-1].standing is Standing.CONFIRMED
    assert ("comment", "jan@acme.test") in desk.told(before)
    assert "zed@elsewhere.test" in desk.participants(1001)


def test_later_notices_and_the_history_mark_a_strangers_words(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.receive(answer(desk.letter("new"), STRANGER, "Proszę o fakturę."))
    desk.receive(answer(desk.letter("new"), JAN, "I jak?"))
    notice = desk.letter("notice_comment", "anna@desk.example.org")
    assert "Zed" in text_of(notice)
    assert "(niepotwierdzone)" in text_of(notice)
    desk.receive(answer(notice, "Anna Nowak <anna@desk.example.org>", "#historia"))
    assert text_of(desk.letter("receipt")).count("(niepotwierdzone)") == 1


def test_an_answer_to_a_strangers_words_stays_among_consultants(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.receive(answer(desk.letter("new"), STRANGER, "Proszę o fakturę."))
    notice = desk.letter("notice_comment", "anna@desk.example.org")
    before = len(desk.outbox())
    desk.receive(answer(notice, "Anna Nowak <anna@desk.example.org>", "Kto to jest?"))
    assert not [one for one in desk.told(before) if not one[0].startswith("notice")]


def test_an_accept_that_finds_nothing_waiting_is_refused(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    notice = desk.letter("notice_opened", "anna@desk.example.org")
    [outcome] = desk.receive(answer(notice, "Anna Nowak <anna@desk.example.org>", "#accept"))
    assert outcome.reason == "commands_refused"


def test_a_stranger_who_is_let_in_can_be_shown_out_again(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.receive(answer(desk.letter("new"), STRANGER, "Dzień dobry."))
    desk.act(verdicts.accept, 1001, "", str(desk.comments[-1].id))
    desk.act(actions.let_out, 1001, "", "zed@elsewhere.test")
    assert desk.participants(1001) == {"jan@acme.test"}


def test_a_known_name_over_another_address_is_a_stranger(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    [outcome] = desk.receive(answer(desk.letter("new"), "Jan Kowal <jan.kowal@gmail.com>", "To ja, z domu."))
    assert outcome.reason == "unconfirmed_author"
    assert desk.participants(1001) == {"jan@acme.test"}


def test_a_participant_in_cc_may_take_part_whatever_their_domain(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, fields={"Cc": STRANGER}))
    [outcome] = desk.receive(answer(desk.letter("new"), STRANGER, "Jestem w kopii."))
    assert outcome.reason == "reply"
    assert "Jestem w kopii." in text_of(desk.letter("comment", "jan@acme.test"))


def test_a_strangers_words_are_not_carried_to_the_third_persons_whom_they_name(desk: DeskAtWork) -> None:
    desk.receive(write(STRANGER, fields={"Cc": "Victim <victim@third.test>"}))
    desk.receive(answer(desk.letter("new"), STRANGER, "Buy our pills."))
    assert "pills" not in desk.letter("comment", "victim@third.test").as_string()


# --- new people


def test_a_participants_cc_brings_people_in_but_no_desk_consultant_machine_or_list(desk: DeskAtWork) -> None:
    others = ", ".join(
        (
            "ola@acme.test",
            DYNAMICS,
            "piotr@desk.example.org",
            "noreply@acme.test",
            "all-list@acme.test",
            "x@lists.acme.test",
        )
    )
    desk.receive(write(JAN, fields={"Cc": others}))
    assert desk.participants(1001) == {"jan@acme.test", "ola@acme.test"}


def test_one_mail_brings_in_ten_people_at_most(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, fields={"Cc": ", ".join(f"p{number}@acme.test" for number in range(30))}))
    assert len(desk.participants(1001)) == 10


def test_a_stranger_with_a_token_brings_in_nobody(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.receive(answer(desk.letter("new"), STRANGER, fields={"Cc": "friend@elsewhere.test"}))
    assert desk.participants(1001) == {"jan@acme.test"}


def test_a_forged_from_opens_a_ticket_that_says_so_and_brings_in_nobody(witnessed: DeskAtWork) -> None:
    fields = {**results("acme.test", "fail"), "Cc": "thief@elsewhere.test"}
    [outcome] = witnessed.receive(write(JAN, subject="Pilne: zmiana konta", fields=fields))

    assert outcome.disposition is Disposition.OPENED
    assert witnessed.participants(1001) == {"jan@acme.test"}
    assert (witnessed.comments[0].standing, witnessed.comments[0].standing_reason) == (
        Standing.UNCONFIRMED,
        Ground.FORGED,
    )
    ack = witnessed.letter("new", "jan@acme.test")
    assert "zmiana konta" not in ack.as_string()  # it would be a forger's words in our name
    assert "podrobionego" in text_of(witnessed.letter("notice_opened", "anna@desk.example.org"))


# --- public domains and other customers


def test_a_public_mail_domain_is_nobodys_organisation(database: Database) -> None:
    desk = DeskAtWork(database, "  SOLO: { domains: [gmail.com], contacts: [solo@gmail.com], plan: GOLD }\n")
    desk.receive(write("Solo <solo@gmail.com>"))
    assert desk.ticket().organisation == "SOLO"
    [outcome] = desk.receive(answer(desk.letter("new"), "Other <other@gmail.com>", "I ja też."))
    assert outcome.reason == "unconfirmed_author"


def test_another_customers_people_never_join_though_authenticated_and_with_a_token(database: Database) -> None:
    witnesses = {"dynamics": Witness("rfc8601", MX)}
    desk = DeskAtWork(database, keyring=RING, subaddressed=frozenset({"DYNAMICS"}), witnesses=witnesses)
    desk.receive(write(JAN, fields=results("acme.test")))
    [outcome] = desk.receive(answer(desk.letter("new"), "Boss <boss@strict.test>", fields=results("strict.test")))
    assert outcome.disposition is Disposition.OPENED
    assert desk.links() == set()


# --- Reply-To, Sender, forwards


@pytest.mark.parametrize(
    ("author", "reply_to", "recipient"),
    [
        ("Jan <jan@acme.test>", "biuro@acme.test", "biuro@acme.test"),
        ("Jan <jan@mail.acme.test>", "jan@acme.test", "jan@acme.test"),
        ("Jan <jan@acme.test>", "jan@evil.test", "jan@acme.test"),
        ("Jan <jan@acme.test>", "jan@acme.test.evil.test", "jan@acme.test"),
        ("Jan <jan@gmail.com>", "thief@gmail.com", "jan@gmail.com"),
        ("Jan <jan@acme.test>", "noreply@acme.test", "jan@acme.test"),
        ("Jan <jan@acme.test>", "a@acme.test, b@acme.test", "jan@acme.test"),
        ("Jan <jan@acme.test>", "Jan <JAN@acme.test>", "jan@acme.test"),
    ],
    ids=["own domain", "its parent", "foreign", "look-alike", "public", "a machine's", "two", "the same"],
)
def test_reply_to_is_used_only_within_froms_own_domain(
    desk: DeskAtWork, author: str, reply_to: str, recipient: str
) -> None:
    [outcome] = desk.receive(write(author, fields={"Reply-To": reply_to}))
    assert [row.recipient for row in desk.outbox(notification="new")] == [recipient]
    steps = {step["step"]: step["outcome"] for step in desk.entry(outcome.entry).trace}
    if "evil" in reply_to or "thief" in reply_to:
        assert steps["reply-to"] == "ignored"


def test_who_wants_their_mail_elsewhere_takes_part_from_there_and_hears_no_echo(desk: DeskAtWork) -> None:
    desk.receive(write(STRANGER, fields={"Reply-To": "biuro@elsewhere.test"}))
    before = len(desk.outbox())
    [outcome] = desk.receive(answer(desk.letter("new"), "Biuro <biuro@elsewhere.test>", "Dopisuję się."))
    assert outcome.reason == "reply"
    assert {kind for kind, _ in desk.told(before)} == {"notice_comment"}
    desk.act(actions.comment, 1001, "Sprawdzamy.")
    assert [row.recipient for row in desk.outbox(notification="comment")] == ["biuro@elsewhere.test"]


def test_a_delegate_is_noted_and_from_is_the_author(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(write(JAN, fields={"Sender": "Sekretariat <sekretariat@acme.test>"}))
    assert desk.ticket().requester_addr == "jan@acme.test"
    steps = [step for step in desk.entry(outcome.entry).trace if step["step"] == "delegate"]
    assert [step["outcome"] for step in steps] == ["sekretariat@acme.test"]


def test_whoever_forwards_is_the_author_and_the_forwarded_mails_headers_give_no_rights(desk: DeskAtWork) -> None:
    inner = write(EWA, fields={"Message-ID": "<inner@acme.test>"}).decode()
    outer = "\r\n".join(
        (
            f"From: {STRANGER}",
            f"To: {DYNAMICS}",
            "Subject: Fwd: Faktura",
            "Message-ID: <outer@elsewhere.test>",
            "MIME-Version: 1.0",
            'Content-Type: multipart/mixed; boundary="b"',
            "",
            "--b\r\nContent-Type: text/plain\r\n\r\nPrzekazuję.",
            f"--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}",
            "--b--",
        )
    )
    desk.receive(outer.encode())
    assert desk.ticket().requester_addr == "zed@elsewhere.test"
    assert desk.ticket().organisation is None
    assert desk.participants(1001) == {"zed@elsewhere.test"}
