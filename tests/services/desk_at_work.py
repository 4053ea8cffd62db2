"""A desk at work in this process: a real database, real rules, real templates, a clock that tests turn.

Mail comes in as bytes and goes out as bytes; only the servers are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from helpdesk.adapters.templates import TemplateRenderer
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import OutboxState, Person
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.line import Outcome
from helpdesk.services.process import process_batch
from helpdesk.services.replay import replay_entry
from helpdesk.store import journal, tickets
from helpdesk.store.journal import NewEntry
from helpdesk.store.tables import (
    AttachmentRow,
    CommentRow,
    HistoryRow,
    JournalRow,
    LinkRow,
    OutboxRow,
    ParticipantRow,
    TicketRow,
)
from helpdesk.store.unit_of_work import Database
from tests.services.mails import DYNAMICS, PROPHIX

TUESDAY = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 12:00 in Warsaw
RULES = f"""\
version: 1
timezone: Europe/Warsaw
desk: {{ name: Centrum Wsparcia, admin: [admin@desk.example.org], phone: "+48 22 000 00 00", footer: "Przykład SA" }}
calendars:
  cwt: {{ hours: {{ mon-fri: "09:00-17:00" }}, holidays: PL, receipt: next_business_day }}
plans:
  GOLD: {{ calendar: cwt, reaction: 4h, mail: all }}
queues:
  DYNAMICS: {{ prefix: DYN, addresses: [{DYNAMICS}], from_name: Pomoc DYNAMICS, calendar: cwt, languages: [pl, en],
              consultants: [anna@desk.example.org, piotr@desk.example.org] }}
  PROPHIX: {{ prefix: PRO, addresses: [{PROPHIX}], from_name: Pomoc PROPHIX, calendar: cwt, languages: [pl],
             consultants: [ola@desk.example.org] }}
consultants:
  anna@desk.example.org: {{ name: Anna Nowak, language: pl, aliases: [a.nowak@private.example.org] }}
  piotr@desk.example.org: {{ name: Piotr Lis, language: en }}
  ola@desk.example.org: {{ name: Ola Gil, language: pl }}
organisations:
  ACME: {{ domains: [acme.test], plan: GOLD, contacts: [jan@acme.test] }}
  STRICT: {{ domains: [strict.test], plan: GOLD, contacts: [boss@strict.test], others: refuse }}
"""


@cache
def rules_of(text: str) -> Rules:
    """Return the rules of a text; they are frozen, so one reading serves all tests."""
    return load_rules(text)


@cache
def shipped_words() -> TemplateRenderer:
    """Return the renderer of the shipped templates, each compiled once."""
    return TemplateRenderer()


class DeskAtWork:
    """Mail in with `receive`, mail out in `letters`; `now` is the time, and `wait` lets it pass."""

    def __init__(
        self, database: Database, more_rules: str = "", templates: Path | None = None, **settings: Any
    ) -> None:
        self.database, self.now = database, TUESDAY
        database.lease_clock = lambda _: self.now
        self.desk = Desk(
            instance="desk.example.org",
            rules=rules_of(RULES + more_rules),
            renderer=TemplateRenderer([templates]) if templates else shipped_words(),
            mailbox_queues={"dynamics": "DYNAMICS", "prophix": "PROPHIX"},
            **settings,
        )

    def clock(self) -> datetime:
        return self.now

    def wait(self, **span: int) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def receive(
        self, *raws: bytes, mailbox: str = "dynamics", delivered_at: datetime | None = None, silent: bool = False
    ) -> list[Outcome]:
        """Take mails in as one batch and work them off; return what became of each, in order."""
        self.journal(*raws, mailbox=mailbox, delivered_at=delivered_at, silent=silent)
        return sorted(self.process(), key=lambda outcome: outcome.entry)

    def journal(
        self, *raws: bytes, mailbox: str = "dynamics", delivered_at: datetime | None = None, silent: bool = False
    ) -> list[int]:
        """Take mails in without working them off."""
        entries = [NewEntry(mailbox, None, None, delivered_at or self.now, raw, silent=silent) for raw in raws]
        with self.database.begin() as session:
            return journal.add_entries(session, entries, self.now)

    def process(self) -> list[Outcome]:
        """Work off all that waits."""
        outcomes: list[Outcome] = []
        while batch := process_batch(self.database, self.desk, self.clock, "worker"):
            outcomes += batch
        return outcomes

    def release(self, entry: int) -> list[Outcome]:
        """Let an entry out of quarantine and work it off."""
        return process_batch(self.database, self.desk, self.clock, "worker", only=[entry], released=True)

    def replay(self, entry: int) -> str:
        return replay_entry(self.database, self.desk, self.clock, entry)

    def act(self, action: Callable[..., Done], number: int, text: str = "", *words: str, **how: Any) -> Done:
        """Let Anna (or `by`) do something to a ticket, as a command would."""
        by = how.pop("by", Person("Anna Nowak", "anna@desk.example.org"))
        with self.database.begin() as session:
            row = tickets.ticket(session, number)
            assert row is not None
            return action(Unit(session, self.desk, self.now), row, Act(by, text, **how), *words)

    def rows(self, table: type[Any], **wanted: Any) -> list[Any]:
        """Return rows by the values of their columns, in the order in which they were written."""
        with self.database.read() as session:
            statement = select(table).filter_by(**wanted).order_by(*table.__table__.primary_key.columns)
            return list(session.exec(statement))

    @property
    def tickets(self) -> list[TicketRow]:
        return self.rows(TicketRow)

    def ticket(self, number: int | None = None) -> TicketRow:
        """Return a ticket; the only one there is, if no number is given."""
        [row] = self.rows(TicketRow) if number is None else self.rows(TicketRow, number=number)
        assert isinstance(row, TicketRow)
        return row

    @property
    def comments(self) -> list[CommentRow]:
        return self.rows(CommentRow)

    def attachments(self, comment: int | None) -> list[AttachmentRow]:
        return self.rows(AttachmentRow, comment=comment)

    def participants(self, number: int) -> set[str]:
        return {row.addr for row in self.rows(ParticipantRow, ticket=number)}

    def links(self) -> set[tuple[int, int]]:
        return {(row.ticket, row.other) for row in self.rows(LinkRow)}

    def history(self, number: int) -> list[str]:
        return [row.event for row in self.rows(HistoryRow, ticket=number)]

    def entry(self, identifier: int) -> JournalRow:
        [row] = self.rows(JournalRow, id=identifier)
        assert isinstance(row, JournalRow)
        return row

    def outbox(self, **wanted: Any) -> list[OutboxRow]:
        return self.rows(OutboxRow, **wanted)

    def told(self, since: int = 0) -> list[tuple[str, str]]:
        """Return (notification, recipient) of every mail that is to go out, sorted, without the `since` first ones."""
        with self.database.read() as session:
            rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id)).offset(since)).all()
        return sorted((row.notification.value, row.recipient) for row in rows if row.state is OutboxState.QUEUED)

    def letter(self, kind: str, recipient: str = "") -> EmailMessage:
        """Return the newest mail of that kind, to that person if one is named, as its reader's program parses it."""
        rows = [row for row in self.outbox() if row.notification == kind and recipient in ("", row.recipient)]
        parsed = message_from_bytes(rows[-1].content, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def under(self, **changes: Any) -> DeskAtWork:
        """Go on as a desk with other settings."""
        self.desk = replace(self.desk, **changes)
        return self


def text_of(letter: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def files_of(letter: EmailMessage) -> Mapping[str, bytes]:
    """Return the attachments of a mail by name."""
    return {str(part.get_filename()): bytes(part.get_payload(decode=True)) for part in letter.iter_attachments()}
