"""A mail that belongs to a ticket: whose word it is, what it moves, who is told.

A participant's word moves the ticket. A word of somebody who may not take part is kept, marked, shown to the
consultants and moves nothing (RELIABILITY 3.5). A consultant's word goes to the customer only when it is proven
and answers a mail that carried the customer's words; else it stays among consultants.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.desk.commands import Block
from helpdesk.desk.lifecycle import Event
from helpdesk.desk.notify import Occasion
from helpdesk.desk.rights import Ground
from helpdesk.desk.rules.ruleset import Partner
from helpdesk.desk.sender import Role, Sender
from helpdesk.desk.terms import Standing, Step, Visibility
from helpdesk.mail.message import MessageKind
from helpdesk.mail.pictures import mark_pictures
from helpdesk.services import belonging, course, customers, drafts, forwarding, orders, proofs, quoting
from helpdesk.services.conflicts import meanwhile
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.errands import Errand, is_too_large
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import first_remark, index_ids, keep_among_consultants, remark_of, tell, told, words_of
from helpdesk.store import tickets
from helpdesk.store.tables import OutboxRow, TicketRow


def comment(
    unit: Unit,
    item: Understood,
    facts: Facts,
    ticket: TicketRow,
    sender: Sender,
    trace: list[Step],
    *,
    certain: bool = True,
) -> str:
    """Write the mail down as a comment, move the ticket, tell people; return the reason word.

    `certain`: there is no doubt that it belongs to this ticket; else it moves nothing, whoever wrote it.
    """
    if sender.role is Role.CONSULTANT:
        return _consultants_word(unit, item, facts, ticket, sender, trace)
    item = quoting.folded(item, facts, ticket)
    if partner := unit.desk.rules.partner_of(sender.person.addr):
        return _partners_word(unit, item, facts, ticket, sender, partner, trace)
    return customers.say(unit, item, facts, ticket, sender, trace, certain=certain)


def _consultants_word(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, trace: list[Step]
) -> str:
    public = (
        sender.proven and item.classification.kind is MessageKind.PERSONAL and _answers_customer(unit.desk, item, facts)
    )
    text, message = quoting.own_words(unit, item, facts), item.message
    if quoting.commands_in(unit, item, text).text:  # a picture below bare commands is a signature's
        text = mark_pictures(text, message.html, message.attachments)
    asked: list[OutboxRow] = []
    if item.classification.kind is MessageKind.PERSONAL and not item.entry.silent:
        errand = _errand(unit, item, facts, ticket, sender, public, quoting.commands_in(unit, item, text))
        if ordered := _ordered(errand):
            return _obey(ordered, trace)
        if errand.block.present:
            asked = _refuse(errand, trace)
    public = public and bool(text or item.message.attachments)
    standing = Standing.CONFIRMED if sender.proven else Standing.UNCONFIRMED
    visibility = Visibility.PUBLIC if public else Visibility.INTERNAL
    trace.append(Step("standing", f"{visibility}, {standing}", _why_so(sender, public)))
    doubt = None if sender.proven else Ground.CONSULTANT_UNPROVEN
    remark = replace(remark_of(item, sender, visibility, standing), standing_reason=doubt or "")
    row = course.add_comment(unit, ticket, replace(remark, new_text=text or remark.new_text))
    proofs.remember(unit, ticket, row, asked)
    if public:
        course.move(unit, ticket, Event.CONSULTANT_COMMENT, sender.person, at=item.entry.delivered_at)
        trace.append(Step("lifecycle", ticket.state.value, "a consultant's public word"))
    words = words_of(item, sender, internal=not public, unconfirmed=not sender.proven)
    words = replace(words, text=text or ("" if public else words.text), doubt=doubt)
    occasion = Occasion.CONSULTANT_WORDS if public else Occasion.NOTE
    tell(unit, item, facts, ticket, occasion, words, trace, silent=item.entry.silent)
    facts.said(row)
    if public:
        return "consultant_reply"
    return "consultant_note" if sender.proven else "consultant_unproven"


def _partners_word(
    unit: Unit,
    item: Understood,
    facts: Facts,
    ticket: TicketRow,
    sender: Sender,
    partner: Partner,
    trace: list[Step],
) -> str:
    """Keep what a partner writes among the consultants; it moves nothing."""
    standing, why = forwarding.standing(ticket, sender, partner)
    trace.append(Step("standing", f"{Visibility.INTERNAL}, {standing}", why))
    keep_among_consultants(unit, item, facts, ticket, sender, standing, trace)
    return "partner_reply"


def _errand(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, public: bool, block: Block
) -> Errand:
    files = ", ".join(one.name for one in item.message.attachments)
    remark = replace(first_remark(item, sender, Visibility.INTERNAL), new_text=block.text or files)
    return Errand(unit, item, facts, ticket, sender, block, public, remark)


def _ordered(errand: Errand) -> Errand | None:
    """Return what is carried out or refused as a whole; None for words alone, or if nothing proves who wrote them."""
    if not errand.sender.proven:
        return None
    if waiting := drafts.taken_up(errand):
        return waiting
    return errand if errand.block.present or is_too_large(errand) or meanwhile(errand) else None


def _refuse(errand: Errand, trace: list[Step]) -> list[OutboxRow]:
    """Refuse commands that nothing proves; return the letter that asks whether they are theirs, if there is one."""
    trace.append(Step("commands", "refused", "nothing proves that a consultant wrote them"))
    receipts, challenged = proofs.refuse(errand)
    index_ids(errand.unit, errand.item, errand.facts, errand.ticket, [row.message_id for row in receipts])
    return receipts if challenged else []


def _obey(errand: Errand, trace: list[Step]) -> str:
    """Let the commands be carried out, and the batch know what that changed."""
    unit, item, facts, ticket = errand.unit, errand.item, errand.facts, errand.ticket
    reason, rows = orders.obey(errand)
    trace.append(Step("commands", reason, "; ".join(one.line for one in errand.block.commands) or "none understood"))
    unit.session.flush()
    facts.participants[ticket.number] = tickets.participants(unit.session, ticket.number)
    trace.append(told(rows, reason))
    index_ids(unit, item, facts, ticket, [row.message_id for row in rows])
    return reason


def _why_so(sender: Sender, public: bool) -> str:
    if public:
        return f"a proven consultant answers a mail with the customer's words ({sender.proof}: {sender.detail})"
    if not sender.proven:
        return f"From names a consultant, nothing proves it ({sender.proof}): never shown to the customer"
    return "the mail answers none that carried the customer's words: it stays among consultants"


def _answers_customer(desk: Desk, item: Understood, facts: Facts) -> bool:
    """The nearest mail of ours that this one answers decides whether its words are meant for the customer.

    Whoever wrote to an address for notes meant a note, whatever the mail answers.
    """
    if belonging.is_to_note_address(desk, item):
        return False
    return next((letter.answers_customer for letter in facts.answered(item)), False)
