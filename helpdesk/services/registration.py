"""A ticket that a consultant registers for a customer: somebody called, or came by.

Called by `helpdesk tickets create` and `phone`, and by `newmail` for `#phone`. The customer is written to as if they
had opened it; a call they are asked to confirm as well.
"""

from __future__ import annotations

from helpdesk.desk.notify import Occasion
from helpdesk.desk.terms import Origin, Person, Side, TicketKind, Via, Visibility
from helpdesk.services import calls, course, languages, letters, receipts
from helpdesk.services.actions import Act, Done, people
from helpdesk.services.course import Opening, Remark
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store.tables import TicketRow


def is_customer(unit: Unit, addr: str) -> bool:
    """Return whether it is the address of somebody outside: none of ours, and none of a consultant's."""
    rules = unit.desk.rules
    return rules.queue_of_address(addr) is None and rules.consultant_of(addr) is None


def create(
    unit: Unit,
    act: Act,
    *,
    queue: str,
    requester: Person,
    subject: str,
    phone: bool = False,
    priority: int = 3,
    kind: TicketKind = TicketKind.ERROR,
    tags: tuple[str, ...] = (),
) -> Done | str:
    """Open a ticket for somebody; return a sentence when that can't be."""
    rules = unit.desk.rules
    if queue not in rules.queues:
        return f"there is no queue {queue!r}; there are: {', '.join(rules.queues)}"
    if not is_customer(unit, requester.addr):
        return f"{requester.addr} is an address of this desk"
    organisation = rules.organisation_of(requester.addr)
    plan = rules.plan_of(organisation, unit.now)
    origin = Origin.PHONE if phone else Origin.MAIL
    name = organisation.name if organisation else None
    receipt = receipts.receipt_for(unit, unit.now, queue=queue, plan=plan, kind=kind, origin=origin, organisation=name)
    opening = Opening(
        queue=rules.queues[queue],
        subject=subject,
        requester=requester,
        delivered_at=unit.now,
        receipt=receipt,
        language=languages.of_contact(unit, rules.queues[queue], requester.addr),
        origin=origin,
        priority=priority,
        kind=kind,
        organisation=name,
        plan=plan.name if plan else None,
        tags=tags,
        reason=f"registered by {act.by.addr}",
    )
    ticket = course.open_ticket(unit, opening)
    course.join(unit, ticket, {}, [requester])
    return _told(unit, ticket, act, phone=phone, neutral=organisation is None)


def _told(unit: Unit, ticket: TicketRow, act: Act, *, phone: bool, neutral: bool) -> Done:
    """Write the first word down, acknowledge, tell the consultants, and ask whether the call is right."""
    requester = Person(ticket.requester_name, ticket.requester_addr)
    said = Remark(act.by, Side.CONSULTANT, act.text, Visibility.PUBLIC, via=Via.CLI, attachments=act.attachments)
    row = course.add_comment(unit, ticket, act.remark or said) if act.text or act.remark else None
    cause = f"comment:{row.id}" if row else f"opened:{ticket.number}"
    words = Words(requester, Side.CUSTOMER, act.text, act.attachments)
    rows = letters.tell(
        unit,
        ticket,
        Occasion.OPENED,
        people(unit, ticket),
        words,
        cause,
        acknowledge=not act.silent,
        neutral=neutral,
    )
    if phone and not act.silent:
        rows += calls.ask(unit, ticket, act.by, act.text, act.attachments)
    return Done(ticket, tuple(rows))
