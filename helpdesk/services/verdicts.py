"""Words that waited: taken in, as if they came now, or left where only consultants see them.

Called where a contact or an owner answers (`answers`), where a consultant decides (`accept`), and by the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.desk.letter import Change, Utterance
from helpdesk.desk.lifecycle import Effect, Event
from helpdesk.desk.notify import Occasion
from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import CLOCK, Person, Side, Standing, Visibility
from helpdesk.desk.vouching import QuestionKind, QuestionState
from helpdesk.services import causes, course, enclosures, letters, newcomers, vouching
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store import questions, tickets
from helpdesk.store.tables import CommentRow, OutboxRow, QuestionRow, TicketRow

_STATES = {
    Ground.CONTACT_SAID_YES: QuestionState.YES,
    Ground.OWNER_SAID_YES: QuestionState.YES,
    Ground.TAKEN_IN: QuestionState.YES,
    Ground.CONTACT_SAID_NO: QuestionState.NO,
    Ground.OWNER_SAID_NO: QuestionState.NO,
    Ground.CONTACT_SILENT: QuestionState.LAPSED,
    Ground.OWNER_SILENT: QuestionState.LAPSED,
}


def accept(unit: Unit, ticket: TicketRow, act: Act, comment: str) -> Done:
    """Let a consultant take in words that wait, and their author with them."""
    rows = tickets.comments_of(unit.session, ticket.number)
    row = next((row for row in rows if str(row.id) == comment), None)
    if row is None or row.side is not Side.CUSTOMER or row.visibility is not Visibility.PUBLIC:
        return Done(ticket, refused=f"{unit.desk.key_of(ticket)} has no comment {comment} of the customer's side")
    if row.standing is Standing.CONFIRMED:
        return Done(ticket, refused=f"comment {comment} is taken in already", unchanged=True)
    for question in questions.open_about_comment(unit.session, row.id or 0):
        settle(unit, question, Ground.TAKEN_IN)
    about = questions.open_about(unit.session, ticket.number, row.author_addr, QuestionKind.COLLEAGUE)
    if about is not None:  # asked about their first words, and answered for all
        settle(unit, about, Ground.TAKEN_IN)
    held = questions.held_words(unit.session, ticket.number, row.author_addr)
    together = [row, *(one for one in held if one.id != row.id)]
    return Done(ticket, tuple(take_in(unit, ticket, together, Ground.TAKEN_IN, act.by, silent=act.silent)))


def words_of(unit: Unit, question: QuestionRow) -> list[CommentRow]:
    """Return the words that a question decides about: one mail, or all that a colleague said meanwhile."""
    row = unit.session.get(CommentRow, question.comment)
    if row is None or row.standing is Standing.CONFIRMED:
        return []
    if question.kind is QuestionKind.COLLEAGUE:
        return questions.held_words(unit.session, row.ticket, question.author)
    return [row]


def take_in(
    unit: Unit, ticket: TicketRow, rows: Sequence[CommentRow], ground: Ground, by: Person, *, silent: bool = False
) -> list[OutboxRow]:
    """Let waiting words count as if they came now: author and ticket move, everybody is told; return the letters."""
    unit.session.flush()
    present, told = tickets.participants(unit.session, ticket.number), list[OutboxRow]()
    for row in rows:
        author, begins = Person(row.author_name, row.author_addr), newcomers.is_first_word(unit, ticket, row)
        row.standing, row.standing_reason = Standing.CONFIRMED, ground
        course.note(unit, ticket, "taken_in", by, new=author.addr, reason=f"comment {row.id}: {ground}")
        course.join(unit, ticket, present, [author])
        step = course.move(unit, ticket, Event.CUSTOMER_COMMENT, author, at=unit.now)
        ticket.last_message_id = row.message_id or ticket.last_message_id
        reopened = Effect.REOPENED in step.effects
        files = enclosures.files_of(unit.session, row.id or 0)
        words = Words(author, Side.CUSTOMER, row.new_text, files, reopened=reopened)
        if begins:
            agreed = by if ground is Ground.CONTACT_SAID_YES else None
            told += newcomers.begin(unit, ticket, row, replace(words, contact=agreed), silent=silent)
            continue
        people, cause = letters.people_of(unit, ticket, present.values()), f"taken_in:{row.id}"
        told += letters.tell(
            unit, ticket, Occasion.CUSTOMER_WORDS, people, words, cause, silent=silent, previous=_before(unit, row)
        )
    unit.session.flush()
    return told


def leave_out(
    unit: Unit, ticket: TicketRow, rows: Sequence[CommentRow], ground: Ground, by: Person | None
) -> list[OutboxRow]:
    """Leave waiting words among consultants; they are told, and a colleague is sent to the contact."""
    unit.session.flush()
    told: list[OutboxRow] = []
    begun = not any(newcomers.is_first_word(unit, ticket, row) for row in rows)
    for row in rows:
        row.standing, row.standing_reason = Standing.UNCONFIRMED, ground
        course.note(unit, ticket, "left_out", by, new=row.author_addr, reason=f"comment {row.id}: {ground}")
    if not rows:
        return told
    turned = vouching.stays_out(ground)
    organisation = unit.desk.rules.organisation_of(rows[0].author_addr)
    contact = vouching.contact_of(organisation, ticket)
    if turned and (letter := vouching.turn_away(unit, ticket, rows[-1], contact, turned)):
        told.append(letter)
    change = Change("waiting_words", rows[0].author_addr, ground)
    if not begun:
        newcomers.end(unit, ticket, ground)
    words = Words(by or CLOCK, Side.CUSTOMER, internal=True, changes=(change,))
    unit.session.flush()
    cause = causes.of_change(unit.session, ticket)
    people = letters.people_of(unit, ticket, ())
    return told + letters.tell(unit, ticket, Occasion.CHANGED, people, words, cause)


def settle(unit: Unit, question: QuestionRow, ground: Ground) -> None:
    """Write down how a question was answered."""
    question.state, question.answered_at = _STATES[ground], unit.now


def _before(unit: Unit, row: CommentRow) -> tuple[Utterance, ...]:
    """Return the exchange without these very words, newest first."""
    said = [one for one in tickets.comments_of(unit.session, row.ticket) if one.id != row.id][-2:]
    return tuple(tickets.quoted(one) for one in reversed(said))
