"""Rows of the database as the JSON that CONTRACT names: keys, words and offsets as scripts rely on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.services.desk import Desk
from helpdesk.store import tickets
from helpdesk.store.tables import AttachmentRow, CommentRow, HistoryRow, JournalRow, SendAttemptRow, TicketRow
from helpdesk.store.unit_of_work import Session

PORTION = 1_000  # tickets in one question: a statement takes only so many parameters
TICKET_COLUMNS = ("key", "state", "priority", "queue", "requester", "subject", "assignee", "react_by", "waiting_since")


class Presenter:
    """Presents rows under one desk: its prefixes, its queues' zones."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ticket(
        self, row: TicketRow, participants: list[dict[str, str]], linked: list[dict[str, str]]
    ) -> dict[str, Any]:
        """Return a ticket as `tickets list` has it: without comments and history."""
        zone = self._zone(row.queue)
        times = ("created_at", "sent_at", "delivered_at", "received_at", "react_by", "reacted_at", "waiting_since")
        return {
            "key": self.desk.key_of(row),
            "queue": row.queue,
            "subject": row.subject,
            "state": row.state,
            "priority": row.priority,
            "kind": row.kind,
            "origin": row.origin,
            "organisation": row.organisation,
            "plan": row.plan,
            "requester": _person(row.requester_name, row.requester_addr),
            "participants": participants,
            "assignee": self._ours(row.assignee),
            "tags": row.tags,
            **{name: _local(getattr(row, name), zone) for name in times},
            "guarantee": {"holds": row.guarantee_holds, "reason": row.guarantee_reason},
            "resolved_at": _local(row.resolved_at, zone),
            "closed_at": _local(row.closed_at, zone),
            "linked": linked,
        }

    def tickets(self, session: Session, rows: list[TicketRow]) -> list[dict[str, Any]]:
        """Return tickets with their participants and links, asked for many at once."""
        portions = (rows[start : start + PORTION] for start in range(0, len(rows), PORTION))
        return [shown for portion in portions for shown in self._portion(session, portion)]

    def _portion(self, session: Session, rows: list[TicketRow]) -> list[dict[str, Any]]:
        numbers = [row.number for row in rows]
        people = tickets.participants_of(session, numbers)
        links = tickets.links_of(session, numbers)
        others = tickets.by_number(session, {one.other for found in links.values() for one in found})
        return [
            self.ticket(
                row,
                [_person(one.name, one.addr) for one in people[row.number].values()],
                [{"key": self.desk.key_of(others[one.other]), "why": one.why} for one in links[row.number]],
            )
            for row in rows
        ]

    def whole_ticket(self, session: Session, row: TicketRow) -> dict[str, Any]:
        """Return a ticket as `tickets show` has it."""
        zone = self._zone(row.queue)
        comments = tickets.comments_of(session, row.number)
        files = tickets.attachments_of(session, [comment.id or 0 for comment in comments])
        return {
            **self.tickets(session, [row])[0],
            "comments": [self._comment(one, files.get(one.id or 0, []), zone) for one in comments],
            "history": [self._history(one, zone) for one in tickets.history_of(session, row.number)],
        }

    def entries(self, session: Session, rows: Sequence[JournalRow]) -> list[dict[str, Any]]:
        """Return journal entries as `journal list` has them."""
        keys = self._keys(session, (row.ticket for row in rows))
        return [self._entry(row, keys.get(row.ticket)) for row in rows]

    def outgoing(self, session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return outbox rows as `outbox list` has them."""
        keys = self._keys(session, (row["ticket"] for row in rows))
        return [self._outgoing(row, keys.get(row["ticket"])) for row in rows]

    def _entry(self, row: JournalRow, key: str | None) -> dict[str, Any]:
        zone = self.desk.zone
        return {
            "entry": row.id,
            "mailbox": row.mailbox,
            "message_id": row.message_id or None,
            "delivered_at": _local(row.delivered_at, zone),
            "size": row.size,
            "state": row.state,
            "disposition": row.disposition,
            "reason": row.reason or None,
            "ticket": key,
            "message_kind": row.message_kind or None,
        }

    def _outgoing(self, row: dict[str, Any], key: str | None) -> dict[str, Any]:
        zone = self.desk.zone
        plain = ("notification", "recipient", "subject", "message_id", "state", "reason", "attempts", "code")
        return {
            "id": row["id"],
            "ticket": key,
            **{name: row[name] if row[name] != "" else None for name in plain},
            "next_attempt_at": _local(row["next_attempt_at"], zone),
            "created_at": _local(row["created_at"], zone),
            "sent_at": _local(row["sent_at"], zone),
        }

    def tries(self, rows: Sequence[SendAttemptRow]) -> list[dict[str, Any]]:
        """Return each try to hand a mail over."""
        return [
            {
                "attempt": row.attempt,
                "at": _local(row.at, self.desk.zone),
                "outcome": row.outcome,
                "code": row.code,
                "reply": row.reply or None,
            }
            for row in rows
        ]

    def _keys(self, session: Session, numbers: Iterable[int | None]) -> dict[int | None, str | None]:
        """Return the keys of tickets known by number alone, asked for all at once."""
        found = tickets.by_number(session, {number for number in numbers if number is not None})
        return {None: None} | {number: self.desk.key_of(row) for number, row in found.items()}

    def _zone(self, queue: str) -> ZoneInfo:
        return ZoneInfo(self.desk.queue_facts(queue).zone)

    def _ours(self, addr: str | None) -> dict[str, str] | None:
        if addr is None:
            return None
        person = self.desk.person(addr)
        return _person(person.name, person.addr)

    def _comment(self, row: CommentRow, files: list[AttachmentRow], zone: ZoneInfo) -> dict[str, Any]:
        return {
            "id": row.id,
            "author": _person(row.author_name, row.author_addr),
            "visibility": row.visibility,
            "standing": row.standing,
            "standing_reason": row.standing_reason or None,
            "text": row.text,
            "new_text": row.new_text,
            "html": row.html or None,
            "attachments": [
                {"name": one.name, "type": one.type, "size": one.size, "inline": one.inline} for one in files
            ],
            "message_id": row.message_id or None,
            "delivered_at": _local(row.delivered_at, zone),
            "via": row.via,
        }

    def _history(self, row: HistoryRow, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "at": _local(row.at, zone),
            "event": row.event,
            "by": row.by or None,
            "from": row.old or None,
            "to": row.new or None,
            "reason": row.reason or None,
        }


def _person(name: str, addr: str) -> dict[str, str]:
    return {"name": name, "addr": addr}


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at is not None else None
