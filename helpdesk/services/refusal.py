"""The polite no: a rule opens no ticket for a mail, and its author is told so.

A person is told, never a machine, within the same limits as an acknowledgement. Called by `opening`.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from zoneinfo import ZoneInfo

from helpdesk import logs
from helpdesk.desk.gate import Budget, GateReason, Verdict, admit, is_clean
from helpdesk.desk.letter import NO_TICKET, Letter
from helpdesk.desk.receipt import should_acknowledge
from helpdesk.desk.route import Route
from helpdesk.desk.sender import Sender
from helpdesk.desk.sentences import say
from helpdesk.desk.terms import NotificationKind, OutboxState, Step
from helpdesk.errors import TemplateError
from helpdesk.mail.compose import OutboundMessage, compose
from helpdesk.mail.message import Address
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Understood
from helpdesk.services.gatekeeping import budget_of
from helpdesk.services.ports import Content
from helpdesk.store.tables import OutboxRow

log = logs.get_logger(__name__)

STANDARD = NotificationKind.REJECTED.value  # the template that is shipped


def refuse(unit: Unit, item: Understood, sender: Sender, route: Route, language: str, neutral: bool) -> Step:
    """Write the refusal to the author, if one is due; return the step that says so."""
    decision = should_acknowledge(
        item.classification.kind,
        item.entry.delivered_at,
        unit.now,
        unit.desk.acknowledge_within,
        has_author=bool(sender.person.addr),
        wanted=route.acknowledge,
        quarantined=route.quarantine and not item.released,
        silent=item.entry.silent,
    )
    if not decision.sent:
        return Step("refuse", "without a word", say(decision.reason))
    row = _row(unit, item, _letter(unit, item, sender, route, language, neutral))
    unit.session.add(row)
    return Step("refuse", f"{route.reject} to {row.recipient}", row.reason or say(decision.reason))


def _letter(unit: Unit, item: Understood, sender: Sender, route: Route, language: str, neutral: bool) -> Letter:
    desk = unit.desk
    return Letter(
        NotificationKind.REJECTED,
        language,
        sender.person,
        desk.signature,
        desk.queue_facts(route.queue),
        replace(NO_TICKET, subject=item.message.subject, requester=sender.person),
        neutral=neutral,
        template=route.reject if route.reject and route.reject != STANDARD else "",
    )


def _row(unit: Unit, item: Understood, letter: Letter) -> OutboxRow:
    desk, cause = unit.desk, f"entry:{item.entry.id}"
    addr = letter.recipient.addr
    budget = budget_of(desk.rules, addr, automatic=True, relay=False)
    content = _render(unit, letter)
    message = _message(unit, item, letter, content)
    verdict = _verdict(unit, message, budget)
    if verdict.state is OutboxState.QUEUED:
        unit.gate.passed(unit.session, addr, 0, budget, cause, unit.now, acknowledges=False)
    return OutboxRow(
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


def _verdict(unit: Unit, message: OutboundMessage, budget: Budget) -> Verdict:
    addr, gate = message.to.addr, unit.gate
    muted = gate.is_muted(unit.session, addr, unit.now)
    verdict = admit(addr, unit.desk.own_addresses, automatic=True, muted=muted)
    if verdict.state is not OutboxState.QUEUED:
        return verdict
    if not is_clean((message.subject, message.from_.name, message.to.name, addr)):
        return Verdict(OutboxState.MUTED, GateReason.UNCLEAN_HEADER)
    return gate.verdict(unit.session, addr, 0, budget, unit.desk.limits, unit.now, acknowledges=False)


def _render(unit: Unit, letter: Letter) -> Content:
    try:
        return unit.desk.renderer.render(letter)
    except TemplateError as error:
        log.error("template.failed", template=error.template, line=error.line, detail=error.detail)
        return unit.desk.renderer.fallback(letter)


def _message(unit: Unit, item: Understood, letter: Letter, content: Content) -> OutboundMessage:
    """Return the message: an answer to that mail (RFC 3834), in its thread."""
    instance, queue, parent = unit.desk.instance, letter.queue, item.message.message_id
    return OutboundMessage(
        from_=Address(queue.from_name, queue.address),
        to=Address("" if letter.neutral else letter.recipient.name, letter.recipient.addr),
        subject=content.subject,
        text=content.text,
        html=content.html,
        message_id=f"{letter.kind}.{secrets.token_hex(12)}@{instance}",
        date=unit.now.astimezone(ZoneInfo(queue.zone)),
        language=letter.language,
        in_reply_to=parent,
        references=(parent,) if parent else (),
        reply_to=Address(queue.from_name, queue.address),
        auto_submitted="auto-replied",
        headers=(("X-Helpdesk-Loop", instance),),
    )
