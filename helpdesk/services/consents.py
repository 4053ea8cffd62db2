"""Consent to remote help: the customer's yes to the letter that asks for it, written down with who, when and by which
mail; only then is anybody invited (DOMAIN, "Remote help is by appointment").

Called by `line` for a mail that belongs to a ticket, before it becomes a comment like any other.
"""

from __future__ import annotations

import re

from helpdesk.desk.lifecycle import Event
from helpdesk.desk.sender import Proof, Sender
from helpdesk.desk.terms import NotificationKind, Standing, Step, Visibility
from helpdesk.desk.visit import VisitNews, VisitState
from helpdesk.desk.vouching import read_answer
from helpdesk.mail.message import MessageKind
from helpdesk.services import course, invitations
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import hear, index_ids, remark_of, words_of
from helpdesk.store import visits as store
from helpdesk.store.tables import TicketRow, VisitRow

MOST_WORDS_BELOW = 8  # below a yes: a farewell and a name
_PARTS = re.compile(r"[.,;!]")


def take(unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender, trace: list[Step]) -> str:
    """Return "consent" for a mail that gives one: written down, told, everybody invited. "" leaves the mail to others.

    A refusal is noted, and is a comment like any other.
    """
    answer = read_answer(item.message.new_text)
    visit = _asked_about(unit, item, facts, ticket, sender) if answer is not None else None
    if visit is None:
        return ""
    trace.append(
        Step("consent", "given" if answer else "refused", "the first line of an answer to the letter that asks")
    )
    said = "consent" if answer else "consent_refused"
    course.note(unit, ticket, said, sender.person, new=visit.uid, reason=f"entry {item.entry.id}")
    if answer:
        _begin(unit, item, facts, ticket, visit, sender)
    return "consent" if answer else ""


def _begin(unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, visit: VisitRow, sender: Sender) -> None:
    """Write the yes down as the customer's word, and invite. The invitation answers it, unless it says more."""
    waiting = ticket.waiting_since
    row = course.add_comment(unit, ticket, remark_of(item, sender, Visibility.PUBLIC, Standing.CONFIRMED))
    hear(unit, item, ticket, sender)
    course.move(unit, ticket, Event.CUSTOMER_COMMENT, sender.person, at=item.entry.delivered_at)
    if _says_no_more(item.message.new_text):
        ticket.waiting_since = waiting
    visit.state = VisitState.CONFIRMED
    visit.consent_by, visit.consent_at, visit.consent_entry = sender.person.addr, unit.now, item.entry.id
    words, silent = words_of(item, sender), item.entry.silent
    rows = [] if silent else invitations.invite(unit, ticket, visit, words, VisitNews.CONSENTED)
    facts.said(row)
    index_ids(unit, item, facts, ticket, [row.message_id for row in rows])


def _says_no_more(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    at = next((number for number, line in enumerate(lines) if read_answer(line)), 0)
    only_yes = all(read_answer(part) for part in _PARTS.split(lines[at]) if part.strip())
    return only_yes and len(" ".join(lines[at + 1 :]).split()) <= MOST_WORDS_BELOW


def _asked_about(unit: Unit, item: Understood, facts: Facts, ticket: TicketRow, sender: Sender) -> VisitRow | None:
    """Return the visit that waits for this very person's consent, if the mail answers the letter that asks for it.

    Only who was asked can consent: a colleague's yes is a comment. Where a client names no parent, the letter that asks
    must be the last that this person has had from us on the ticket.
    """
    believed = item.classification.kind is MessageKind.PERSONAL and sender.proof is not Proof.REFUTED
    if not believed or not facts.takes_part(ticket.number, sender.person.addr):
        return None
    parent = next(iter(facts.answered(item)), None)
    if parent and not (parent.notification is NotificationKind.CONSENT and parent.recipient == sender.person.addr):
        return None
    visit = store.live(unit.session, ticket.number, unit.now)
    if visit is None or visit.state is not VisitState.PROPOSED:
        return None
    last = None if parent else store.last_letter(unit.session, ticket.number, sender.person.addr)
    return visit if parent or last is NotificationKind.CONSENT else None
