"""A yes or no by mail that decides what words are worth: the contact's about a colleague, an owner's about their own.

Called by `line` before a mail is looked at in any other way. Only an answer to the very letter that asks counts, or one
to its signed address, and only from the address that was asked: the letter went to nobody else (RELIABILITY 3.5).
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.desk.rights import Ground
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.desk.sentences import say
from helpdesk.desk.terms import NotificationKind, Side, Standing, Step, Visibility
from helpdesk.desk.tokens import TokenRole, Trust
from helpdesk.desk.vouching import QuestionKind, QuestionState, read_answer
from helpdesk.mail.message import MessageKind
from helpdesk.services import belonging, course, rehearing, verdicts
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import index_ids, remark_of
from helpdesk.store import questions, tickets
from helpdesk.store.tables import CommentRow, OutboxRow, QuestionRow, TicketRow

_GROUNDS = {
    (QuestionKind.COLLEAGUE, True): Ground.CONTACT_SAID_YES,
    (QuestionKind.COLLEAGUE, False): Ground.CONTACT_SAID_NO,
    (QuestionKind.AUTHORSHIP, True): Ground.OWNER_SAID_YES,
    (QuestionKind.AUTHORSHIP, False): Ground.OWNER_SAID_NO,
}
_ASKING = (NotificationKind.ASK_CONTACT, NotificationKind.CHALLENGE, NotificationKind.RECEIPT)
_ROLES = {TokenRole.DECISION: QuestionKind.COLLEAGUE, TokenRole.CHALLENGE: QuestionKind.AUTHORSHIP}


def take_answer(
    unit: Unit, item: Understood, facts: Facts, sender: Sender, trace: list[Step]
) -> tuple[str, int | None] | None:
    """Return the reason word and the ticket of a mail that answers a question, None if it answers none.

    A mail that says neither yes nor no, or comes too late, is a word like any other.
    """
    if item.classification.kind is not MessageKind.PERSONAL or sender.proof is Proof.REFUTED:
        return None
    question = _asked_by(unit, item, facts, sender)
    if question is None or question.asked != sender.person.addr:
        return None
    answer = read_answer(item.message.new_text)
    if answer is None or question.state is not QuestionState.OPEN:
        why = "it says neither yes nor no" if answer is None else f"the question was settled before: {question.state}"
        trace.append(Step("answer", "to no question", why))
        return None
    ground = _GROUNDS[question.kind, answer]
    trace.append(Step("answer", "yes" if answer else "no", say(ground)))
    return _settle(unit, item, facts, sender, question, ground, trace)


def _asked_by(unit: Unit, item: Understood, facts: Facts, sender: Sender) -> QuestionRow | None:
    """Return the question that the mail answers: by the nearest mail of ours, else by the signed address it came to."""
    parent = next((identifier for identifier in item.hints.ancestors if identifier in facts.sent), None)
    if parent is not None:
        asks = facts.sent[parent].notification in _ASKING
        return next(iter(questions.of_mail(unit.session, [parent])), None) if asks else None
    for token in belonging.addressed_tokens(unit.desk, item):
        if token.role in _ROLES and belonging.trust(unit.desk, facts, token) is Trust.VALID:
            asked = questions.open_to(unit.session, token.ticket, sender.person.addr, _ROLES[token.role])
            return asked[0] if len(asked) == 1 and unit.desk.keyring.names(token, sender.person.addr) else None
    return None


def _settle(
    unit: Unit,
    item: Understood,
    facts: Facts,
    sender: Sender,
    question: QuestionRow,
    ground: Ground,
    trace: list[Step],
) -> tuple[str, int | None]:
    """Let the answer take effect, and keep it on the ticket among consultants."""
    words = verdicts.words_of(unit, question)
    verdicts.settle(unit, question, ground)
    about = unit.session.get(CommentRow, question.comment)
    number = about.ticket if about else 0
    ticket = facts.tickets.get(number) or tickets.ticket(unit.session, number, lock=True)
    if ticket is None:
        return f"question_{ground}", None
    _keep(unit, item, facts, ticket, sender)
    if sender.role is Role.CONSULTANT and ground is Ground.OWNER_SAID_YES:
        index_ids(unit, item, facts, ticket, [])
        return rehearing.hear_again(unit, ticket, question, sender, trace), number
    rows = _consequence(unit, ticket, words, ground, sender)
    facts.participants[number] = tickets.participants(unit.session, number)
    index_ids(unit, item, facts, ticket, [row.message_id for row in rows])
    return ground.value, number


def _consequence(
    unit: Unit, ticket: TicketRow, words: list[CommentRow], ground: Ground, sender: Sender
) -> list[OutboxRow]:
    if ground in (Ground.CONTACT_SAID_YES, Ground.OWNER_SAID_YES):
        return verdicts.take_in(unit, ticket, words, ground, sender.person)
    return verdicts.leave_out(unit, ticket, words, ground, sender.person)


def _keep(unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender) -> None:
    side = Side.CONSULTANT if sender.role is Role.CONSULTANT else Side.CUSTOMER
    remark = replace(remark_of(item, sender, Visibility.INTERNAL, Standing.CONFIRMED), side=side)
    row = course.add_comment(unit, ticket, remark)
    facts.said(row)
