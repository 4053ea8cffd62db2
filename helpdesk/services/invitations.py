"""Invitations to a visit: who is told of it in which letter, and what their calendar gets along with it.

Called by `visits` and `consents`. Everybody has an invitation of their own under the one UID: no customer's calendar
shows a consultant's private address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk.desk.notify import Notification
from helpdesk.desk.terms import NotificationKind, Person, Side
from helpdesk.desk.visit import VisitFacts, VisitNews, VisitState, as_written
from helpdesk.mail.invitation import Invitation, Method
from helpdesk.mail.message import Address
from helpdesk.services import causes, letters
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store import visits as store
from helpdesk.store.tables import OutboxRow, TicketRow, VisitRow


def announce(
    unit: Unit,
    ticket: TicketRow,
    row: VisitRow,
    by: Person,
    *,
    moved_from: datetime | None = None,
    silent: bool = False,
) -> list[OutboxRow]:
    """Ask for the consent that is missing, or invite; return the letters."""
    if row.state is VisitState.CONFIRMED:
        news = VisitNews.MOVED if row.sequence else VisitNews.INVITED
        return invite(unit, ticket, row, Words(by, Side.CONSULTANT), news, moved_from=moved_from, silent=silent)
    words = Words(by, Side.CONSULTANT, visit=facts_of(unit, row, VisitNews.PROPOSED, moved_from=moved_from))
    rows: list[OutboxRow] = []
    for guest in () if silent else _guests(unit, row, Side.CUSTOMER):
        rows += _write(unit, ticket, words, NotificationKind.CONSENT, guest)
    if row.consultant != by.addr:
        rows += _write(unit, ticket, words, NotificationKind.NOTICE_VISIT, unit.desk.person(row.consultant))
    return rows


def invite(
    unit: Unit,
    ticket: TicketRow,
    row: VisitRow,
    words: Words,
    news: VisitNews,
    *,
    moved_from: datetime | None = None,
    silent: bool = False,
) -> list[OutboxRow]:
    """Send everybody their invitation, or the newest state of it; return the letters.

    `words` are whose doing it is, and what a customer said with it: only the consultant is told those.
    """
    row.invited_at = unit.now
    words = replace(words, visit=facts_of(unit, row, news, moved_from=moved_from))
    return _send(unit, ticket, row, words, Method.REQUEST, silent=silent)


def cancel(unit: Unit, ticket: TicketRow, row: VisitRow, by: Person, *, silent: bool) -> list[OutboxRow]:
    """Tell everybody that a visit is called off; return the letters."""
    words = Words(by, Side.CONSULTANT, visit=facts_of(unit, row, VisitNews.CANCELLED))
    return _send(unit, ticket, row, words, Method.CANCEL, silent=silent)


def disinvite(unit: Unit, ticket: TicketRow, row: VisitRow, by: Person, former: Person) -> list[OutboxRow]:
    """Tell a consultant that somebody else comes in their place; return the letter."""
    event = _invitation(unit, ticket, row, Method.CANCEL, former) if row.invited_at else None
    words = Words(by, Side.CONSULTANT, visit=facts_of(unit, row, VisitNews.CANCELLED), invitation=event)
    return _write(unit, ticket, words, NotificationKind.NOTICE_VISIT, former)


def _send(
    unit: Unit, ticket: TicketRow, row: VisitRow, words: Words, method: Method, *, silent: bool
) -> list[OutboxRow]:
    """Write to each guest alone."""
    invitation = NotificationKind.INVITATION if method is Method.REQUEST else NotificationKind.INVITATION_CANCELLED
    kinds = {Side.CUSTOMER: invitation, Side.CONSULTANT: NotificationKind.NOTICE_VISIT}
    rows: list[OutboxRow] = []
    for side, kind in kinds.items():
        text = "" if side is Side.CUSTOMER else words.text
        for guest in () if silent and side is Side.CUSTOMER else _guests(unit, row, side):
            event = _invitation(unit, ticket, row, method, guest) if row.invited_at else None
            rows += _write(unit, ticket, replace(words, text=text, invitation=event), kind, guest)
    return rows


def _write(unit: Unit, ticket: TicketRow, words: Words, kind: NotificationKind, recipient: Person) -> list[OutboxRow]:
    unit.session.flush()
    wanted = [Notification(kind, recipient)]
    return letters.write(unit, ticket, wanted, words, causes.of_change(unit.session, ticket))


def _invitation(unit: Unit, ticket: TicketRow, row: VisitRow, method: Method, guest: Person) -> Invitation:
    """Return the event as this guest is to have it; the letter's own words become its title and description."""
    queue = unit.desk.queue_facts(ticket.queue)
    return Invitation(
        method=method,
        uid=row.uid,
        sequence=row.sequence,
        stamp=unit.now,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        summary="",
        organizer=Address(queue.from_name, queue.address),
        guests=(Address(guest.name, guest.addr),),
        location=row.place,
    )


def facts_of(
    unit: Unit,
    row: VisitRow,
    news: VisitNews,
    *,
    moved_from: datetime | None = None,
    proposed: datetime | None = None,
    length: timedelta | None = None,
) -> VisitFacts:
    """Return the visit as letters show it; `proposed` and `length` are what the customer would like instead."""
    person = unit.desk.person(row.consultant)
    command = ""
    if proposed is not None:
        command = as_written(proposed, length or row.ends_at - row.starts_at, row.remote, row.place, row.zone)
    return VisitFacts(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        remote=row.remote,
        place=row.place,
        consultant=person.name,
        news=news,
        moved_from=moved_from,
        proposed=proposed,
        command=command,
    )


def _guests(unit: Unit, row: VisitRow, side: Side) -> Sequence[Person]:
    guests = store.guests_of(unit.session, row).values()
    return [Person(guest.name, guest.addr) for guest in guests if guest.side is side]
