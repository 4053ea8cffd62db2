"""The message around a letter's words: its ids, its thread, its addresses, and whether it is automatic.

Called by `letters`. RFC 5322 §3.6.4 for the thread, RFC 3834 for automatic mail; signed ids as in RELIABILITY 3.1.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Literal
from zoneinfo import ZoneInfo

from helpdesk.desk.letter import Letter
from helpdesk.desk.parties import Signs
from helpdesk.desk.terms import NotificationKind
from helpdesk.desk.tokens import TokenRole, base32
from helpdesk.mail.compose import OutboundMessage
from helpdesk.mail.invitation import Invitation, write_invitation
from helpdesk.mail.message import Address, Attachment
from helpdesk.mail.pictures import Illustrated, illustrate
from helpdesk.services.desk import Unit
from helpdesk.services.ports import Content
from helpdesk.store.tables import TicketRow

ANSWERS = (NotificationKind.NEW,)  # RFC 3834: an answer to one mail; the rest are notices


def message_of(
    unit: Unit, ticket: TicketRow, letter: Letter, content: Content, enclosed: tuple[Attachment, ...], automatic: bool
) -> OutboundMessage:
    """Return the message: one thread in every client, marked as automatic unless a person wrote the words."""
    instance, key = unit.desk.instance, letter.ticket.key
    ring, role = unit.desk.keyring, _role(letter)
    who = ring.who(letter.recipient.addr) if ring.signs else 0
    root = ring.root_id(ticket.number, ticket.epoch, instance) if ring.signs else f"{ticket.number}.ticket@{instance}"
    parent = ticket.last_message_id
    message_id = _message_id(unit, ticket, role, who)
    shown = Illustrated(content.html, (), enclosed)
    if letter.kind.for_customers:  # consultants get plain files, to be saved
        shown = illustrate(content.html, letter.text, enclosed, message_id)
    ancestors = dict.fromkeys(filter(None, (root, ticket.root_message_id, parent)))
    return OutboundMessage(
        from_=Address(_from_name(letter, automatic), letter.queue.address),
        to=Address(letter.recipient.name if not letter.neutral else "", letter.recipient.addr),
        subject=content.subject,
        text=content.text,
        html=shown.page,
        message_id=message_id,
        date=unit.now.astimezone(ZoneInfo(letter.queue.zone)),
        language=letter.language,
        in_reply_to=parent,
        references=tuple(ancestors),
        reply_to=Address(letter.queue.from_name, _reply_address(unit, ticket, letter.queue.address, role, who)),
        auto_submitted=_auto_submitted(letter.kind, automatic),
        headers=(("X-Helpdesk-Loop", instance), ("X-Helpdesk-Ticket", key)),
        attachments=shown.files,
        pictures=shown.pictures,
    )


def with_event(message: OutboundMessage, event: Invitation | None) -> OutboundMessage:
    """Return the message with an invitation in it, if there is one: titled and described in the letter's own words."""
    if event is None:
        return message
    return replace(
        message, calendar=write_invitation(replace(event, summary=message.subject, description=message.text))
    )


def _role(letter: Letter) -> TokenRole:
    """Return what an answer to the letter is: a word, from which side and for whom, or a yes or no."""
    if letter.kind is NotificationKind.ASK_CONTACT:
        return TokenRole.DECISION
    if letter.kind is NotificationKind.CHALLENGE or letter.challenge:
        return TokenRole.CHALLENGE
    if letter.kind.for_customers:
        return TokenRole.CONTACT
    return TokenRole.CONSULTANT if letter.answers_customer else TokenRole.NOTE


def _message_id(unit: Unit, ticket: TicketRow, role: TokenRole, who: int) -> str:
    """Return an id that nobody else can make: signed if there is a key, else long and random."""
    instance, ring = unit.desk.instance, unit.desk.keyring
    if not ring.signs:
        return f"{unit.desk.key_of(ticket).lower()}.{secrets.token_hex(12)}@{instance}"
    return ring.message_id(role, ticket.number, who, ticket.epoch, base32(secrets.token_bytes(5)), instance)


def _reply_address(unit: Unit, ticket: TicketRow, address: str, role: TokenRole, who: int) -> str:
    """Return the queue's address, signed where its server has sub-addressing."""
    if not unit.desk.keyring.signs or ticket.queue not in unit.desk.subaddressed:
        return address
    return unit.desk.keyring.reply_address(address, role, ticket.number, who, ticket.epoch)


def _from_name(letter: Letter, automatic: bool) -> str:
    name, signs = letter.author.name if letter.author else "", letter.queue.signs
    if automatic or not name or (letter.kind.for_customers and signs is Signs.QUEUE):
        return letter.queue.from_name
    alone = letter.kind.for_customers and signs is Signs.CONSULTANT
    return name if alone else f"{name} ({letter.queue.from_name})"


def _auto_submitted(kind: NotificationKind, automatic: bool) -> Literal["", "auto-replied", "auto-generated"]:
    if not automatic:
        return ""
    return "auto-replied" if kind in ANSWERS else "auto-generated"
