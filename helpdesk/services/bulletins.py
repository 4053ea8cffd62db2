"""Mails about no ticket: digests, contracts that end, what a consultant asked, the polite no to a mail.

Called by the timers, `newmail`, `rulebook` and `refusal`. Like all that goes out they pass the gate, and a cause lets
each be written once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from helpdesk.desk.gate import Budget, GateReason, Verdict, admit, is_clean
from helpdesk.desk.letter import NO_TICKET, Letter
from helpdesk.desk.rules.ruleset import Queue
from helpdesk.desk.terms import NotificationKind, OutboxState
from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.message import Address
from helpdesk.services.desk import Unit
from helpdesk.services.ports import Content
from helpdesk.services.wording import render
from helpdesk.store.tables import OutboxRow

_NO_NUMBER = 0  # stands for the ticket where the gate asks for one


def draft(unit: Unit, queue: Queue, kind: NotificationKind) -> Letter:
    """Return a letter of that queue about no ticket, to be filled and posted."""
    desk = unit.desk
    recipient = desk.person("")
    return Letter(kind, queue.languages[0], recipient, desk.signature, desk.queue_facts(queue.name), NO_TICKET)


def post(
    unit: Unit, letter: Letter, recipients: Iterable[str], cause: str, budget: Budget = Budget.UNLIMITED
) -> list[OutboxRow]:
    """Write the letter to each recipient into the outbox, in their own language; return the rows."""
    return [write(unit, _to(unit, letter, addr), cause, budget) for addr in dict.fromkeys(recipients)]


def _to(unit: Unit, letter: Letter, addr: str) -> Letter:
    consultant = unit.desk.rules.consultant_of(addr)
    language = (consultant.language if consultant else None) or letter.language
    return replace(letter, recipient=unit.desk.person(addr), language=language)


def write(unit: Unit, letter: Letter, cause: str, budget: Budget, answers: str | None = None) -> OutboxRow:
    """Write a letter into the outbox as it is, and count it; return its row.

    `answers` is the id of the one mail that it answers (RFC 3834), "" if that has none.
    """
    desk, addr = unit.desk, letter.recipient.addr
    content = render(unit, letter)
    message = _message(unit, letter, content, answers)
    verdict = _verdict(unit, message, budget)
    if verdict.state is OutboxState.QUEUED:
        unit.gate.passed(unit.session, addr, _NO_NUMBER, budget, cause, unit.now, acknowledges=False)
    row = OutboxRow(
        cause=cause,
        notification=letter.kind,
        recipient=addr,
        account=desk.accounts.get(letter.queue.name, desk.default_account),
        sender="" if letter.neutral else letter.queue.address,
        subject=content.subject,
        message_id=message.message_id,
        state=verdict.state,
        reason=verdict.reason.value,
        created_at=unit.now,
        content=b"" if verdict.state is OutboxState.MUTED else compose(message),
    )
    unit.session.add(row)
    return row


def _verdict(unit: Unit, message: OutboundMessage, budget: Budget) -> Verdict:
    addr, gate = message.to.addr, unit.gate
    muted = gate.is_muted(unit.session, addr, unit.now)
    verdict = admit(addr, unit.desk.own_addresses, automatic=True, muted=muted)
    if verdict.state is not OutboxState.QUEUED:
        return verdict
    if not is_clean((message.subject, message.from_.name, message.to.name, addr)):
        return Verdict(OutboxState.MUTED, GateReason.UNCLEAN_HEADER)
    return gate.verdict(unit.session, addr, _NO_NUMBER, budget, unit.desk.limits, unit.now, acknowledges=False)


def _message(unit: Unit, letter: Letter, content: Content, answers: str | None) -> OutboundMessage:
    """Return the message: automatic, and in the thread of the mail that it answers."""
    instance, queue = unit.desk.instance, letter.queue
    return OutboundMessage(
        from_=Address(queue.from_name, queue.address),
        to=Address("" if letter.neutral else letter.recipient.name, letter.recipient.addr),
        subject=content.subject,
        text=content.text,
        html=content.html,
        message_id=f"{letter.kind}.{secrets.token_hex(12)}@{instance}",
        date=unit.now.astimezone(ZoneInfo(queue.zone)),
        language=letter.language,
        in_reply_to=answers or "",
        references=(answers,) if answers else (),
        reply_to=Address(queue.from_name, queue.address),
        auto_submitted="auto-generated" if answers is None else "auto-replied",
        headers=(("X-Helpdesk-Loop", instance),),
    )
