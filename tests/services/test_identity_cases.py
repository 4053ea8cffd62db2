"""The cases of identity by name: RELIABILITY 3.3 "checks on it", 3.4 "strip first", 3.5 and 3.6, one mail each.

A desk that knows Jan of ACME, whose ticket 1001 was acknowledged, and Anna, who has her notice, gets one mail more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from helpdesk.desk.keys import format_key
from helpdesk.desk.terms import Standing, State, Visibility
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.services.desk import Witness
from helpdesk.services.line import Outcome
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import ANNA, DYNAMICS, JAN, STRANGER, answer, write

RING = Keyring("desk.example.org", (SigningKey("1", b"master"),))
MX = "mx.desk.example.org"
TAG = f"[{format_key('DYN', 1001)}]"


def results(value: str, host: str = MX) -> dict[str, str]:
    return {"Authentication-Results": f"{host}; {value}"}


JANS = results("dmarc=pass header.from=acme.test")
ANNAS = results("dmarc=pass header.from=desk.example.org")
FAILED = results("dmarc=fail header.from=acme.test")


@pytest.fixture
def desk(database: Database) -> DeskAtWork:
    """A desk that signs, whose mail server says who is who; ticket 1001 is Jan's."""
    witnesses = {"dynamics": Witness("rfc8601", MX)}
    made = DeskAtWork(database, keyring=RING, subaddressed=frozenset({"DYNAMICS"}), witnesses=witnesses)
    made.receive(write(JAN, subject="Faktura nie drukuje się", fields=JANS))
    return made


def address(mail: EmailMessage) -> str:
    return str(mail["Reply-To"].addresses[0].addr_spec)


def token(desk: DeskAtWork, author: str, **fields: str) -> bytes:
    return write(author, address(desk.letter("new")), "Re: Faktura nie drukuje się", fields=fields)


def reference(desk: DeskAtWork, author: str, **fields: str) -> bytes:
    found = {"References": str(desk.letter("new")["Message-ID"]), **fields}
    return write(author, DYNAMICS, "Zdjęcie z telefonu tutaj", fields=found)


def tag(author: str, **fields: str) -> bytes:
    return write(author, DYNAMICS, f"Re: {TAG} Faktura", fields=fields)


# --- 3.3, "checks on it"


@pytest.mark.parametrize(
    ("mail", "reason", "ticket", "linked"),
    [
        pytest.param(lambda desk: token(desk, JAN), "reply", 1001, False, id="token, participant"),
        pytest.param(lambda desk: reference(desk, JAN), "reply", 1001, False, id="our id, participant, no results"),
        pytest.param(lambda _: tag(JAN, **JANS), "reply", 1001, False, id="tag only, authenticated participant"),
        pytest.param(lambda _: tag(STRANGER), "new_ticket", 1002, True, id="tag only, stranger"),
        pytest.param(lambda _: tag(JAN, **FAILED), "new_ticket", 1002, False, id="tag, forged From"),
        pytest.param(lambda desk: token(desk, STRANGER), "unconfirmed_author", 1001, False, id="forwarded token"),
        pytest.param(
            lambda desk: token(desk, JAN, **FAILED), "unconfirmed_author", 1001, False, id="token, failed participant"
        ),
    ],
)
def test_checks_on_the_evidence(
    desk: DeskAtWork, mail: Callable[[DeskAtWork], bytes], reason: str, ticket: int, linked: bool
) -> None:
    [outcome] = desk.receive(mail(desk))
    assert (outcome.reason, outcome.ticket) == (reason, ticket)
    assert ((1002, 1001) in desk.links()) is linked
    assert [step for step in desk.entry(outcome.entry).trace if step["step"] == "evidence"]


# --- 3.4: whose word counts, and what is not read at all

_TRICKS = {
    "no results at all": {},
    "results of a foreign host": results("dmarc=pass header.from=desk.example.org", "mx.evil.test"),
    "our host's name with a tail": results("dmarc=pass header.from=desk.example.org", f"{MX}.evil.test"),
    "a version that is not ours": {"Authentication-Results": f"{MX} 2; dmarc=pass header.from=desk.example.org"},
    "pass for another domain": results("dmarc=pass header.from=evil.test"),
    "only spf": results("spf=pass smtp.mailfrom=desk.example.org"),
    "dkim of another domain": results("dkim=pass header.d=evil.test"),
    "in a comment": results("dmarc=none (dmarc=pass header.from=desk.example.org)"),
    "arc of anybody": {"ARC-Authentication-Results": f"i=1; {MX}; dmarc=pass header.from=desk.example.org"},
    "exchange's word on a mailbox that is not exchange's": {"X-MS-Exchange-Organization-AuthAs": "Internal"},
    "our own headers": {"X-Helpdesk-User": "anna@desk.example.org", "X-Helpdesk-Ticket": "1001"},
    "failed": results("dmarc=fail header.from=desk.example.org"),
    "resent from the consultant": {"Resent-From": ANNA},
    "a submission login elsewhere": {
        "Received": "from x by mx.evil.test (Authenticated sender: anna@desk.example.org)"
    },
}


@pytest.mark.parametrize("fields", _TRICKS.values(), ids=_TRICKS)
def test_no_trick_of_headers_makes_a_consultant(desk: DeskAtWork, fields: dict[str, str]) -> None:
    before = len(desk.outbox())
    outcome = consultants(desk, "#zamknij\nKoniec.", **fields)
    refused(desk, outcome, before)


def test_two_groups_under_our_name_are_believed_in_nothing_that_speaks_for_from(desk: DeskAtWork) -> None:
    mail = answer(notice(desk), ANNA, "#zamknij")
    forged = f"Authentication-Results: {MX}; dmarc=pass header.from=desk.example.org\r\n".encode()
    ours = f"Authentication-Results: {MX}; dmarc=none\r\nReceived: from x by {MX}; now\r\n".encode()
    [outcome] = desk.receive(ours + forged + mail)
    assert outcome.reason == "consultant_unproven"


_NAMES = {
    "her address as a name": '"anna@desk.example.org" <mallory@evil.test>',
    "her address after another": "Mallory <mallory@evil.test>, anna@desk.example.org",
    "her address before another": "anna@desk.example.org, Mallory <mallory@evil.test>",
    "her address in a comment": "mallory@evil.test (anna@desk.example.org)",
    "a letter that can't be seen": "anna\u200b@desk.example.org",
    "a letter that looks the same": "аnna@desk.example.org",
    "her address with a tail": "anna@desk.example.org.evil.test",
    "a plus in her address": "anna+x@desk.example.org",
}


@pytest.mark.parametrize("author", _NAMES.values(), ids=_NAMES)
def test_no_spelling_of_from_makes_a_consultant(desk: DeskAtWork, author: str) -> None:
    before = len(desk.outbox())
    [outcome] = desk.receive(answer(notice(desk), author, "#zamknij", fields=ANNAS))
    refused(desk, outcome, before)


# --- 3.6: all must hold


def notice(desk: DeskAtWork) -> EmailMessage:
    return desk.letter("notice_opened", "anna@desk.example.org")


def consultants(desk: DeskAtWork, text: str, **fields: str) -> Outcome:
    [outcome] = desk.receive(answer(notice(desk), ANNA, text, fields=fields))
    return outcome


def refused(desk: DeskAtWork, outcome: Outcome, before: int) -> None:
    """Nothing moved, and the customer was told nothing."""
    assert outcome.reason not in ("commands_done", "consultant_reply")
    ticket = desk.ticket(1001)
    assert (ticket.state, ticket.assignee, ticket.priority) == (State.NEW, None, 3)
    assert not [one for one in desk.told(before) if one[1] == "jan@acme.test"]


def test_a_consultant_whom_our_server_vouches_for_is_obeyed(desk: DeskAtWork) -> None:
    assert consultants(desk, "#zamknij\nKoniec.", **ANNAS).reason == "commands_done"


def _late(desk: DeskAtWork) -> dict[str, str]:
    return {"Date": format_datetime(desk.now - timedelta(hours=73))}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        pytest.param("#zamknij", lambda _: {"Reply-To": "mallory@evil.test"}, id="another Reply-To"),
        pytest.param("#zamknij", _late, id="written more than 72 hours ago"),
        pytest.param("#zamknij", lambda _: {"Auto-Submitted": "auto-replied"}, id="a machine's"),
        pytest.param("> #zamknij\n\nO tym mówię.", lambda _: {"Subject": "Re: x"}, id="quoted"),
        pytest.param("Dzień dobry,\n#zamknij", lambda _: {"Subject": "Re: x"}, id="below other words"),
        pytest.param("#zamknij\n#abrakadabra", lambda _: {}, id="an unknown verb beside it"),
        pytest.param("#zamknij\n#otwórz", lambda _: {}, id="contradictory"),
    ],
)
def test_each_condition_of_a_command_is_asked(
    desk: DeskAtWork, text: str, fields: Callable[[DeskAtWork], dict[str, str]]
) -> None:
    outcome = consultants(desk, text, **ANNAS, **fields(desk))
    assert outcome.reason != "commands_done"
    assert desk.ticket(1001).state is not State.CLOSED


def test_a_signed_mail_that_is_played_again_with_other_words_does_nothing(desk: DeskAtWork) -> None:
    fixed = {**ANNAS, "Message-ID": "<signed@desk.example.org>"}
    assert consultants(desk, "#priorytet 2", **fixed).reason == "commands_done"
    assert consultants(desk, "#zamknij", **fixed).reason == "consultant_unproven"
    assert desk.ticket(1001).state is not State.CLOSED


def test_a_strangers_commands_are_text(desk: DeskAtWork) -> None:
    [outcome] = desk.receive(answer(desk.letter("new"), STRANGER, "#zamknij\n#przypisz mallory"))
    assert outcome.reason == "unconfirmed_author"
    assert desk.ticket(1001).state is State.NEW
    assert "#zamknij" in desk.comments[-1].new_text


def test_a_customers_commands_are_text(desk: DeskAtWork) -> None:
    desk.receive(answer(desk.letter("new"), JAN, "#zamknij", fields=JANS))
    assert desk.ticket(1001).state is State.NEW


@pytest.mark.parametrize("fields", [{}, results("dmarc=fail header.from=desk.example.org")], ids=["silent", "failed"])
def test_an_unproven_consultants_words_stay_an_unconfirmed_note(desk: DeskAtWork, fields: dict[str, str]) -> None:
    outcome = consultants(desk, "Proszę przelać pieniądze na nowe konto.", **fields)
    assert outcome.reason == "consultant_unproven"
    note = desk.comments[-1]
    assert (note.visibility, note.standing, note.standing_reason) == (
        Visibility.INTERNAL,
        Standing.UNCONFIRMED,
        "consultant_unproven",
    )


def test_an_unproven_consultants_new_mail_opens_an_internal_ticket_that_says_so(desk: DeskAtWork) -> None:
    before = len(desk.outbox())
    desk.receive(write(ANNA, subject="Ważne", text="Proszę o hasło."))
    first = desk.comments[-1]
    assert (first.ticket, first.visibility, first.standing) == (1002, Visibility.INTERNAL, Standing.UNCONFIRMED)
    assert not [one for one in desk.told(before) if one[0] == "new"]


# --- several tickets


def test_two_tags_of_ones_own_choose_none_of_them_silently(desk: DeskAtWork) -> None:
    desk.receive(write(JAN, subject="Druga sprawa zupełnie", fields=JANS))
    both = f"{TAG} [{format_key('DYN', 1002)}] obie"
    [outcome] = desk.receive(write(JAN, subject=both, fields=JANS))
    assert outcome.ticket == 1003
    assert {(1003, 1001), (1003, 1002)} <= desk.links()


def test_a_tag_with_a_wrong_check_digit_names_no_ticket(desk: DeskAtWork) -> None:
    wrong = TAG.replace(TAG[-2], str((int(TAG[-2]) + 1) % 10))
    [outcome] = desk.receive(write(JAN, subject=f"{wrong} faktura", fields=JANS))
    assert outcome.ticket == 1002
