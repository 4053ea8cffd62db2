"""Questions that nobody answered in time: what waited for them stays among consultants, with notice.

Called by `timers`; `agenda` shows what will lapse and when.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from helpdesk.desk.rights import Ground
from helpdesk.desk.vouching import QuestionKind, QuestionState
from helpdesk.services import verdicts
from helpdesk.services.desk import Clock, Desk, Unit
from helpdesk.store import questions, tickets
from helpdesk.store.tables import TicketRow
from helpdesk.store.unit_of_work import Database, Session

SILENT = {QuestionKind.COLLEAGUE: Ground.CONTACT_SILENT, QuestionKind.AUTHORSHIP: Ground.OWNER_SILENT}
_WHY = {
    QuestionKind.COLLEAGUE: "{asked} is asked whether {author} may take part; without an answer the words stay out",
    QuestionKind.AUTHORSHIP: "{asked} is asked whether a mail is theirs; without an answer it stays unconfirmed",
}


def lapse_questions(database: Database, desk: Desk, clock: Clock) -> int:
    """Let the questions lapse whose time is over; return how many did."""
    now = clock()
    with database.read() as session:
        due = [(row.id or 0, ticket) for row, ticket in questions.waiting(session) if row.lapses_at <= now]
    return sum(_lapse(database, desk, now, identifier, ticket) for identifier, ticket in due)


def planned(session: Session) -> Iterator[tuple[datetime, TicketRow, str]]:
    """Yield when each open question lapses, its ticket, and what is asked."""
    waiting = questions.waiting(session)
    rows = tickets.by_number(session, {ticket for _, ticket in waiting})
    for question, ticket in waiting:
        yield question.lapses_at, rows[ticket], _WHY[question.kind].format(asked=question.asked, author=question.author)


def _lapse(database: Database, desk: Desk, now: datetime, identifier: int, number: int) -> int:
    with database.begin() as session:
        unit = Unit(session, desk, now)
        ticket = tickets.ticket(session, number, lock=True)
        question = questions.question(session, identifier)
        if ticket is None or question is None or question.state is not QuestionState.OPEN:
            return 0  # it was answered since it was looked at
        words = [row for row in verdicts.words_of(unit, question) if row.ticket == number]
        verdicts.settle(unit, question, SILENT[question.kind])
        verdicts.leave_out(unit, ticket, words, SILENT[question.kind], None)
        return 1
