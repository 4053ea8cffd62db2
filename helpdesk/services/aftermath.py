"""What a server's answer leads to: the row's new state, mutes, a held account, the ticket's history, a notice.

Called by `delivery` in the transaction that records the answer (RELIABILITY 2.7).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from helpdesk import logs
from helpdesk.desk.mutes import Blame, blame
from helpdesk.desk.terms import OutboxState
from helpdesk.mail.relays import kept_id
from helpdesk.services import course, setbacks
from helpdesk.services.desk import Unit
from helpdesk.services.ports import Accepted, Ambiguous, Deferred, DeliveryResult, Rejected
from helpdesk.services.schedule import AMBIGUOUS_WAIT, next_try, next_turn
from helpdesk.store import accounts, gate, outbox, sending, threads, tickets
from helpdesk.store.sending import ClaimedMail
from helpdesk.store.tables import TicketRow

log = logs.get_logger(__name__)

TOLD_AFTER = timedelta(hours=4)  # of trying in vain, until the consultants hear of it


def outcome_of(mail: ClaimedMail, result: DeliveryResult, now: datetime) -> dict[str, Any]:
    """Return the columns that an answer sets on the row; the schedule of further tries is RELIABILITY 2.7's."""
    match result:
        case Accepted(code, reply):
            return {"state": OutboxState.SENT, "sent_at": now, "code": code, "reply": reply, "reason": ""}
        case Rejected(code, enhanced, reply):
            said = f"refused: {code} {enhanced} {reply}".replace("  ", " ")
            state = OutboxState.HELD if is_ours(result) else OutboxState.FAILED
            return {"state": state, "code": code, "reply": reply, "reason": said}
        case Deferred(code, enhanced, reply):
            again = next_try(mail.attempt, mail.created_at, now, greylisted=enhanced.startswith("4.7") or code == 450)
            if again is None:
                said = f"given up after {mail.attempt} tries: {code} {enhanced} {reply}"
                return {"state": OutboxState.FAILED, "code": code, "reply": reply, "reason": said}
            said = f"not now: {code} {enhanced} {reply}"
            waits = {"state": OutboxState.DEFERRED, "next_attempt_at": again}
            return {"code": code, "reply": reply, "reason": said, **waits}
        case Ambiguous(detail):
            again = now + AMBIGUOUS_WAIT if mail.ambiguous == 0 else None
            return {
                "state": OutboxState.UNKNOWN,
                "reason": f"nobody knows whether it was taken: {detail}",
                "next_attempt_at": again,
                "ambiguous": mail.ambiguous + 1,
            }


def is_ours(result: DeliveryResult) -> bool:
    """Return whether a server refused us and not the recipient: by its policy, or at MAIL, which names none.

    One answer to MAIL is the mail's own: that it is too large (RFC 1870).
    """
    if not isinstance(result, Rejected):
        return False
    too_large = result.code == 552 or result.enhanced.startswith("5.3.")
    return blame(result.enhanced) is Blame.OURS or (result.at_sender and not too_large)


def follow(unit: Unit, account: str, mail: ClaimedMail, result: DeliveryResult, values: dict[str, Any]) -> None:
    """Do what an answer that was recorded calls for beside the row itself."""
    match result:
        case Accepted(_, reply):
            _taken(unit, mail, reply)
        case Rejected():
            trouble = Blame.OURS if is_ours(result) else blame(result.enhanced)
            _refused(unit, account, mail, trouble, values["reason"])
        case Deferred():
            _put_off(unit, mail, values)
        case Ambiguous():
            _note(unit, mail, "in_doubt", values["reason"])


def interrupted(unit: Unit, mail: ClaimedMail, owner: str, detail: str) -> None:
    """Note that the server ended the session at a mail: from the second time on others go first."""
    again = next_turn(mail.interruptions + 1, unit.now)
    reason = f"the server ended the session at this mail: {detail}"
    if sending.interrupted(unit.session, mail, owner, reason, again) and again is not None:
        _put_off(unit, mail, {"state": OutboxState.DEFERRED, "reason": reason})


def _taken(unit: Unit, mail: ClaimedMail, reply: str) -> None:
    if mail.ambiguous:
        _note(unit, mail, "sent_again", "nobody knew whether the first try had arrived: the same bytes once more")
    kept = kept_id(reply)
    if kept and mail.ticket is not None and not threads.tickets_of_ids(unit.session, [kept]):
        threads.remember_ids(unit.session, mail.ticket, [kept])


def _refused(unit: Unit, account: str, mail: ClaimedMail, trouble: Blame, reason: str) -> None:
    if trouble is Blame.OURS:
        _note(unit, mail, "held", reason)
        if accounts.note_refusal(unit.session, account, reason, unit.now):
            log.error("smtp.held", account=account, detail=reason)
        return
    if gate.strike(unit.session, mail.recipient.casefold(), trouble, reason, unit.now):
        log.warning("address.muted", outbox=mail.id, why=trouble.value)
    _tell(unit, mail, reason, f"outbox:{mail.id}")


def _put_off(unit: Unit, mail: ClaimedMail, values: dict[str, Any]) -> None:
    if values["state"] is OutboxState.FAILED:
        _tell(unit, mail, values["reason"], f"outbox:{mail.id}")
    elif unit.now - mail.created_at >= TOLD_AFTER and not outbox.was_caused_by(unit.session, f"late:{mail.id}"):
        _tell(unit, mail, f"still being tried; {values['reason']}", f"late:{mail.id}", event="delayed")


def _tell(unit: Unit, mail: ClaimedMail, reason: str, cause: str, event: str = "undelivered") -> None:
    ticket = _ticket(unit, mail)
    if ticket is not None:
        setbacks.tell_of_failure(unit, ticket, mail.notification, mail.recipient, reason, cause, event=event)


def _note(unit: Unit, mail: ClaimedMail, event: str, reason: str) -> None:
    ticket = _ticket(unit, mail)
    if ticket is not None:
        by = setbacks.POSTMASTER
        course.note(unit, ticket, event, by, old=mail.notification, new=mail.recipient, reason=reason)


def _ticket(unit: Unit, mail: ClaimedMail) -> TicketRow | None:
    return tickets.ticket(unit.session, mail.ticket) if mail.ticket is not None else None
