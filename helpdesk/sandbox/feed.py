"""What goes on at the desk while somebody tries it by hand: one line for each mail in, each mail out."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.desk.terms import EntryState, OutboxState
from helpdesk.premises import Premises
from helpdesk.store import journal, outbox, tickets
from helpdesk.store.unit_of_work import Session

_ON_ITS_WAY = (OutboxState.QUEUED, OutboxState.SENDING)
_LOOK_BACK = 50  # so many of the newest are looked at each time


class Feed:
    """Knows what was told already; what was there when it began counts as told."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._told: set[tuple[str, object, object]] = set()
        self.news()

    def news(self) -> list[str]:
        """Return what is new since the last call, as lines."""
        with self._premises.database.read() as session:
            found = [*self._mails_in(session), *self._mails_out(session)]
        fresh = [line for what, line in found if what not in self._told]
        self._told.update(what for what, _ in found)
        return fresh

    def _mails_in(self, session: Session) -> Iterator[tuple[tuple[str, object, object], str]]:
        for row in reversed(journal.entries(session, mailbox=None, state=None, limit=_LOOK_BACK)):
            if row.state is not EntryState.RECEIVED and row.disposition is not None:
                on = f" {self._key(session, row.ticket)}" if row.ticket else ""
                yield ("in", row.id, row.state), f"→ a mail to {row.mailbox}: {row.disposition}{on} ({row.reason})"

    def _mails_out(self, session: Session) -> Iterator[tuple[tuple[str, object, object], str]]:
        for row in reversed(outbox.listed(session, limit=_LOOK_BACK)):
            if row["state"] not in _ON_ITS_WAY:
                about = f"{row['notification']} {self._key(session, row['ticket'])}"
                why = f" ({row['reason']})" if row["reason"] else ""
                yield ("out", row["id"], row["state"]), f"← {about} to {row['recipient']}: {row['state']}{why}"

    def _key(self, session: Session, number: int | None) -> str:
        row = tickets.ticket(session, number) if number is not None else None
        return self._premises.desk.key_of(row) if row is not None else ""
