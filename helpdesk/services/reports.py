"""Delivery reports: which mail of ours they speak of, what that does to it, who must know (RFC 3464).

A report marks the outgoing mail and tells the ticket's consultants when it failed. It opens no ticket and moves no
state. One that speaks of no mail of ours to that very recipient is only recorded. What came back to a signed
reverse-path is certain; any other names a Message-ID, and whoever has seen that can write one. So it must name the
recipient as well, and where our mails have signed reverse-paths it silences nobody.
"""

from __future__ import annotations

from helpdesk.desk.mutes import blame
from helpdesk.desk.terms import OutboxState
from helpdesk.mail.message import DeliveryReport, RecipientReport
from helpdesk.services import course, reverse_paths, setbacks
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.store import outbox, tickets
from helpdesk.store.outbox import SentMail
from helpdesk.store.tables import TicketRow


def apply_report(unit: Unit, item: Understood, facts: Facts) -> tuple[int | None, str]:
    """Mark the outgoing mail that a delivery report speaks of; return its ticket and a reason word."""
    report = item.message.report
    returned = reverse_paths.returned_mail(unit, item)
    sent = returned or (_sent_mail(report, facts) if report else None)
    if report is None or sent is None:
        return None, "report_on_no_mail_of_ours"
    about = _about(report, sent)
    if about is None:
        return sent.ticket, "report_on_another_recipient"
    if about.action in ("delayed", "delivered", "relayed", "expanded"):
        ticket = _ticket(unit, facts, sent)
        if ticket is not None:
            event = f"report_{about.action}"
            course.note(unit, ticket, event, setbacks.POSTMASTER, new=sent.recipient, reason=_said(about))
        return sent.ticket, f"report_{about.action}"
    if not about.recipient and returned is None:
        return sent.ticket, _tell_of_doubt(unit, item, facts, sent, about)
    news = outbox.set_failed(unit.session, sent.id, _said(about))
    if returned is not None or not reverse_paths.can_sign(unit.desk, sent.sender):
        unit.gate.strike(unit.session, sent.recipient, blame(about.status), _said(about), unit.now)
    ticket = _ticket(unit, facts, sent)
    if ticket is not None and news and not item.entry.silent:
        cause = f"entry:{item.entry.id}"
        setbacks.tell_of_failure(unit, ticket, sent.notification, sent.recipient, _said(about), cause)
    return sent.ticket, "report_failed"


def _tell_of_doubt(unit: Unit, item: Understood, facts: Facts, sent: SentMail, about: RecipientReport) -> str:
    """Tell the consultants, once for each mail, of a report that may be anybody's; the mail stays as it is."""
    ticket, cause = _ticket(unit, facts, sent), f"report:{sent.id}"
    if ticket is not None and not item.entry.silent and not outbox.was_caused_by(unit.session, cause):
        reason = f"a report that names no recipient: {_said(about)}"
        setbacks.tell_of_failure(
            unit, ticket, sent.notification, sent.recipient, reason, cause, event="report_names_nobody"
        )
    return "report_names_nobody"


def prove_arrival(unit: Unit, item: Understood, facts: Facts) -> None:
    """A mail in doubt has arrived if somebody answers it (RELIABILITY 2.7, UNKNOWN)."""
    for identifier in item.hints.ancestors:
        sent = facts.sent.get(identifier)
        if sent is not None and sent.state is OutboxState.UNKNOWN:
            outbox.prove(unit.session, sent.id, f"entry {item.entry.id} answers it", unit.now)


def _sent_mail(report: DeliveryReport, facts: Facts) -> SentMail | None:
    found = (facts.sent.get(identifier) for identifier in report.original_message_ids)
    return next((mail for mail in found if mail), None)


def _about(report: DeliveryReport, sent: SentMail) -> RecipientReport | None:
    """Return what the report says of the row's own recipient, or of nobody in particular if it names nobody."""
    named = [one for one in report.recipients if one.recipient]
    if not named:
        return next(iter(report.recipients), RecipientReport("", "failed", ""))
    return next((one for one in named if one.recipient.casefold() == sent.recipient.casefold()), None)


def _said(about: RecipientReport) -> str:
    return " ".join(filter(None, (about.status, about.diagnostic)))[:500] or "the mail came back"


def _ticket(unit: Unit, facts: Facts, sent: SentMail) -> TicketRow | None:
    if sent.ticket is None:
        return None
    return facts.tickets.get(sent.ticket) or tickets.ticket(unit.session, sent.ticket)
