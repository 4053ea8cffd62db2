"""A mail as a remark on a ticket: what is written down of it, who is told in which words, what it is found by.

What all have in common that take a mail in on a ticket: `opening`, `conversation`, `customers`, `machines` and more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.desk.gate import LOOP_MAILS, LOOP_WINDOW_MINUTES, QUIET_HOURS
from helpdesk.desk.notify import Occasion
from helpdesk.desk.rights import Rights, ground_of_first_word
from helpdesk.desk.sender import Role, Sender
from helpdesk.desk.terms import Side, Standing, Step, Via, Visibility
from helpdesk.services import course, letters, oncall
from helpdesk.services.course import Remark
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.wording import Words
from helpdesk.store import threads
from helpdesk.store.tables import OutboxRow, TicketRow


def remark_of(item: Understood, sender: Sender, visibility: Visibility, standing: Standing) -> Remark:
    message = item.message
    return Remark(
        author=sender.person,
        side=sender.side,
        text=message.text,
        visibility=visibility,
        standing=standing,
        via=Via.MAIL,
        new_text=message.new_text,
        html=message.html,
        message_id=message.message_id,
        delivered_at=item.entry.delivered_at,
        entry=item.entry.id,
        attachments=message.attachments,
        whole_mail=bool(item.failure),
    )


def first_remark(item: Understood, sender: Sender, visibility: Visibility, newcomer: Rights | None = None) -> Remark:
    """Return the remark that a ticket opens with; one in somebody else's name is not its owner's word.

    `newcomer` is what the words are worth of somebody whom their own organisation does not simply let in.
    """
    if newcomer is not None:
        return replace(remark_of(item, sender, visibility, newcomer.standing), standing_reason=newcomer.ground)
    ground = ground_of_first_word(sender.proof, by_consultant=sender.role is Role.CONSULTANT)
    if ground is None:
        return remark_of(item, sender, visibility, Standing.CONFIRMED)
    return replace(remark_of(item, sender, visibility, Standing.UNCONFIRMED), standing_reason=ground)


def words_of(
    item: Understood, sender: Sender, *, internal: bool = False, unconfirmed: bool = False, reopened: bool = False
) -> Words:
    return Words(
        author=sender.person,
        side=sender.side,
        text=item.message.new_text,
        attachments=item.message.attachments,
        internal=internal,
        unconfirmed=unconfirmed,
        reopened=reopened,
    )


def hear(unit: Unit, item: Understood, ticket: TicketRow, sender: Sender) -> None:
    """Count a mail of the customers' side; too many at once, and the ticket's automatic mail is off for a day."""
    if sender.side is Side.CONSULTANT:
        return
    if unit.gate.hear(unit.session, ticket.number, sender.person.addr, item.entry.delivered_at, unit.now):
        why = (
            f"more than {LOOP_MAILS} mails in {LOOP_WINDOW_MINUTES} minutes: automatic mail is off for {QUIET_HOURS} h"
        )
        course.note(unit, ticket, "quieted", letters.GATE, new=sender.person.addr, reason=why)


def tell(
    unit: Unit,
    item: Understood,
    facts: Facts,
    ticket: TicketRow,
    occasion: Occasion,
    words: Words,
    trace: list[Step],
    *,
    silent: bool,
    neutral: bool = False,
) -> None:
    """Write the letters, and index the mail's own id: an answer to it belongs here too."""
    people = letters.people_of(unit, ticket, facts.participants[ticket.number].values())
    previous = facts.previous.get(ticket.number, ())
    if item.entry.silent:
        rows = []
    else:
        cause = item.cause
        rows = letters.tell(
            unit, ticket, occasion, people, words, cause, silent=silent, neutral=neutral, previous=previous
        )
        if occasion is Occasion.CUSTOMER_WORDS:
            rows += oncall.wake(unit, ticket, words, cause, item.entry.delivered_at, rows, trace)
    trace.append(told(rows, occasion))
    index_ids(unit, item, facts, ticket, [row.message_id for row in rows])


def keep_among_consultants(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, standing: Standing, trace: list[Step]
) -> None:
    """Write a mail down where only consultants see it, and tell them; it moves nothing."""
    row = course.add_comment(unit, ticket, remark_of(item, sender, Visibility.INTERNAL, standing))
    hear(unit, item, ticket, sender)
    words = words_of(item, sender, internal=True, unconfirmed=standing is not Standing.CONFIRMED)
    tell(unit, item, facts, ticket, Occasion.NOTE, words, trace, silent=True)
    facts.said(row)


def told(rows: Sequence[OutboxRow], why: str) -> Step:
    """Return who was told of it, as an explanation says it."""
    return Step("notify", ", ".join(f"{row.notification} to {row.recipient}" for row in rows) or "nobody", why)


def index_ids(unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sent: list[str]) -> None:
    """Index the mail's own id on the ticket, unless it stands there already, and let the batch know all ids."""
    own = item.message.message_id
    fresh = own and ticket.number not in facts.known_ids.get(own, ())
    if fresh:
        threads.remember_ids(unit.session, ticket.number, [own])
    facts.remember(ticket.number, ticket, [*sent, own] if fresh else sent)
