"""In which language a customer is written to: a rule's, their mail's, the one they last wrote in, the queue's first.

Called by `opening` and `registration` when a ticket begins; it keeps its language from then on.
"""

from __future__ import annotations

from helpdesk.desk.route import Route, RouteFacts
from helpdesk.desk.rules.ruleset import Queue
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.mail.message import MessageKind
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Understood
from helpdesk.store import contacts


def of_mail(unit: Unit, read: RouteFacts, route: Route, sender: Sender) -> str:
    """Return the language a rule set, else a confidently recognised one of the queue's, else the author's own."""
    queue = unit.desk.rules.queues[route.queue]
    by_rule = route.language is not None and route.language != read.language
    if route.language and (by_rule or route.language in queue.languages):
        return route.language
    return of_contact(unit, queue, sender.person.addr)


def of_contact(unit: Unit, queue: Queue, addr: str) -> str:
    """Return the language that a person last wrote in, where it is one of the queue's, else the queue's first."""
    if len(queue.languages) == 1:
        return queue.languages[0]
    known = contacts.language_of(unit.session, addr.casefold())
    return known if known in queue.languages else queue.languages[0]


def remember(unit: Unit, item: Understood, sender: Sender, language: str | None) -> None:
    """Remember the language of a person's mail for their next one, which may be too short to tell."""
    a_customer = sender.role is not Role.CONSULTANT and sender.proof is not Proof.REFUTED
    if language and a_customer and item.classification.kind is MessageKind.PERSONAL:
        contacts.note_language(unit.session, sender.person.addr.casefold(), language, unit.now)
