"""Replay: a mail that was shunted or held goes down the line again.

One that has no ticket yet takes the ordinary way. One that was shunted has a ticket made of the little that was
certain: replay fills that same ticket with what the mail says, and writes to nobody a second time.
"""

from __future__ import annotations

from helpdesk.desk.keys import plain_subject
from helpdesk.desk.terms import Disposition, Person, Step
from helpdesk.services import course, line, process
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.enclosures import mail_attachments
from helpdesk.services.facts import Understood
from helpdesk.services.line import Outcome
from helpdesk.services.process import Clock
from helpdesk.store import claims, journal, threads, tickets
from helpdesk.store.tables import CommentRow, JournalRow
from helpdesk.store.unit_of_work import Database


def replay_entry(database: Database, desk: Desk, clock: Clock, identifier: int) -> str:
    """Take an entry down the line again; return a sentence when there is nothing to replay, else ""."""
    with database.begin() as session:
        row = journal.entry(session, identifier)
        if row is None:
            return f"there is no journal entry {identifier}"
        state, ticket = row.state, row.ticket
        owner = f"replay-{identifier}"
        if claims.reopen(session, identifier, owner, database.lease_clock(session) + process.LEASE) is None:
            return f"entry {identifier} is {state}: only shunted and held mail can be replayed"
    if ticket is None:
        process.process_batch(database, desk, clock, owner, only=[identifier], released=True)
        return ""
    _fill(database, desk, clock, owner, identifier)
    return ""


def _fill(database: Database, desk: Desk, clock: Clock, owner: str, identifier: int) -> None:
    with database.begin() as session:
        now = database.lease_clock(session)
        claimed = claims.claim(session, owner, now, process.LEASE, limit=1, max_bytes=0, only=[identifier])
    item = process.understand(claimed[0], desk)
    with database.begin() as session:
        unit, row = Unit(session, desk, clock()), claims.rows_for_work(session, [identifier], owner)[identifier]
        if not item.failure:
            _rewrite(unit, row, item)
            _own(unit, item)
        process.close_entry(unit, item, _outcome(unit, row, item))


def _own(unit: Unit, item: Understood) -> None:
    """Let a second copy of the mail be known as one: so far only what could be read of it was."""
    identity = line.identity_of(unit, item)
    if identity not in journal.owners_of(unit.session, [identity[0]]):
        journal.own(unit.session, identity, item.entry.id)


def _rewrite(unit: Unit, row: JournalRow, item: Understood) -> None:
    """Put the mail's own words where the minimal path left a notice."""
    ticket = tickets.ticket(unit.session, row.ticket or 0, lock=True)
    comment = tickets.comment_of_entry(unit.session, row.id or 0)
    if ticket is None or comment is None:
        return
    _rewrite_comment(unit, comment, item)
    if _opened(unit, row):
        subject = plain_subject(item.message.subject, unit.desk.prefixes)
        ticket.subject = subject[: course.MAX_SUBJECT] or ticket.subject
        ticket.root_message_id = item.message.message_id
    by = Person("", "operator")
    course.note(unit, ticket, "replayed", by, reason=f"entry {row.id} could be read now")


def _rewrite_comment(unit: Unit, comment: CommentRow, item: Understood) -> None:
    message = item.message
    comment.text, comment.new_text, comment.html = message.text, message.new_text, message.html
    if message.message_id and not comment.message_id:
        threads.remember_ids(unit.session, comment.ticket, [message.message_id])
    comment.message_id = message.message_id
    tickets.drop_attachments(unit.session, comment.id or 0)
    unit.session.add_all(mail_attachments(comment.id or 0, message.attachments))


def _opened(unit: Unit, row: JournalRow) -> bool:
    """Return whether the mail is the first word of its ticket."""
    return tickets.comments_of(unit.session, row.ticket or 0)[0].entry == row.id


def _outcome(unit: Unit, row: JournalRow, item: Understood) -> Outcome:
    reason = "still unreadable" if item.failure else "replayed"
    trace = (Step("replay", reason, "a person asked for it"),)
    disposition = Disposition.OPENED if _opened(unit, row) else Disposition.COMMENTED
    return Outcome(item.entry.id, disposition, reason, row.ticket, trace)
