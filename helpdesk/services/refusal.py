"""The polite no: a rule opens no ticket for a mail, and its author is told so.

A person is told, never a machine, within the same limits as an acknowledgement. Called by `opening`.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.desk.letter import NO_TICKET, Letter
from helpdesk.desk.receipt import should_acknowledge
from helpdesk.desk.route import Route
from helpdesk.desk.sender import Sender
from helpdesk.desk.sentences import say
from helpdesk.desk.terms import NotificationKind, Step
from helpdesk.services import bulletins
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Understood
from helpdesk.services.gatekeeping import budget_of

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
    letter = _letter(unit, item, sender, route, language, neutral)
    budget = budget_of(unit.desk.rules, sender.person.addr, automatic=True, relay=False)
    row = bulletins.write(unit, letter, f"entry:{item.entry.id}", budget, answers=item.message.message_id)
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
