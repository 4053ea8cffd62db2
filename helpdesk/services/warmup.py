"""Warming up: a mail of our own goes down the line once and is taken back, before a customer's mail is claimed.

What the first mail would wait for (templates, parsers, prepared statements) is then loaded. A program that is ended
soon after its start would otherwise charge that wait to the oldest mail, which after three such ends is taken for a
killer and shunted (RELIABILITY 2.5).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from helpdesk.services import line
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.facts import gather
from helpdesk.services.process import understand
from helpdesk.store import journal
from helpdesk.store.claims import ClaimedEntry
from helpdesk.store.journal import NewEntry
from helpdesk.store.unit_of_work import Database

_MAIL = b"From: Jan <jan@warm-up.invalid>\r\nSubject: =?utf-8?q?=C5=BC?=\r\n\r\n<b>x</b>\r\n"


class _TakenBack(Exception):  # no error: the way out of a unit that must leave nothing behind
    """The unit of work has served its purpose."""


def warm_up(database: Database, desk: Desk, now: datetime) -> None:
    """Take a mail down the line in a transaction that is rolled back; nothing of it remains."""
    with suppress(_TakenBack), database.begin() as session:
        (number,) = journal.add_entries(session, [NewEntry("warm-up", None, None, now, _MAIL)], now)
        entry = ClaimedEntry(number, "warm-up", now, now, 1, silent=False, truncated=False, raw=_MAIL)
        item = understand(entry, desk)
        line.process_entry(Unit(session, desk, now), item, gather(session, [item], now))
        session.flush()
        raise _TakenBack
