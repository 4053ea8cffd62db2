"""Words that stand on the wrong ticket: merge, split, move a comment; each mends the index that answers are found by.

Called by `helpdesk tickets merge | split | move-comment` and by the commands of the same names.
"""

from __future__ import annotations

from helpdesk.desk.keys import parse_key
from helpdesk.desk.lifecycle import Event
from helpdesk.desk.notify import Occasion
from helpdesk.desk.terms import Person, Side, Standing, State
from helpdesk.services import actions, causes, course, letters, receipts
from helpdesk.services.actions import Act, Done
from helpdesk.services.course import Opening
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store import threads, tickets, visits
from helpdesk.store.tables import CommentRow, TicketRow

_GOES_ON = {
    "pl": "Zgłoszenie {old} połączyliśmy ze zgłoszeniem {new}. Dalsza korespondencja toczy się pod tym numerem.",
    "en": "We have merged {old} into {new}. Everything goes on under that number.",
}


def merge(unit: Unit, ticket: TicketRow, act: Act, key: str) -> Done:
    """Move everything to the ticket named, which goes on; the customer gets one mail that says so."""
    target = _other(unit, ticket, key)
    if target is None:
        return Done(ticket, refused=f"{key} is no other ticket of this desk")
    if target.state is State.CLOSED:
        return Done(ticket, refused=f"{key} is closed: reopen it first, or merge it into this one")
    present = tickets.participants_of(unit.session, [ticket.number, target.number])
    people = [Person(row.name, row.addr) for row in present[ticket.number].values()]
    tickets.move_comments(unit.session, ticket.number, target.number)
    threads.move_ids(unit.session, ticket.number, target.number)
    course.join(unit, target, present[target.number], people)
    target.waiting_since = min(filter(None, (ticket.waiting_since, target.waiting_since)), default=None)
    tickets.link_merged(unit.session, ticket.number, target.number)
    visits.move(unit.session, ticket.number, target.number)
    old, new = unit.desk.key_of(ticket), unit.desk.key_of(target)
    course.note(unit, ticket, "merged", act.by, new=new, reason=act.text)
    course.note(unit, target, "merged", act.by, old=old, reason=act.text)
    if ticket.state is not State.CLOSED:
        course.move(unit, ticket, Event.CLOSE, act.by, at=unit.now, reason=f"merged into {new}")
    sentence = _GOES_ON.get(target.language, _GOES_ON["en"]).format(old=old, new=new)
    text = "\n\n".join(filter(None, (sentence, act.text)))
    words = Words(act.by, Side.CONSULTANT, text, act.attachments)
    unit.session.flush()
    who = letters.people_of(unit, target, present[ticket.number].values())
    cause = causes.of_change(unit.session, target)
    rows = letters.tell(unit, target, Occasion.CONSULTANT_WORDS, who, words, cause, silent=act.silent)
    return Done(target, tuple(rows))


def split(unit: Unit, ticket: TicketRow, act: Act, comment: str) -> Done:
    """Make a comment a ticket of its own, linked with this one; its author gets the usual acknowledgement."""
    row = _comment(unit, ticket, comment)
    if row is None or len(tickets.comments_of(unit.session, ticket.number)) < 2:
        return Done(ticket, refused=f"{comment or 'nothing'} can't be split off: it must be one of several comments")
    fresh = _opened_from(unit, ticket, act, row)
    _move(unit, ticket, fresh, row)
    course.link(unit, fresh, ticket.number, "split from it")
    course.note(unit, ticket, "split", act.by, new=unit.desk.key_of(fresh))
    unit.session.flush()
    author = Person(fresh.requester_name, fresh.requester_addr)
    words = Words(author, Side.CUSTOMER, row.new_text)
    cause, who = causes.of_change(unit.session, fresh), actions.people(unit, fresh)
    neutral = fresh.organisation is None
    rows = letters.tell(unit, fresh, Occasion.OPENED, who, words, cause, acknowledge=not act.silent, neutral=neutral)
    return Done(fresh, tuple(rows))


def move_comment(unit: Unit, ticket: TicketRow, act: Act, comment: str, key: str) -> Done:
    """Move a comment to the ticket that it belongs to; nobody is written to."""
    row, target = _comment(unit, ticket, comment), _other(unit, ticket, key)
    if row is None:
        return Done(ticket, refused=f"{unit.desk.key_of(ticket)} has no comment {comment}")
    if target is None:
        return Done(ticket, refused=f"{key} is no other ticket of this desk")
    _move(unit, ticket, target, row)
    course.note(unit, ticket, "comment_moved", act.by, new=unit.desk.key_of(target), reason=f"comment {comment}")
    course.note(unit, target, "comment_moved", act.by, old=unit.desk.key_of(ticket), reason=f"comment {comment}")
    return Done(target)


def _move(unit: Unit, ticket: TicketRow, target: TicketRow, row: CommentRow) -> None:
    """Move one comment, what it is found by, and its author's part in the matter."""
    unit.session.flush()
    tickets.move_comments(unit.session, ticket.number, target.number, only=row.id)
    if row.message_id:
        threads.move_ids(unit.session, ticket.number, target.number, only=row.message_id)
    if row.side is Side.CUSTOMER and row.standing is Standing.CONFIRMED:
        present = tickets.participants(unit.session, target.number)
        course.join(unit, target, present, [Person(row.author_name, row.author_addr)])


def _opened_from(unit: Unit, ticket: TicketRow, act: Act, row: CommentRow) -> TicketRow:
    name, addr = row.author_name, row.author_addr
    if row.side is not Side.CUSTOMER:
        name, addr = ticket.requester_name, ticket.requester_addr
    rules = unit.desk.rules
    plan = rules.plan_of(rules.organisations.get(ticket.organisation or ""), row.delivered_at)
    receipt = receipts.receipt_for(
        unit,
        row.delivered_at,
        queue=ticket.queue,
        plan=plan,
        kind=ticket.kind,
        origin=ticket.origin,
        organisation=ticket.organisation,
    )
    opening = Opening(
        queue=rules.queues[ticket.queue],
        subject=ticket.subject,
        requester=Person(name, addr),
        delivered_at=row.delivered_at,
        receipt=receipt,
        language=ticket.language,
        origin=ticket.origin,
        priority=ticket.priority,
        kind=ticket.kind,
        organisation=ticket.organisation,
        plan=plan.name if plan else None,
        message_id=row.message_id,
        reason=f"split from {unit.desk.key_of(ticket)} by {act.by.addr}",
    )
    return course.open_ticket(unit, opening)


def _other(unit: Unit, ticket: TicketRow, key: str) -> TicketRow | None:
    number = parse_key(key, unit.desk.prefixes)
    found = tickets.ticket(unit.session, number) if number is not None else None
    return found if found is not None and found.number != ticket.number else None


def _comment(unit: Unit, ticket: TicketRow, comment: str) -> CommentRow | None:
    rows = tickets.comments_of(unit.session, ticket.number)
    return next((row for row in rows if str(row.id) == comment), None)
