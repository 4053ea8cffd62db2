"""A word of the customer's side on a ticket: what it is worth, what it moves, who is told (RELIABILITY 3.5).

A participant's word moves the ticket. A word of somebody who may not take part is kept, marked, shown to the
consultants and moves nothing; some of them wait for an answer. Called by `conversation`.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.desk.notify import Occasion
from helpdesk.desk.rights import Ground, Rights, Writer, rights_of
from helpdesk.desk.rules.ruleset import Others
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.desk.sentences import say as sentence
from helpdesk.desk.terms import Standing, Step, Visibility
from helpdesk.desk.vouching import QuestionKind
from helpdesk.mail.message import MessageKind
from helpdesk.services import authors, course, vouching, wakening
from helpdesk.services.desk import Desk, Unit, Witness
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import hear, index_ids, remark_of, tell, words_of
from helpdesk.store.tables import CommentRow, TicketRow

_ORDINARY = (Ground.PARTICIPANT, Ground.COLLEAGUE)


def say(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, trace: list[Step], *, certain: bool
) -> str:
    """Write the mail down as a comment, move the ticket, tell people; return the reason word.

    `certain`: there is no doubt that it belongs to this ticket; else it moves nothing, whoever wrote it.
    """
    rights = rights_on(unit.desk, item, facts, ticket, sender, certain=certain)
    confirmed = rights.standing is Standing.CONFIRMED
    trace.append(Step("standing", rights.standing.value, sentence(rights.ground)))
    reason = "" if rights.ground in _ORDINARY else rights.ground.value
    remark = replace(remark_of(item, sender, Visibility.PUBLIC, rights.standing), standing_reason=reason)
    row = course.add_comment(unit, ticket, remark)
    hear(unit, item, ticket, sender)
    previous = facts.previous.get(ticket.number, [])
    reopened = False
    thanks = confirmed and wakening.says_only_thanks(unit, item, facts, ticket, sender)
    if confirmed:
        authors.let_in(unit, item, ticket, facts.participants[ticket.number], sender)
        reopened = wakening.move(unit, item, ticket, sender, trace, thanks=thanks)
    doubt = rights.ground if reason else None
    words = replace(words_of(item, sender, unconfirmed=not confirmed, reopened=reopened), doubt=doubt, thanks=thanks)
    occasion = Occasion.CUSTOMER_WORDS if confirmed else Occasion.UNCONFIRMED_WORDS
    silent = _is_silent(item)
    stranger = sender.role is Role.STRANGER and sender.proof is not Proof.AUTHENTICATED
    neutral = stranger and ticket.organisation is None  # else anybody could have us send their words to third persons
    tell(unit, item, facts, ticket, occasion, words, trace, silent=silent, neutral=neutral)
    if not silent:
        ask(unit, item, facts, ticket, row, rights, trace)
    facts.previous[ticket.number] = previous
    facts.said(row)
    if thanks:
        return "thanks"
    return "reply" if confirmed else "held_for_contact" if rights.standing is Standing.HELD else "unconfirmed_author"


def _is_silent(item: Understood) -> bool:
    """Return whether the customer's side is told nothing: a machine wrote it, or the operator asked for silence."""
    return item.entry.silent or item.classification.kind is not MessageKind.PERSONAL


def rights_on(
    desk: Desk, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, *, certain: bool
) -> Rights:
    """Return what the sender's words are worth on a ticket, and who must be asked about them."""
    witnessed = desk.witnesses.get(item.entry.mailbox, Witness()).profile != "none"
    takes_part = facts.takes_part(ticket.number, sender.person.addr)
    rights = rights_of(Writer(sender.proof, takes_part, others_for(desk, ticket, sender), witnessed, certain))
    nobody = not vouching.contact_for(desk, ticket)
    if rights.ask is QuestionKind.COLLEAGUE and (nobody or _is_silent(item)):
        return Rights(Standing.UNCONFIRMED, Ground.CONTACTS_ONLY)
    return rights


def others_for(desk: Desk, ticket: TicketRow, sender: Sender) -> Others | None:
    """Return the rule for this colleague of the ticket's customer, None for anybody else; contacts are let in."""
    organisation = desk.rules.organisations.get(sender.organisation or "")
    if organisation is None or sender.organisation != ticket.organisation:
        return None
    return Others.ALLOW if sender.person.addr in organisation.contacts else organisation.others


def ask(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, row: CommentRow, rights: Rights, trace: list[Step]
) -> None:
    """Ask whoever decides about the words, or send their author to the contact."""
    contact = vouching.contact_for(unit.desk, ticket)
    letter = None
    if rights.ask is QuestionKind.COLLEAGUE:
        letter = vouching.ask_contact(unit, ticket, row, contact)
    elif rights.ask is QuestionKind.AUTHORSHIP:
        letter = vouching.challenge(unit, ticket, row)
    elif rights.turned is not None:
        letter = vouching.turn_away(unit, ticket, row, contact, rights.turned)
    elif rights.ask is None:
        return
    told = f"{letter.notification} to {letter.recipient}" if letter else "nobody again"
    trace.append(Step("ask", told, "at most one question waits, and one letter of a kind goes out in a day"))
    index_ids(unit, item, facts, ticket, [letter.message_id] if letter else [])
