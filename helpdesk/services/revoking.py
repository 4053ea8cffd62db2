"""A ticket whose mail got into the wrong hands: its reply addresses and signed ids are made void (RELIABILITY 3.1).

Called by `helpdesk tickets revoke`. What was given out before counts as much as the tag in a subject from now on; every
later mail bears new ones.
"""

from __future__ import annotations

from helpdesk.services import course
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.store.tables import TicketRow


def revoke(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Void every reply address and signed id of the ticket; nobody is written to."""
    if not unit.desk.keyring.signs:
        return Done(ticket, refused="this desk signs no addresses: there is no `secret` in helpdesk.toml")
    ticket.epoch += 1
    old, new = str(ticket.epoch - 1), str(ticket.epoch)
    course.note(unit, ticket, "revoked", act.by, old=old, new=new, reason=act.text)
    return Done(ticket)
