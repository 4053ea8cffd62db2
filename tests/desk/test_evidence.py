"""Which ticket a mail joins: the published checks one by one, the gates, and two tickets that look alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.desk.evidence import (
    CAP,
    WEIGHTS,
    Belonging,
    Clue,
    Gate,
    Hint,
    MailSide,
    Outcome,
    TicketSide,
    Verdict,
    choose,
)

TOKEN, OWN_ID, KNOWN, ROOT, TAG, FORGED = (
    Hint(clue, 1001, "as it stands in the mail")
    for clue in (Clue.REPLY_ADDRESS, Clue.OWN_ID, Clue.KNOWN_ID, Clue.THREAD_ROOT, Clue.TAG, Clue.WORTHLESS)
)
TICKET = TicketSide(subject="faktury znikaja z listy")
THEIRS = replace(TICKET, takes_part=True)
COLLEAGUES = replace(TICKET, colleague=True)
MAIL = MailSide(subject="faktury znikaja z listy", tagged=True)
PLAIN = MailSide(tagged=True)  # no subject that says anything
PROVEN, REFUTED = replace(PLAIN, authenticated=True), replace(PLAIN, refuted=True)
ANOTHER = MailSide(subject="nowa drukarka w biurze")


def chosen(ticket: TicketSide, mail: MailSide, *hints: Hint) -> Belonging:
    """Return the choice where there is one ticket, 1001."""
    return choose(hints, {1001: ticket}, mail)


def test_a_reply_with_token_by_a_participant_joins() -> None:
    found = chosen(THEIRS, PLAIN, TOKEN)
    assert (found.outcome, found.ticket, found.points) == (Outcome.JOINS, 1001, 85)


def test_our_id_without_plus_address_and_authentication_joins_for_a_participant() -> None:
    found = chosen(THEIRS, PLAIN, OWN_ID)
    assert (found.outcome, found.points) == (Outcome.JOINS, 75)


def test_a_tag_alone_of_an_authenticated_participant_joins() -> None:
    found = chosen(THEIRS, PROVEN, TAG)
    assert (found.outcome, found.points) == (Outcome.JOINS, 60)


def test_a_stranger_with_the_tag_of_another_gets_a_new_linked_ticket() -> None:
    found = chosen(TICKET, PLAIN, TAG)
    assert (found.outcome, found.ticket, found.linked) == (Outcome.NEW, None, (1001,))


def test_a_forged_from_with_a_tag_gets_a_new_ticket_that_is_not_linked() -> None:
    found = chosen(THEIRS, REFUTED, TAG)
    assert (found.outcome, found.linked, found.points) == (Outcome.NEW, (), 5)


def test_a_forwarded_token_of_an_outsider_is_capped_to_unconfirmed() -> None:
    found = chosen(TICKET, PLAIN, TOKEN, TAG)
    assert (found.outcome, found.verdict, found.points) == (Outcome.UNCONFIRMED, Verdict.CAPPED, CAP)


def test_a_participant_whose_authentication_failed_is_capped_to_unconfirmed() -> None:
    found = chosen(THEIRS, REFUTED, TOKEN, OWN_ID)
    assert (found.outcome, found.points) == (Outcome.UNCONFIRMED, CAP)


def test_a_colleague_with_a_token_is_no_outsider() -> None:
    assert chosen(COLLEAGUES, PROVEN, TOKEN).outcome is Outcome.JOINS


def test_of_the_ids_only_the_strongest_counts_and_each_kind_once() -> None:
    found = chosen(THEIRS, PLAIN, OWN_ID, OWN_ID, KNOWN, ROOT)
    assert [line.clue for line in found.table] == [Clue.OWN_ID, Clue.TAKES_PART]


def test_a_forged_token_weighs_nothing_and_stands_in_the_table() -> None:
    found = chosen(THEIRS, PLAIN, FORGED, TAG)
    assert found.points == WEIGHTS[Clue.TAG] + WEIGHTS[Clue.TAKES_PART]
    assert (Clue.WORTHLESS, 0) in [(line.clue, line.weight) for line in found.table]


def test_a_forged_token_alone_makes_no_candidate() -> None:
    found = chosen(THEIRS, MAIL, FORGED)
    assert (found.outcome, found.verdict, found.linked) == (Outcome.NEW, Verdict.NOTHING, ())
    assert [line.clue for line in found.table] == [Clue.WORTHLESS]


def test_what_merely_fits_a_ticket_makes_it_no_candidate() -> None:
    assert chosen(THEIRS, replace(MAIL, authenticated=True)).verdict is Verdict.NOTHING


POINTS: dict[str, tuple[TicketSide, MailSide, tuple[Hint, ...], int]] = {
    "thread root of a participant": (THEIRS, PLAIN, (ROOT,), 50),
    "known id of a participant": (THEIRS, PLAIN, (KNOWN,), 55),
    "known id of a participant, another subject": (THEIRS, ANOTHER, (KNOWN,), 45),
    "same subject of two words or more": (THEIRS, replace(MAIL, tagged=False), (KNOWN,), 60),
    "same subject of one word": (replace(THEIRS, subject="awaria"), MailSide(subject="awaria"), (KNOWN,), 55),
    "an authenticated colleague": (COLLEAGUES, PROVEN, (OWN_ID,), 60),
    "a colleague without a witness": (COLLEAGUES, PLAIN, (OWN_ID,), 50),
    "a tag keeps a changed subject": (THEIRS, replace(ANOTHER, tagged=True), (TAG, OWN_ID), 95),
}


@pytest.mark.parametrize(("ticket", "mail", "hints", "points"), POINTS.values(), ids=POINTS)
def test_weights_add_up(ticket: TicketSide, mail: MailSide, hints: tuple[Hint, ...], points: int) -> None:
    assert chosen(ticket, mail, *hints).points == points


def test_two_tickets_too_close_to_tell_make_a_new_one_linked_to_both() -> None:
    found = choose((OWN_ID, Hint(Clue.OWN_ID, 1002)), {1001: THEIRS, 1002: THEIRS}, PLAIN)
    assert (found.outcome, found.verdict, found.linked) == (Outcome.NEW, Verdict.TWO_TICKETS, (1001, 1002))


def test_a_tag_decides_between_two_tickets() -> None:
    found = choose((OWN_ID, Hint(Clue.OWN_ID, 1002), Hint(Clue.TAG, 1002)), {1001: THEIRS, 1002: THEIRS}, PLAIN)
    assert found.ticket == 1002


def test_a_merged_ticket_hands_its_mail_to_the_one_that_goes_on() -> None:
    tickets = {1001: replace(THEIRS, merged_into=1002), 1002: THEIRS}
    found = choose((OWN_ID,), tickets, PLAIN)
    assert found.ticket == 1002
    assert "merged into 1002" in found.table[0].detail


def test_tickets_merged_in_a_circle_do_not_hang() -> None:
    tickets = {1001: replace(THEIRS, merged_into=1002), 1002: replace(THEIRS, merged_into=1001)}
    assert choose((OWN_ID,), tickets, PLAIN).outcome is Outcome.JOINS


GATES: dict[str, tuple[TicketSide, MailSide, Gate | None, tuple[int, ...]]] = {
    "closed for long": (replace(THEIRS, closed_long_ago=True), PLAIN, Gate.CLOSED_LONG_AGO, (1001,)),
    "resolved, and a new subject": (replace(THEIRS, resolved=True), ANOTHER, Gate.ANOTHER_MATTER, (1001,)),
    "resolved, the same subject": (replace(THEIRS, resolved=True), MAIL, None, ()),
    "resolved, a new subject with the tag": (replace(THEIRS, resolved=True), replace(ANOTHER, tagged=True), None, ()),
    "another customer, authenticated": (replace(THEIRS, another_customer=True), PROVEN, Gate.ANOTHER_CUSTOMER, ()),
    "another customer, unproven": (replace(THEIRS, another_customer=True), PLAIN, None, ()),
    "a consultant on a ticket closed for long": (
        replace(THEIRS, closed_long_ago=True),
        replace(PLAIN, exempt=True),
        None,
        (),
    ),
}


@pytest.mark.parametrize(("ticket", "mail", "gate", "linked"), GATES.values(), ids=GATES)
def test_gates_are_stronger_than_any_weight(
    ticket: TicketSide, mail: MailSide, gate: Gate | None, linked: tuple[int, ...]
) -> None:
    found = chosen(ticket, mail, TOKEN, OWN_ID, KNOWN)
    assert (found.gate, found.linked) == (gate, linked)
    assert found.outcome is (Outcome.NEW if gate else Outcome.JOINS)


def test_a_hint_at_a_ticket_that_does_not_exist_counts_for_nothing() -> None:
    assert choose((TOKEN,), {}, PLAIN).verdict is Verdict.NOTHING


def test_every_clue_has_its_weight() -> None:
    assert set(WEIGHTS) == set(Clue)
