"""Who gets which mail: CONTRACT's table, row by row."""

from __future__ import annotations

import pytest

from helpdesk.desk.notify import Notification, Occasion, People, notifications_for
from helpdesk.desk.terms import NotificationKind, Person

JAN, EWA = Person("Jan", "jan@acme.example"), Person("Ewa", "ewa@acme.example")
ANNA, PIOTR, OLA = (Person(name, f"{name.lower()}@desk.example") for name in ("Anna", "Piotr", "Ola"))
WATCHER = Person("Szef", "szef@desk.example")
CLOCK = Person("", "")

ASSIGNED = People((JAN, EWA), ANNA, (ANNA, PIOTR, OLA), (WATCHER,))
UNASSIGNED = People((JAN, EWA), None, (ANNA, PIOTR, OLA), (WATCHER,))
K = NotificationKind

# What happens, who does it, and who gets which mail when Anna has the ticket; then when nobody has.
Told = dict[Person, NotificationKind]
ROWS: dict[str, tuple[Occasion, Person, Told, Told]] = {
    "ticket opened": (
        Occasion.OPENED,
        JAN,
        {JAN: K.NEW, ANNA: K.NOTICE_OPENED, WATCHER: K.NOTICE_OPENED},
        dict.fromkeys((ANNA, PIOTR, OLA, WATCHER), K.NOTICE_OPENED) | {JAN: K.NEW},
    ),
    "comment by the customer's side": (
        Occasion.CUSTOMER_WORDS,
        JAN,
        {EWA: K.COMMENT, ANNA: K.NOTICE_COMMENT, WATCHER: K.NOTICE_COMMENT},
        dict.fromkeys((ANNA, PIOTR, OLA, WATCHER), K.NOTICE_COMMENT) | {EWA: K.COMMENT},
    ),
    "words of somebody who may not take part": (
        Occasion.UNCONFIRMED_WORDS,
        Person("Mallory", "mallory@elsewhere.example"),
        {ANNA: K.NOTICE_COMMENT, WATCHER: K.NOTICE_COMMENT},
        dict.fromkeys((ANNA, PIOTR, OLA, WATCHER), K.NOTICE_COMMENT),
    ),
    "public comment by a consultant": (
        Occasion.CONSULTANT_WORDS,
        ANNA,
        {JAN: K.COMMENT, EWA: K.COMMENT, WATCHER: K.NOTICE_COMMENT},
        {JAN: K.COMMENT, EWA: K.COMMENT, WATCHER: K.NOTICE_COMMENT},
    ),
    "resolved": (
        Occasion.RESOLVED,
        ANNA,
        {JAN: K.RESOLVED, EWA: K.RESOLVED, WATCHER: K.NOTICE_CHANGED},
        {JAN: K.RESOLVED, EWA: K.RESOLVED, WATCHER: K.NOTICE_CHANGED},
    ),
    "closed": (
        Occasion.CLOSED,
        ANNA,
        {JAN: K.CLOSED, EWA: K.CLOSED, WATCHER: K.NOTICE_CHANGED},
        {JAN: K.CLOSED, EWA: K.CLOSED, WATCHER: K.NOTICE_CHANGED},
    ),
    "closed by the clock": (
        Occasion.CLOSED,
        CLOCK,
        {JAN: K.CLOSED, EWA: K.CLOSED, WATCHER: K.NOTICE_CHANGED},
        {JAN: K.CLOSED, EWA: K.CLOSED, WATCHER: K.NOTICE_CHANGED},
    ),
    "note by another consultant": (
        Occasion.NOTE,
        PIOTR,
        {ANNA: K.NOTICE_COMMENT, WATCHER: K.NOTICE_COMMENT},
        dict.fromkeys((ANNA, OLA, WATCHER), K.NOTICE_COMMENT),
    ),
    "assigned, another priority, another queue": (
        Occasion.CHANGED,
        ANNA,
        {WATCHER: K.NOTICE_CHANGED},
        dict.fromkeys((PIOTR, OLA, WATCHER), K.NOTICE_CHANGED),
    ),
    "a mail of ours came back": (
        Occasion.UNDELIVERED,
        Person("", "postmaster"),
        {ANNA: K.NOTICE_UNDELIVERED, WATCHER: K.NOTICE_UNDELIVERED},
        dict.fromkeys((ANNA, PIOTR, OLA, WATCHER), K.NOTICE_UNDELIVERED),
    ),
}


def told(notifications: tuple[Notification, ...]) -> Told:
    """Return who gets which mail, having checked that nobody gets two."""
    found = {one.recipient: one.kind for one in notifications}
    assert len(found) == len(notifications)
    return found


def test_the_table_has_a_row_for_every_occasion() -> None:
    assert {row[0] for row in ROWS.values()} == set(Occasion)


@pytest.mark.parametrize(("occasion", "actor", "assigned", "unassigned"), ROWS.values(), ids=ROWS)
def test_everyone_is_told_as_the_table_says(
    occasion: Occasion, actor: Person, assigned: Told, unassigned: Told
) -> None:
    assert told(notifications_for(occasion, ASSIGNED, actor)) == assigned
    assert told(notifications_for(occasion, UNASSIGNED, actor)) == unassigned


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("actor", [JAN, ANNA, WATCHER], ids=lambda person: person.name)
def test_nobody_is_told_of_their_own_doing(occasion: Occasion, actor: Person) -> None:
    received = told(notifications_for(occasion, UNASSIGNED, actor)).get(actor)

    assert received in (None, NotificationKind.NEW)  # the acknowledgement is the one mail to its causer


@pytest.mark.parametrize("occasion", Occasion)
def test_silence_keeps_every_mail_from_the_customers_side_and_none_from_ours(occasion: Occasion) -> None:
    aloud = told(notifications_for(occasion, UNASSIGNED, PIOTR))
    silent = told(notifications_for(occasion, UNASSIGNED, PIOTR, silent=True))

    assert silent == {person: kind for person, kind in aloud.items() if not kind.for_customers}


def test_a_ticket_that_is_not_acknowledged_is_still_announced_to_consultants() -> None:
    received = told(notifications_for(Occasion.OPENED, ASSIGNED, JAN, acknowledge=False))

    assert received == {ANNA: K.NOTICE_OPENED, WATCHER: K.NOTICE_OPENED}


def test_who_has_several_parts_is_told_once() -> None:
    people = People((JAN,), ANNA, (ANNA,), (ANNA, WATCHER, WATCHER))

    assert told(notifications_for(Occasion.CUSTOMER_WORDS, people, JAN)) == {
        ANNA: K.NOTICE_COMMENT,
        WATCHER: K.NOTICE_COMMENT,
    }


def test_an_author_without_an_address_gets_no_acknowledgement() -> None:
    received = told(notifications_for(Occasion.OPENED, ASSIGNED, Person("", "")))

    assert set(received) == {ANNA, WATCHER}
