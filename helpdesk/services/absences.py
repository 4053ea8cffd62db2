"""Absences of consultants: said by `#away`, or by their out-of-office in answer to a notice of ours.

Called by `newmail` and `line`. An out-of-office counts for that day, and the notice that it answered goes on to who
stands in, so that no customer's words lie before an empty chair.
"""

from __future__ import annotations

from datetime import timedelta

from helpdesk.desk.deadlines import Stage
from helpdesk.desk.notify import Notification
from helpdesk.desk.rights import doubt_of
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.desk.spans import DateRange
from helpdesk.desk.terms import CLOCK, NotificationKind, Person, Side, Standing, Step, Visibility
from helpdesk.desk.workday import AbsenceSource
from helpdesk.mail.message import MessageKind
from helpdesk.services import causes, enclosures, letters, standins
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.wording import Words
from helpdesk.store import absences, notices, outbox, tickets
from helpdesk.store.outbox import SentMail
from helpdesk.store.tables import CommentRow, OutboxRow, TicketRow

_GO_ON = (NotificationKind.NOTICE_OPENED, NotificationKind.NOTICE_COMMENT, NotificationKind.NOTICE_DEADLINE)


def note(unit: Unit, consultant: str, days: DateRange, entry: int | None) -> None:
    """Write down that a consultant will be away."""
    absences.note(unit.session, consultant, days, AbsenceSource.COMMAND, entry, unit.now)
    unit.attendance.forget()


def call_off(unit: Unit, consultant: str) -> None:
    """Forget what is left of a consultant's absences; those of the rules stay."""
    absences.call_off(unit.session, consultant, unit.today)
    unit.attendance.forget()


def hear_auto_reply(unit: Unit, item: Understood, facts: Facts, sender: Sender, trace: list[Step]) -> list[OutboxRow]:
    """Take an automatic reply of a consultant's as an absence for its day; return the notices that went on.

    One that nothing proves counts only in answer to a notice of theirs: From alone is anybody's to write.
    """
    automatic = item.classification.kind is MessageKind.AUTO_REPLIED
    if not automatic or sender.role is not Role.CONSULTANT or sender.proof is Proof.REFUTED:
        return []
    addr, day = sender.person.addr, item.entry.delivered_at.astimezone(unit.desk.zone).date()
    answered = _answered(item, facts, addr)
    if not sender.proven and answered is None:
        trace.append(Step("absence", "nobody", "nothing proves that the automatic reply is theirs"))
        return []
    if unit.desk.is_away(addr, item.entry.delivered_at):
        trace.append(Step("absence", addr, f"away on {day}, as the rules have it"))
    else:
        absences.note(unit.session, addr, DateRange(day, day), AbsenceSource.AUTO_REPLY, item.entry.id, unit.now)
        unit.attendance.forget()
        trace.append(Step("absence", addr, f"an automatic reply from their own address: away on {day}"))
    if answered is None or item.entry.silent or day != unit.today:
        return []
    rows = _hand_on(unit, answered)
    told = ", ".join(row.recipient for row in rows) or "nobody: all who could stand in were told, or are away"
    trace.append(Step("stand-in", told, f"{answered.notification} found {addr} away"))
    return rows


def _answered(item: Understood, facts: Facts, addr: str) -> SentMail | None:
    """Return the notice of ours to this consultant that the reply answers."""
    theirs = (one for one in facts.answered(item) if one.recipient == addr)
    return next((one for one in theirs if one.notification in _GO_ON), None)


def _hand_on(unit: Unit, answered: SentMail) -> list[OutboxRow]:
    """Write the notice to those who stand in and have not had it; return the rows."""
    ticket = tickets.ticket(unit.session, answered.ticket) if answered.ticket is not None else None
    if ticket is None:
        return []
    cause = outbox.cause(unit.session, answered.id)
    words = _words(unit, ticket, answered, cause)
    if words is None:
        return []
    knowing = {*notices.recipients_of(unit.session, cause), words.author.addr}
    others = [person for person in _present(unit, ticket) if person.addr not in knowing]
    wanted = [Notification(answered.notification, person) for person in others]
    return letters.write(unit, ticket, wanted, words, cause)


def _present(unit: Unit, ticket: TicketRow) -> list[Person]:
    """Return who can take the notice up: who stands in, else those of the queue who are there."""
    queue = unit.desk.rules.queues.get(ticket.queue)
    others = standins.stand_ins(unit, ticket) or (queue.consultants if queue else ())
    return [unit.desk.person(addr) for addr in dict.fromkeys(others) if not unit.is_away(addr)]


def _words(unit: Unit, ticket: TicketRow, answered: SentMail, cause: str) -> Words | None:
    """Return what a notice was about: a deadline, somebody's words, or a ticket with its first words, if it has any."""
    stage = cause.rpartition(":")[2]
    if answered.notification is NotificationKind.NOTICE_DEADLINE and stage in tuple(Stage):
        return Words(CLOCK, Side.CONSULTANT, stage=Stage(stage))
    row = causes.words_of(unit.session, answered)
    if row is None and answered.notification is NotificationKind.NOTICE_OPENED:
        row = next(iter(tickets.comments_of(unit.session, ticket.number)), None)
    return _said(unit, row) if row is not None else None


def _said(unit: Unit, row: CommentRow) -> Words:
    return Words(
        Person(row.author_name, row.author_addr),
        row.side,
        row.new_text,
        enclosures.files_of(unit.session, row.id or 0),
        internal=row.visibility is Visibility.INTERNAL,
        unconfirmed=row.standing is not Standing.CONFIRMED,
        doubt=doubt_of(row.standing, row.standing_reason),
    )


def planned(unit: Unit, until_days: int) -> list[tuple[DateRange, str, str]]:
    """Return the absences that begin within so many days or last: the days, whose, and how it is known."""
    horizon = unit.today + timedelta(days=until_days)
    by_mail = [
        (DateRange(row.first, row.last), row.consultant, _HOW[row.source])
        for row in absences.coming(unit.session, unit.today)
    ]
    by_rule = [
        (days, each.addr, "the rules")
        for each in unit.desk.rules.consultants.values()
        for days in each.away
        if days.last >= unit.today
    ]
    return sorted((each for each in [*by_mail, *by_rule] if each[0].first <= horizon), key=_order)


def _order(absence: tuple[DateRange, str, str]) -> tuple[object, ...]:
    days, who, how = absence
    return days.first, days.last, who, how


_HOW = {AbsenceSource.COMMAND: "#away", AbsenceSource.AUTO_REPLY: "an automatic reply"}
