"""What consultants do about time: log their work, and say when a ticket really counts as received.

Called by `helpdesk tickets VERB` and `helpdesk ledger add`, and by `changes` for #time. As in `actions`: one act is one
transaction with its letters, and a refusal is a sentence that changes nothing.
"""

from __future__ import annotations

from helpdesk.desk.hours import from_local, to_local
from helpdesk.desk.letter import Change
from helpdesk.desk.rules.notation import instant
from helpdesk.desk.worktime import parse_session
from helpdesk.services import actions, ledger, promises
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Unit
from helpdesk.store.tables import TicketRow


def log_time(unit: Unit, ticket: TicketRow, act: Act, words: str) -> Done:
    """Write time into the ledger: `35m remote|phone|programming|mail [DATE] [+0m]`; nobody is written to."""
    try:
        session = parse_session([words])
    except ValueError as error:
        return Done(ticket, refused=str(error))
    written = ledger.add(unit, ticket, act.by, session, act.text)
    return Done(ticket, refused=written) if isinstance(written, str) else Done(ticket)


def set_received(unit: Unit, ticket: TicketRow, act: Act, time: str) -> Done:
    """Say when a ticket counts as received, with the reason in the text; its time to react follows from that."""
    zone = unit.desk.queue_facts(ticket.queue).zone
    try:
        received_at = from_local(instant(time), zone)
    except ValueError as error:
        return Done(ticket, refused=str(error))
    if not act.text.strip():
        return Done(ticket, refused="another time of receipt needs a reason: give it with -m TEXT")
    if received_at > unit.now:
        return Done(ticket, refused="a ticket can't have been received in the future")
    change = Change("received_at", _shown(ticket, zone), f"{to_local(received_at, zone):%Y-%m-%d %H:%M}")
    promises.fix_receipt(unit, ticket, act.by, received_at, act.text)
    return actions.changed(unit, ticket, act, change)


def _shown(ticket: TicketRow, zone: str) -> str:
    return f"{to_local(ticket.received_at, zone):%Y-%m-%d %H:%M}"
