"""What the rules are told of a mail beside its words: asked by `opening`, and by `rehearsal` and `trial` alike."""

from __future__ import annotations

from helpdesk.desk.route import RouteFacts
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.mail.language import recognise_language
from helpdesk.services.desk import Desk
from helpdesk.services.facts import Understood

SPAM_LEVEL = 5  # of Exchange's spam confidence, from which our server's verdict is believed


def route_facts(desk: Desk, item: Understood, sender: Sender) -> RouteFacts:
    """Return what the rules are told of a mail beside its words; `rehearsal` asks them the same."""
    return RouteFacts(
        delivered_at=item.entry.delivered_at,
        mailbox_queue=desk.queue_of_mailbox(item.entry.mailbox).name,
        delivered_to=desk.delivered_to(item.entry.mailbox, item.message),
        organisation=sender.organisation,
        known=sender.role is not Role.STRANGER,
        language=recognise_language(item.message.new_text) or None,
        authenticated=sender.proof is Proof.AUTHENTICATED,
        spam=_is_spam(item),
    )


def _is_spam(item: Understood) -> bool:
    """Return our own mail server's verdict, as its headers have it."""
    headers = item.message.headers
    level = headers.get("X-MS-Exchange-Organization-SCL").strip()
    flagged = headers.get("X-Spam-Flag").strip().casefold() == "yes"
    return flagged or (level.isascii() and level.isdigit() and int(level) >= SPAM_LEVEL)
