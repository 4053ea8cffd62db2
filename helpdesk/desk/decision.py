"""What becomes of a mail that opens a ticket: its route, its receipt, and whether it is acknowledged.

The samples of a rules file and `helpdesk rules test` ask it; it is the same three steps as the line's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.desk.draft import RouteFacts
from helpdesk.desk.receipt import Acknowledgement, Receipt, receive, should_acknowledge
from helpdesk.desk.route import Route, route_message
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.mail.message import Classification, InboundMessage


@dataclass(frozen=True, slots=True)
class Decision:
    """The three answers about one mail."""

    route: Route
    receipt: Receipt
    acknowledgement: Acknowledgement


def with_organisation(facts: RouteFacts, message: InboundMessage, rules: Rules) -> RouteFacts:
    """Return the facts with the customer that the rules know the author as, where none is named."""
    if facts.organisation is not None or message.author is None:
        return facts
    organisation = rules.organisation_of(message.author.addr)
    return replace(facts, organisation=organisation.name) if organisation else facts


def decide(
    message: InboundMessage,
    classification: Classification,
    facts: RouteFacts,
    rules: Rules,
    now: datetime,
    acknowledge_within: timedelta,
) -> Decision:
    """Return what becomes of the mail if it opens a ticket now. Raises LookupError when no queue is found."""
    route = route_message(message, classification, with_organisation(facts, message, rules), rules)
    receipt = receive(
        facts.delivered_at,
        rules,
        queue=route.queue,
        plan=route.plan,
        kind=route.kind,
        origin=facts.origin,
        calendar=route.calendar,
    )
    acknowledgement = should_acknowledge(
        classification.kind,
        facts.delivered_at,
        now,
        acknowledge_within,
        has_author=message.author is not None,
        wanted=route.acknowledge,
        quarantined=route.quarantine,
        discarded=route.discard,
        rejected=route.reject is not None,
    )
    return Decision(route, receipt, acknowledgement)
