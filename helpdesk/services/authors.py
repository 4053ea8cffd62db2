"""What a mail's other address fields are worth: Reply-To, Sender, and the people in To and Cc (RELIABILITY 3.5).

From is the author, since it is what mail servers vouch for. Called by `opening`, `customers` and `line`.
"""

from __future__ import annotations

from helpdesk.desk.gate import is_list_address, is_machine_address, is_usable_address
from helpdesk.desk.parties import PUBLIC_MAIL_DOMAINS
from helpdesk.desk.sender import Proof, Sender
from helpdesk.desk.terms import Person, Step
from helpdesk.mail.message import MessageKind
from helpdesk.services import course
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.facts import Understood
from helpdesk.store import tickets
from helpdesk.store.tables import ParticipantRow, TicketRow


def let_in(unit: Unit, item: Understood, ticket: TicketRow, present: dict[str, ParticipantRow], sender: Sender) -> None:
    """Let the author of a mail take part, with the people whom they name, and know where they want their mail.

    Whoever writes in a name that is forged brings in nobody.
    """
    named = [] if sender.proof is Proof.REFUTED else named_people(unit.desk, item)
    course.join(unit, ticket, present, [sender.person, *named])
    author, wanted = present.get(sender.person.addr), reply_address(unit.desk, item)
    if author is not None and sender.proof is not Proof.REFUTED and author.reply_to != wanted:
        author.reply_to = wanted
        tickets.set_reply_to(unit.session, ticket.number, author.addr, wanted)


def named_people(desk: Desk, item: Understood) -> list[Person]:
    """Return the people in To and Cc that a person's mail brings in: none of ours, no machines, no lists."""
    if item.classification.kind is not MessageKind.PERSONAL:
        return []
    return [
        Person(address.name, address.key)
        for address in item.message.recipients
        if not _is_ours(desk, address.key)
        and desk.rules.partner_of(address.key) is None
        and not is_machine_address(address.addr)
        and not is_list_address(address.addr)
    ]


def reply_address(desk: Desk, item: Understood) -> str:
    """Return where the author wants their mail, "" for From itself.

    Only a Reply-To in From's own domain, or in its parent or a part of it, is believed: there both are the same
    people's. At a public provider two addresses are two strangers.
    """
    author, wanted = item.message.author, item.message.reply_to
    if author is None or len(wanted) != 1 or wanted[0].key == author.key:
        return ""
    addr, theirs, ours = wanted[0].key, wanted[0].domain, author.domain
    related = theirs == ours or theirs.endswith(f".{ours}") or ours.endswith(f".{theirs}")
    usable = is_usable_address(addr) and not is_machine_address(addr) and not _is_ours(desk, addr)
    public = not PUBLIC_MAIL_DOMAINS.isdisjoint((theirs, ours))
    return addr if related and usable and not public and "." in theirs and "." in ours else ""


def steps(desk: Desk, item: Understood) -> list[Step]:
    """Return what an explanation says of these fields, where there is something to say."""
    message, found = item.message, []
    author = message.author.key if message.author else ""
    others = [address.key for address in message.reply_to if address.key != author]
    if others and (used := reply_address(desk, item)):
        found.append(Step("reply-to", used, "it is in From's own domain: mail to the author goes there"))
    elif others:
        found.append(Step("reply-to", "ignored", f"{', '.join(others)} is another's domain: mail goes to From"))
    if message.sender is not None and message.sender.key != author:
        found.append(Step("delegate", message.sender.key, "Sender handed it in; From is the author"))
    return found


def _is_ours(desk: Desk, addr: str) -> bool:
    return desk.rules.queue_of_address(addr) is not None or desk.rules.consultant_of(addr) is not None
