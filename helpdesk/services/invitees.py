"""What calendar programs answer to our invitations: accepted, declined, another time (RFC 5546 §3.2.3, §3.2.7).

Called by `line`. An answer never opens a ticket and never moves one: it is written down, and the consultants are told.
It counts only if it comes from who was invited, about the newest state of the visit; all else is only recorded, though
a note beside it reaches the consultants.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.desk.notify import Notification
from helpdesk.desk.sender import Proof, Sender
from helpdesk.desk.terms import NotificationKind, Person, Side, Standing, Step, Visibility
from helpdesk.desk.visit import LONGEST, SHORTEST, Answer, VisitNews, VisitState
from helpdesk.mail.calendar_answer import CalendarAnswer, Replier, answers_in
from helpdesk.mail.message import MessageKind
from helpdesk.services import course, invitations, letters
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import hear, index_ids, keep_among_consultants, remark_of
from helpdesk.services.wording import Words
from helpdesk.store import tickets
from helpdesk.store import visits as store
from helpdesk.store.tables import TicketRow, VisitGuestRow, VisitRow

_ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "DECLINED": Answer.DECLINED, "TENTATIVE": Answer.TENTATIVE}
_NEWS = {
    Answer.ACCEPTED: VisitNews.ACCEPTED,
    Answer.DECLINED: VisitNews.DECLINED,
    Answer.TENTATIVE: VisitNews.TENTATIVE,
}


def take(
    unit: Unit, item: Understood, facts: Facts, sender: Sender, trace: list[Step]
) -> tuple[str, int | None] | None:
    """Return the reason word and the ticket of a mail that answers an invitation, None if it is no such answer.

    A person's words beside an answer to somebody else's invitation are a mail like any other.
    """
    answers = answers_in(item.message.attachments)
    if not answers:
        return None
    visit = store.by_uid(unit.session, {answer.uid for answer in answers})
    if visit is None and _said(item, answers[0]):
        return None
    if visit is None:
        trace.append(Step("invitation", "unknown", "the calendar answers an invitation that is not ours"))
        return "calendar_answer_unknown", None
    answer = next(answer for answer in answers if answer.uid == visit.uid)
    ticket = facts.tickets.get(visit.ticket) or tickets.ticket(unit.session, visit.ticket, lock=True)
    assert ticket is not None, "a foreign key holds it"
    guest = _guest(unit, visit, answer, sender)
    problem = _problem(visit, answer, guest, sender)
    trace.append(Step("invitation", problem or "counts", f"{answer.method} of {sender.person.addr} for {visit.uid}"))
    if ticket.number not in facts.participants:
        facts.participants[ticket.number] = tickets.participants(unit.session, ticket.number)
    words = _said(item, answer)
    standing = Standing.UNCONFIRMED if problem else Standing.CONFIRMED
    if problem:
        course.note(unit, ticket, "visit_answer", sender.person, new=answer.method.lower(), reason=problem)
    if problem and answer.note:  # the mail's text may be a program's own, but this a person wrote
        said = replace(item, message=replace(item.message, new_text=words))
        keep_among_consultants(unit, said, facts, ticket, sender, standing, trace)
        return problem, ticket.number
    hear(unit, item, ticket, sender)
    if words:
        remark = replace(remark_of(item, sender, Visibility.INTERNAL, standing), new_text=words)
        facts.said(course.add_comment(unit, ticket, remark))
    sent = [] if problem or guest is None else _note(unit, item, ticket, visit, guest, answer, sender, words)
    index_ids(unit, item, facts, ticket, sent)
    return problem or "calendar_answer", ticket.number


def _guest(unit: Unit, visit: VisitRow, answer: CalendarAnswer, sender: Sender) -> VisitGuestRow | None:
    """Return who was invited and answers for themselves: the ATTENDEE of the calendar and From must be one person."""
    named = {unit.desk.person(replier.addr).addr for replier in answer.repliers}
    return store.guests_of(unit.session, visit).get(sender.person.addr) if sender.person.addr in named else None


def _problem(visit: VisitRow, answer: CalendarAnswer, guest: VisitGuestRow | None, sender: Sender) -> str:
    """Return why an answer is only recorded, "" if it counts.

    RFC 5546 §2.1.5: the higher SEQUENCE wins, then the later DTSTAMP. One that names no SEQUENCE is about the newest
    state if its time is the newest state's.
    """
    if sender.proof is Proof.REFUTED:
        return "calendar_answer_refuted"
    if guest is None:
        return "calendar_answer_uninvited"
    current = answer.starts_at is not None and _at(answer.starts_at, visit) == visit.starts_at
    outdated = answer.sequence < visit.sequence if answer.sequence is not None else not current
    older = guest.stamp is not None and answer.stamp is not None and answer.stamp < guest.stamp
    if outdated or older or visit.state is not VisitState.CONFIRMED:
        return "calendar_answer_outdated"
    return ""


def _note(
    unit: Unit,
    item: Understood,
    ticket: TicketRow,
    visit: VisitRow,
    guest: VisitGuestRow,
    answer: CalendarAnswer,
    sender: Sender,
    words: str,
) -> list[str]:
    """Write the answer down and tell the consultants of a customer's; return the ids of what was sent."""
    said = _ANSWERS.get(_replier(unit, answer, guest).partstat, Answer.NONE)
    news = VisitNews.COUNTERED if answer.method == "COUNTER" else _NEWS.get(said)
    guest.answer, guest.answered_at, guest.stamp = said, unit.now, answer.stamp
    course.note(unit, ticket, "visit_answer", sender.person, new=news or said, reason=f"entry {item.entry.id}")
    if news is None or guest.side is Side.CONSULTANT or item.entry.silent:
        return []
    proposed = _at(answer.starts_at, visit) if news is VisitNews.COUNTERED and answer.starts_at else None
    length = _length(answer) if proposed else None
    facts = invitations.facts_of(unit, visit, news, proposed=proposed, length=length)
    told = dict.fromkeys([visit.consultant, *([ticket.assignee] if ticket.assignee else []), *ticket.watchers])
    wanted = [Notification(NotificationKind.NOTICE_VISIT, unit.desk.person(addr)) for addr in told]
    author = Person(sender.person.name or guest.name, sender.person.addr)
    rows = letters.write(unit, ticket, wanted, Words(author, Side.CUSTOMER, words, visit=facts), item.cause)
    return [row.message_id for row in rows]


def _replier(unit: Unit, answer: CalendarAnswer, guest: VisitGuestRow) -> Replier:
    return next(each for each in answer.repliers if unit.desk.person(each.addr).addr == guest.addr)


def _length(answer: CalendarAnswer) -> timedelta | None:
    start, end = answer.starts_at, answer.ends_at
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return None
    return end - start if SHORTEST <= end - start <= LONGEST else None


def _at(at: datetime, visit: VisitRow) -> datetime:
    """Return the instant; one without a zone is meant on the clock that was invited to."""
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(visit.zone))


def _said(item: Understood, answer: CalendarAnswer) -> str:
    """Return what a person says beside the answer; what a program writes by itself is none."""
    by_a_person = item.classification.kind is MessageKind.PERSONAL
    return answer.note or (item.message.new_text.strip() if by_a_person else "")
