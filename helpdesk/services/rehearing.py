"""A consultant's mail that nothing proved, heard again as its owner's own, since they said that it is.

Called by `answers`. The mail goes the way that it would have gone with proof: commands are carried out or refused,
words go to the customer or stay among consultants.
"""

from __future__ import annotations

from helpdesk.desk.rights import Ground
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.desk.terms import Standing, Step
from helpdesk.desk.thread import thread_hints
from helpdesk.mail.authentication import Authentication, Verdict
from helpdesk.mail.classify import classify
from helpdesk.mail.parse import parse_message
from helpdesk.services import conversation
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Understood, gather
from helpdesk.store import journal, tickets
from helpdesk.store.claims import ClaimedEntry
from helpdesk.store.tables import CommentRow, QuestionRow, TicketRow


def hear_again(unit: Unit, ticket: TicketRow, question: QuestionRow, owner: Sender, trace: list[Step]) -> str:
    """Take the mail in question down its way as its owner's own; return the reason word."""
    row = unit.session.get(CommentRow, question.comment)
    item = _again(unit, row) if row is not None else None
    if row is None or item is None:
        return "nothing_to_carry_out"
    entry, row.entry = row.entry, None  # one mail is one comment: this one makes room
    row.standing, row.standing_reason = Standing.CONFIRMED, Ground.OWNER_SAID_YES
    unit.session.flush()
    facts = gather(unit.session, [item], unit.now, unit.desk.consultants)
    sender = Sender(owner.person, Role.CONSULTANT, Proof.CHALLENGED, detail=f"entry {entry}")
    reason = conversation.comment(unit, item, facts, ticket, sender, trace)
    unit.session.flush()
    _replace(unit, question, row, entry)
    return reason


def _again(unit: Unit, row: CommentRow) -> Understood | None:
    entry = journal.entry(unit.session, row.entry) if row.entry is not None else None
    raw = journal.raw(unit.session, entry.id or 0) if entry is not None else None
    if entry is None or not raw:  # nothing is left of one that was erased
        return None
    claimed = ClaimedEntry(
        entry.id or 0, entry.mailbox, entry.delivered_at, entry.taken_at, 1, entry.silent, entry.truncated, raw
    )
    message = parse_message(raw)
    desk, nothing = unit.desk, Authentication(Verdict.NONE, "challenged")
    hints = thread_hints(message, desk.prefixes)
    return Understood(claimed, message, classify(message, desk.identity), nothing, hints, again=True)


def _replace(unit: Unit, question: QuestionRow, row: CommentRow, entry: int | None) -> None:
    """Let the comment that the mail became now stand in place of the unproven one, if it became any."""
    fresh = tickets.comment_of_entry(unit.session, entry) if entry is not None else None
    if fresh is None:
        row.entry = entry
    else:
        question.comment = fresh.id or question.comment
        unit.session.flush()
        tickets.drop_attachments(unit.session, row.id or 0)
        unit.session.delete(row)
    unit.session.flush()
