"""A mail that belongs to no ticket: route it, decide when it counts, open a ticket, acknowledge or stay silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.desk.keys import plain_subject
from helpdesk.desk.notify import Occasion
from helpdesk.desk.receipt import Acknowledgement, AcknowledgeReason, Receipt, should_acknowledge
from helpdesk.desk.rights import Rights, ground_of_first_word
from helpdesk.desk.route import Route, addressed_queues, route_message
from helpdesk.desk.rules.ruleset import CrossPosted, Queue
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.desk.sentences import say
from helpdesk.desk.terms import Disposition, NotificationKind, Person, Step, Visibility
from helpdesk.services import (
    authors,
    course,
    coverage,
    forwarding,
    languages,
    letters,
    newcomers,
    oncall,
    receipts,
    refusal,
    remarks,
)
from helpdesk.services.course import Opening
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.routing import route_facts
from helpdesk.services.wording import Words
from helpdesk.store.tables import TicketRow


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a mail without a ticket of its own yet."""

    disposition: Disposition
    reason: str
    ticket: int | None = None


def open_from_mail(
    unit: Unit,
    item: Understood,
    facts: Facts,
    sender: Sender,
    linked: tuple[int, ...],
    trace: list[Step],
    *,
    amend: Callable[[Route], Route] = lambda route: route,
) -> Opened:
    """Open a ticket for the mail, unless a rule holds or discards it; return what became of it.

    `amend` is what a consultant's commands say of the route.
    """
    read = route_facts(unit.desk, item, sender)
    route = amend(route_message(item.message, item.classification, read, unit.desk.rules))
    language = languages.of_mail(unit, read, route, sender)
    trace.extend(route.trace)
    if route.discard:
        return Opened(Disposition.DISCARDED, "discarded_by_rule")
    if route.reject:
        trace.append(refusal.refuse(unit, item, sender, route, language, _is_neutral(sender)))
        return Opened(Disposition.DISCARDED, "rejected_by_rule")
    if route.quarantine and not item.released:
        return Opened(Disposition.HELD, "quarantined")
    receipt = _receipt(unit, item, facts, sender, route)
    trace.append(_receipt_step(unit, receipt))
    opening = _opening(unit, item, sender, route, receipt, language)
    partner = forwarding.destination(unit, item, sender, route.forward, trace)
    ticket = course.open_ticket(unit, replace(opening, forwarded_to=partner))
    languages.remember(unit, item, sender, read.language)
    for number in linked:
        course.link(unit, ticket, number, "a mail on that ticket began this one")
    reason = _first_word(unit, item, facts, ticket, sender, route, trace)
    return Opened(Disposition.OPENED, reason, ticket.number)


def _receipt(unit: Unit, item: Understood, facts: Facts, sender: Sender, route: Route) -> Receipt:
    return receipts.receipt_for(
        unit,
        item.entry.delivered_at,
        queue=route.queue,
        plan=route.plan,
        kind=route.kind,
        calendar=route.calendar,
        organisation=sender.organisation,
        used=facts.mail_time,
    )


def _receipt_step(unit: Unit, receipt: Receipt) -> Step:
    """Say when it counts and what is promised, in the desk's local time."""
    times = [f"received {_local(unit, receipt.received_at)}"]
    if receipt.react_by is not None:
        times.append(f"react by {_local(unit, receipt.react_by)}")
    why = f"calendar {receipt.calendar}: {say(receipt.reason)}; {say(receipt.guarantee.reason)}"
    return Step("receipt", ", ".join(times), why)


def _local(unit: Unit, at: datetime) -> str:
    return at.astimezone(unit.desk.zone).isoformat(sep=" ", timespec="minutes")


def _opening(unit: Unit, item: Understood, sender: Sender, route: Route, receipt: Receipt, language: str) -> Opening:
    message = item.message
    queue = unit.desk.rules.queues[route.queue]
    return Opening(
        queue=queue,
        subject=plain_subject(item.message.subject, unit.desk.prefixes),
        requester=sender.person,
        delivered_at=item.entry.delivered_at,
        receipt=receipt,
        language=language,
        priority=route.priority,
        kind=route.kind,
        sent_at=message.date,
        organisation=sender.organisation,
        plan=route.plan.name if route.plan else None,
        assignee=route.assignee or _next_in_turn(unit, queue, route, item.entry.id),
        tags=route.tags,
        watchers=route.watchers,
        message_id=message.message_id,
        own_calendar=route.calendar,
        template=route.template if route.template and route.template != NotificationKind.NEW else "",
        reason=f"entry {item.entry.id}",
    )


def _next_in_turn(unit: Unit, queue: Queue, route: Route, turn: int) -> str | None:
    """Return whose turn it is, where a rule deals tickets out; who is away is passed over."""
    if route.round_robin is None:
        return None
    candidates = route.round_robin or queue.consultants
    known = [consultant for addr in candidates if (consultant := unit.desk.rules.consultant_of(addr))]
    present = [consultant.addr for consultant in known if not unit.is_away(consultant.addr)]
    return present[turn % len(present)] if present else None


def _first_word(
    unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, route: Route, trace: list[Step]
) -> str:
    """Write the mail as the ticket's first comment, let its people in, acknowledge and tell; return the reason word."""
    from_consultant = sender.role is Role.CONSULTANT
    visibility = Visibility.INTERNAL if from_consultant else Visibility.PUBLIC
    present = facts.participants.setdefault(ticket.number, {})
    decision = _acknowledgement(unit, item, sender, route)
    newcomer = newcomers.rights_of(unit, item, facts, ticket, sender, answered=decision.sent)
    row = course.add_comment(unit, ticket, remarks.first_remark(item, sender, visibility, newcomer))
    remarks.hear(unit, item, ticket, sender)
    sent: list[str] = []
    if newcomer is not None:
        decision = newcomers.acknowledgement(newcomer, decision)
        sent = newcomers.receive(unit, item, facts, ticket, row, newcomer, trace)
    elif not from_consultant:
        authors.let_in(unit, item, ticket, present, sender)
    trace.append(Step("acknowledge", "yes" if decision.sent else "no", say(decision.reason)))
    if not item.entry.silent:
        sent += _tell(unit, item, facts, ticket, sender, decision, trace, newcomer)
    if not item.entry.silent and newcomer is None:
        words = Words(sender.person, sender.side, item.message.new_text, item.message.attachments)
        sent += forwarding.pass_on(unit, ticket, words, item.cause, trace)
        if decision.sent and (told := coverage.tell_what_is_covered(unit, ticket, None, neutral=_is_neutral(sender))):
            trace.append(Step("coverage", f"{told[0].notification} to {told[0].recipient}", "errors only in the plan"))
            sent += [row.message_id for row in told]
    remarks.index_ids(unit, item, facts, ticket, sent)
    facts.said(row)
    return newcomers.reason_of(newcomer) if newcomer is not None else "new_ticket"


def _acknowledgement(unit: Unit, item: Understood, sender: Sender, route: Route) -> Acknowledgement:
    return should_acknowledge(
        item.classification.kind,
        item.entry.delivered_at,
        unit.now,
        unit.desk.acknowledge_within,
        has_author=bool(sender.person.addr),
        wanted=False if sender.role is Role.CONSULTANT else route.acknowledge,
        silent=item.entry.silent,
    )


def _is_neutral(sender: Sender) -> bool:
    """Return whether the acknowledgement repeats nothing that the author chose: they may be anybody."""
    stranger = sender.role is Role.STRANGER and sender.proof is not Proof.AUTHENTICATED
    return stranger or sender.proof is Proof.REFUTED


def _tell(
    unit: Unit,
    item: Understood,
    facts: Facts,
    ticket: TicketRow,
    sender: Sender,
    decision: Acknowledgement,
    trace: list[Step],
    newcomer: Rights | None,
) -> list[str]:
    people = letters.people_of(unit, ticket, facts.participants[ticket.number].values())
    if unit.desk.rules.cross_posted is CrossPosted.COPY:
        people = replace(people, watchers=people.watchers + _also_addressed(unit, item, ticket))
    ground = ground_of_first_word(sender.proof, by_consultant=sender.role is Role.CONSULTANT)
    doubt = ground if newcomer is None else newcomer.ground
    words = Words(
        sender.person,
        sender.side,
        item.message.new_text,
        item.message.attachments,
        internal=sender.role is Role.CONSULTANT,
        unconfirmed=doubt is not None,
        doubt=doubt,
    )
    neutral = _is_neutral(sender) or newcomer is not None
    rows = letters.tell(
        unit,
        ticket,
        Occasion.OPENED,
        people,
        words,
        item.cause,
        acknowledge=decision.sent,
        neutral=neutral,
    )
    trace.append(remarks.told(rows, Occasion.OPENED))
    if decision.reason is AcknowledgeReason.CONTACT:  # nobody is woken for what may never begin
        return [row.message_id for row in rows]
    woken = oncall.wake(unit, ticket, words, item.cause, item.entry.delivered_at, rows, trace)
    return [row.message_id for row in rows + woken]


def _also_addressed(unit: Unit, item: Understood, ticket: TicketRow) -> tuple[Person, ...]:
    """Return the consultants of the other queues that the mail names."""
    queues = unit.desk.rules.queues
    others = [each.queue for each in addressed_queues(item.message, unit.desk.rules) if each.queue != ticket.queue]
    return tuple(unit.desk.person(addr) for name in others for addr in queues[name].consultants)
