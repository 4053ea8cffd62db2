"""Where a mail goes and how it is treated: the queue that it is addressed to, then the rules, top to bottom.

`route_message` is called once per mail that may open a ticket; the trace says for each step what decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.desk.draft import Draft, RouteFacts
from helpdesk.desk.plans import Plan
from helpdesk.desk.rules.ruleset import CrossPosted, Rule, Rules
from helpdesk.desk.terms import Step, TicketKind
from helpdesk.desk.view import View
from helpdesk.mail.message import Classification, InboundMessage

__all__ = ["Addressed", "Route", "RouteFacts", "addressed_queues", "apply_rules", "route_message", "rules_read"]


@dataclass(frozen=True, slots=True)
class Addressed:
    """A queue that a mail names, and where it does."""

    queue: str
    why: str


@dataclass(frozen=True, slots=True)
class Route:
    """What the rules decided. `acknowledge` is None where no rule spoke of it.

    `plan` is the customer's own version of it. `round_robin` is None, or who takes turns. At most one of
    `assignee` and `round_robin` is set. `forward` names a partner, `reject` and `template` name templates.
    """

    queue: str
    priority: int
    kind: TicketKind
    plan: Plan | None
    calendar: str | None  # a rule's; None: the plan's or the queue's
    language: str | None
    assignee: str | None
    round_robin: tuple[str, ...] | None
    tags: tuple[str, ...]
    watchers: tuple[str, ...]
    template: str | None
    forward: str | None
    acknowledge: bool | None
    quarantine: bool
    reject: str | None
    discard: bool
    matched: tuple[str, ...]  # the names of the rules that matched, in order
    trace: tuple[Step, ...]


def addressed_queues(
    message: InboundMessage, rules: Rules, delivered_to: str = "", mailbox_queue: str | None = None
) -> tuple[Addressed, ...]:
    """Return the queues that a mail is meant for, the one that gets the ticket first.

    Those in To, then those in Cc, in header order; only if neither names one of ours, our server's delivery
    header, then the mailbox's queue. Empty when nothing leads to a queue.
    """
    found: dict[str, Addressed] = {}
    for header, addresses in (("To", message.to), ("Cc", message.cc)):
        for address in addresses:
            queue = rules.queue_of_address(address.addr)
            if queue is not None:
                found.setdefault(queue.name, Addressed(queue.name, f"{header} names {address.addr}"))
    if found:
        return tuple(found.values())
    queue = rules.queue_of_address(delivered_to) if delivered_to else None
    if queue is not None:
        return (Addressed(queue.name, f"delivered to {delivered_to}"),)
    return (Addressed(mailbox_queue, "the mailbox's queue: no address of ours in To or Cc"),) if mailbox_queue else ()


def route_message(message: InboundMessage, classification: Classification, facts: RouteFacts, rules: Rules) -> Route:
    """Return what the rules make of a mail, with the trace of what matched.

    Raises LookupError when neither its recipients nor `facts` lead to a queue.
    """
    view = _view_of(message, classification, facts, rules)
    matched, steps = apply_rules(view, rules.rules)
    return _route_of(view, matched, (view.opening, *steps))


def apply_rules(view: View, rules: Sequence[Rule]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """Let each matching rule change the view's draft; return the names of those that did, and their steps."""
    matched: list[str] = []
    steps: list[Step] = []
    for rule in rules:
        answer = rule.when.found(view)
        if answer is None:
            continue
        rule.then.apply(view.draft)
        matched.append(rule.name)
        steps.append(_step(rule, answer))
        if rule.stop:
            break
    return tuple(matched), tuple(steps)


def rules_read(
    message: InboundMessage, classification: Classification, facts: RouteFacts, rules: Rules
) -> tuple[Step, ...]:
    """Return for every rule whether it applies and why (not): what `helpdesk rules test` prints."""
    view = _view_of(message, classification, facts, rules)
    steps = []
    for number, rule in enumerate(rules.rules, 1):
        answer = rule.when.found(view)
        if answer is None:
            steps.append(
                Step(f"rule {rule.name}", "does not apply", f"misses {rule.when.missing(view)} (line {rule.line})")
            )
            continue
        rule.then.apply(view.draft)
        steps.append(_step(rule, answer))
        if rule.stop:
            left = len(rules.rules) - number
            return (*steps, Step("stop", f"{left} rules not read", f"rule {rule.name}")) if left else tuple(steps)
    return tuple(steps)


def _step(rule: Rule, answer: str) -> Step:
    outcome = ", ".join(part for part in (str(rule.then), "stop" if rule.stop else "") if part)
    return Step(f"rule {rule.name}", outcome or "nothing", f"{answer} (line {rule.line})")


def _view_of(message: InboundMessage, classification: Classification, facts: RouteFacts, rules: Rules) -> View:
    addressed = addressed_queues(message, rules, facts.delivered_to, facts.mailbox_queue)
    if not addressed:
        raise LookupError("no queue: the mail names none of our addresses, and its mailbox has no queue")
    organisation = rules.organisations.get(facts.organisation) if facts.organisation else None
    plan = rules.plan_of(organisation, facts.delivered_at)
    if plan is None and facts.known and rules.default_plan:
        plan = rules.plans[rules.default_plan]
    chosen = next((each for each in addressed if _own_ticket(each, facts, rules)), addressed[0])
    draft = Draft(chosen.queue, plan.name if plan else None, facts.language, facts.spam)
    why = f"{chosen.why}; organisation {facts.organisation or 'none'}, plan {draft.plan or 'none'}"
    return View(message, classification, facts, rules, draft, plan, Step("queue", draft.queue, why))


def _own_ticket(addressed: Addressed, facts: RouteFacts, rules: Rules) -> bool:
    """Return whether this mailbox's copy of a mail to several queues is to be a ticket of its own queue."""
    return rules.cross_posted is CrossPosted.BOTH and addressed.queue == facts.mailbox_queue


def _route_of(view: View, matched: tuple[str, ...], trace: tuple[Step, ...]) -> Route:
    draft = view.draft
    return Route(
        queue=draft.queue,
        priority=draft.priority,
        kind=draft.kind,
        plan=view.plan(),
        calendar=draft.calendar,
        language=draft.language,
        assignee=draft.assignee,
        round_robin=_turns(draft, view.rules),
        tags=tuple(draft.tags),
        watchers=tuple(draft.watchers),
        template=draft.template,
        forward=draft.forward,
        acknowledge=draft.acknowledge,
        quarantine=draft.quarantine,
        reject=draft.reject,
        discard=draft.discard,
        matched=matched,
        trace=trace,
    )


def _turns(draft: Draft, rules: Rules) -> tuple[str, ...] | None:
    """Return who takes turns: those that the rule names, else everyone of the queue that the ticket ends in."""
    if draft.round_robin is None:
        return None
    return draft.round_robin or rules.queues[draft.queue].consultants
