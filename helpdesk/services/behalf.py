"""A ticket in a customer's name, by a consultant's mail: `#for` makes them its author, `#phone` notes that they called.

Called by `newmail` once nothing speaks against it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from helpdesk.desk.commands import Block
from helpdesk.desk.folding import fold
from helpdesk.desk.keys import plain_subject
from helpdesk.desk.route import Route, addressed_queues
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.desk.terms import Person, Step, TicketKind, Visibility
from helpdesk.desk.verbs import KINDS
from helpdesk.mail.message import Address
from helpdesk.services import course, opening, registration
from helpdesk.services.actions import Act
from helpdesk.services.desk import Unit
from helpdesk.services.errands import NewErrand
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import first_remark, index_ids
from helpdesk.store import notices, tickets
from helpdesk.store.tables import OutboxRow, TicketRow


def open_for(mail: NewErrand) -> tuple[TicketRow, list[OutboxRow]]:
    """Open the ticket and write its letters; return it and the letters to the customer's side and the queue."""
    block, by_phone = mail.block, mail.block.has("phone")
    customer = _customer(mail.item, block.argument("phone") or block.argument("for"))
    ticket, rows = _call(mail, customer) if by_phone else _forward(mail, customer)
    course.note(mail.unit, ticket, "phone" if by_phone else "for", mail.sender.person, new=customer.addr)
    index_ids(mail.unit, mail.item, mail.facts, ticket, [row.message_id for row in rows])
    return ticket, rows


def _customer(item: Understood, addr: str) -> Person:
    """Return the customer, by the name that a forwarded mail gives them, if it does."""
    found = re.search(rf"([^\n<>:\"]{{1,80}}?)[\s\"]*<(?:mailto:)?{re.escape(addr)}>", item.message.text, re.IGNORECASE)
    name = " ".join(found[1].split()) if found else ""
    return Person(name if "@" not in name and not name.startswith("#") else "", addr.casefold())


def _call(mail: NewErrand, customer: Person) -> tuple[TicketRow, list[OutboxRow]]:
    """Write the call down in the queue that the mail came to; its words are the consultant's."""
    unit, item, sender, block = mail.unit, mail.item, mail.sender, mail.block
    addressed = addressed_queues(item.message, unit.desk.rules)
    queue = addressed[0].queue if addressed else unit.desk.queue_of_mailbox(item.entry.mailbox).name
    files = tuple(file for file in item.message.attachments if not file.inline)
    remark = replace(first_remark(item, sender, Visibility.PUBLIC), new_text=block.text)
    said = remark if block.text or files else None
    act = Act(sender.person, block.text, files, remark=said)
    done = registration.create(
        unit,
        act,
        queue=queue,
        requester=customer,
        subject=plain_subject(item.message.subject, unit.desk.prefixes),
        phone=True,
        priority=int(block.argument("priority") or 3),
        kind=_kind(block) or TicketKind.ERROR,
        tags=_tags(block),
    )
    if isinstance(done, str):
        raise ValueError(done)  # `newmail` has looked at the address, and the queue is one of the rules'
    _know(mail.facts, done.ticket, unit)
    mail.trace.append(Step("route", queue, f"{customer.addr} called, says {sender.person.addr}"))
    return done.ticket, list(done.letters)


def _forward(mail: NewErrand, customer: Person) -> tuple[TicketRow, list[OutboxRow]]:
    """Let the mail go the way that the customer's own would have gone; a rule can't turn it away."""
    unit, item, facts, by, block = mail.unit, mail.item, mail.facts, mail.sender, mail.block
    organisation = unit.desk.rules.organisation_of(customer.addr)
    author = Sender(
        customer,
        Role.CONTACT if organisation else Role.STRANGER,
        Proof.AUTHENTICATED,
        organisation.name if organisation else None,
        f"named by {by.person.addr}",
        named=True,
    )
    address = Address(customer.name, customer.addr)
    message = replace(item.message, author=address, authors=(address,), new_text=block.text, message_id="", date=None)
    theirs = replace(item, message=message)
    mail.trace.append(Step("author", customer.addr, f"named by {by.person.addr}, whose mail it is ({by.proof})"))
    opened = opening.open_from_mail(
        unit, theirs, facts, author, mail.linked, mail.trace, amend=lambda route: _amended(route, block)
    )
    assert opened.ticket is not None  # no rule keeps an amended route back
    return facts.tickets[opened.ticket], notices.letters_on(unit.session, opened.ticket)


def _amended(route: Route, block: Block) -> Route:
    """Return the route with what the commands say, and without what would keep a consultant's mail back."""
    return replace(
        route,
        discard=False,
        quarantine=False,
        reject=None,
        priority=int(block.argument("priority") or route.priority),
        kind=_kind(block) or route.kind,
        tags=(*route.tags, *(tag for tag in _tags(block) if tag not in route.tags)),
    )


def _kind(block: Block) -> TicketKind | None:
    return TicketKind(KINDS[fold(block.argument("kind"))]) if block.has("kind") else None


def _tags(block: Block) -> tuple[str, ...]:
    words = " ".join(one.argument for one in block.commands if one.verb == "tag")
    return tuple(dict.fromkeys(words.replace(",", " ").split()))


def _know(facts: Facts, ticket: TicketRow, unit: Unit) -> None:
    """Let later mails of the batch find the ticket and its people."""
    unit.session.flush()
    facts.tickets[ticket.number] = ticket
    facts.participants[ticket.number] = tickets.participants(unit.session, ticket.number)
