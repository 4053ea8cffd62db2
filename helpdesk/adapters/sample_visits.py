"""Letters to nobody about visits: each piece of news that a template must have words for.

Called by `sample_letters`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from helpdesk.desk.letter import Letter
from helpdesk.desk.terms import NotificationKind
from helpdesk.desk.visit import Answer, VisitFacts, VisitLine, VisitNews, VisitState

VISIT_LETTERS = frozenset(
    {
        NotificationKind.CONSENT,
        NotificationKind.INVITATION,
        NotificationKind.INVITATION_CANCELLED,
        NotificationKind.NOTICE_VISIT,
    }
)
_TEN = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
_VISIT = VisitLine(
    key="DYN-482135",
    subject="Faktury <korygujące> znikają z listy",
    customer="ACME",
    starts_at=_TEN,
    ends_at=_TEN + timedelta(minutes=90),
    remote=True,
    place="Teams",
    consultant="anna@helpdesk.example",
    state=VisitState.CONFIRMED,
    answer=Answer.NONE,
    zone="Europe/Warsaw",
)
VISITS = (
    replace(_VISIT, state=VisitState.PROPOSED),
    *(replace(_VISIT, subject="", remote=False, place="", answer=answer) for answer in Answer),
)
_NEWS = {
    NotificationKind.CONSENT: (VisitNews.PROPOSED,),
    NotificationKind.INVITATION: (VisitNews.INVITED, VisitNews.CONSENTED, VisitNews.MOVED),
    NotificationKind.INVITATION_CANCELLED: (VisitNews.CANCELLED,),
    NotificationKind.NOTICE_VISIT: tuple(VisitNews),
}


def with_visit(letter: Letter) -> Letter:
    """Return the letter as it is about a visit: without words and files, which it seldom has."""
    visit = VisitFacts(
        starts_at=_TEN,
        ends_at=_TEN + timedelta(minutes=90),
        remote=True,
        place="Teams",
        consultant="Anna Nowak",
        news=_NEWS[letter.kind][0],
    )
    return replace(letter, text="", enclosures=(), previous=(), visit=visit)


def visit_letters(full: Letter) -> Iterator[Letter]:
    """Yield a letter for each piece of news, on site and remote; the customer's other time with their words."""
    visit = full.visit
    assert visit is not None
    for news in _NEWS[full.kind]:
        moved = _TEN - timedelta(days=1) if news is VisitNews.MOVED else None
        proposed = _TEN + timedelta(days=1) if news is VisitNews.COUNTERED else None
        command = "2026-11-26 10:00 90m remote Teams" if proposed else ""
        told = replace(visit, news=news, moved_from=moved, proposed=proposed, command=command)
        words = "W środę mam inwentaryzację." if proposed else ""
        yield replace(full, visit=told, text=words)
        yield replace(full, visit=replace(told, remote=False, place="ul. Wzorcowa 1, Łódź", command=""))
