"""Mails about no single ticket: the digest at each opening, and contracts that end.

Called by the timers. Like all that goes out they pass the gate, and an event's name lets each be written once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from helpdesk import logs
from helpdesk.desk.gate import admit
from helpdesk.desk.letter import NO_TICKET, Letter
from helpdesk.desk.rules.ruleset import Queue
from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.errors import TemplateError
from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.message import Address
from helpdesk.services.desk import Unit
from helpdesk.services.ports import Content
from helpdesk.store.tables import OutboxRow

log = logs.get_logger(__name__)


def draft(unit: Unit, queue: Queue, kind: NotificationKind) -> Letter:
    """Return a letter of that queue about no ticket, to be filled and posted."""
    desk = unit.desk
    recipient = desk.person("")
    return Letter(kind, queue.languages[0], recipient, desk.signature, desk.queue_facts(queue.name), NO_TICKET)


def post(unit: Unit, queue: Queue, letter: Letter, recipients: Iterable[str], cause: str) -> list[OutboxRow]:
    """Write the letter to each recipient into the outbox, in their own language; return the rows."""
    rows = [_row(unit, queue, letter, addr, cause) for addr in dict.fromkeys(recipients)]
    unit.session.add_all(rows)
    return rows


def _row(unit: Unit, queue: Queue, letter: Letter, addr: str, cause: str) -> OutboxRow:
    desk = unit.desk
    consultant = desk.rules.consultant_of(addr)
    language = (consultant.language if consultant else None) or letter.language
    letter = replace(letter, recipient=desk.person(addr), language=language)
    muted = unit.gate.is_muted(unit.session, addr, unit.now)
    verdict = admit(addr, desk.own_addresses, automatic=True, muted=muted)
    content = _render(unit, letter)
    message = _message(unit, letter, content)
    return OutboxRow(
        cause=cause,
        notification=letter.kind,
        recipient=addr,
        account=desk.accounts.get(queue.name, desk.default_account),
        sender=letter.queue.address,
        subject=content.subject,
        message_id=message.message_id,
        state=verdict.state,
        reason=verdict.reason.value,
        created_at=unit.now,
        content=compose(message) if verdict.state is OutboxState.QUEUED else b"",
    )


def _render(unit: Unit, letter: Letter) -> Content:
    try:
        return unit.desk.renderer.render(letter)
    except TemplateError as error:
        log.error("template.failed", template=error.template, line=error.line, detail=error.detail)
        return unit.desk.renderer.fallback(letter)


def _message(unit: Unit, letter: Letter, content: Content) -> OutboundMessage:
    instance = unit.desk.instance
    return OutboundMessage(
        from_=Address(letter.queue.from_name, letter.queue.address),
        to=Address(letter.recipient.name, letter.recipient.addr),
        subject=content.subject,
        text=content.text,
        html=content.html,
        message_id=f"{letter.kind}.{secrets.token_hex(12)}@{instance}",
        date=unit.now.astimezone(ZoneInfo(letter.queue.zone)),
        language=letter.language,
        reply_to=Address(letter.queue.from_name, letter.queue.address),
        auto_submitted="auto-generated",
        headers=(("X-Helpdesk-Loop", instance),),
    )
