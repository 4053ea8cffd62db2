"""The line, once, for one journal entry: duplicate? machine? who? which ticket? which queue? then the course.

    classify ▶ identify sender ▶ thread ▶ route ▶ receipt ▶ lifecycle ▶ notify ▶ compose

Every question is answered by a pure function of the desk floor; this room asks them in order, keeps their
answers as the trace that `helpdesk explain` prints, and lets `course` and `letters` write. Runs inside the
savepoint that `process` opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from helpdesk.desk.evidence import Belonging, Verdict
from helpdesk.desk.evidence import Outcome as Belongs
from helpdesk.desk.rules.ruleset import CrossPosted
from helpdesk.desk.sender import Proof, Role, Sender, identify_sender
from helpdesk.desk.sentences import say
from helpdesk.desk.terms import Disposition, Step
from helpdesk.mail.classify import Reason
from helpdesk.mail.message import MessageKind
from helpdesk.services import (
    absences,
    authors,
    belonging,
    consents,
    conversation,
    invitees,
    machines,
    newmail,
    opening,
    reports,
)
from helpdesk.services.answers import take_answer
from helpdesk.services.desk import Unit, Witness
from helpdesk.services.facts import Facts, Owner, Understood, digest_key
from helpdesk.store import journal

RESENT_WITHIN = timedelta(hours=24)  # without an id, an equal mail is a copy only so long


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry, and the steps that led there."""

    entry: int
    disposition: Disposition
    reason: str
    ticket: int | None = None
    trace: tuple[Step, ...] = field(default=(), repr=False)


def process_entry(unit: Unit, item: Understood, facts: Facts) -> Outcome:
    """Return what becomes of one mail, with all of it written in the open transaction."""
    kind = item.classification
    trace = [Step("classify", kind.kind.value, say(Reason(kind.reason), kind.detail))]
    identity = identity_of(unit, item)
    if owner := _twin(item, facts, identity):
        trace.append(
            Step("identity", "duplicate", f"the same mail is entry {owner.entry} from mailbox {owner.mailbox}")
        )
        return Outcome(item.entry.id, Disposition.DUPLICATE, f"duplicate_of {owner.entry}", owner.ticket, tuple(trace))
    reports.prove_arrival(unit, item, facts)
    outcome = _decide(unit, item, facts, trace)
    _own(unit, item, facts, identity, outcome)
    return outcome


def _decide(unit: Unit, item: Understood, facts: Facts, trace: list[Step]) -> Outcome:
    if item.classification.kind is MessageKind.OWN:
        return _end(item, trace, Disposition.DISCARDED, "own_mail_returned")
    if item.classification.kind is MessageKind.DELIVERY_REPORT:
        number, reason = reports.apply_report(unit, item, facts)
        trace.append(Step("report", reason, "a delivery report speaks of a mail of ours, and never opens a ticket"))
        return _end(item, trace, Disposition.RECORDED, reason, number)
    sender = _sender(unit, item, facts)
    _unmute(unit, item, sender)
    trace.append(Step("sender", sender.role.value, say(sender.proof, sender.detail)))
    trace.extend(authors.steps(unit.desk, item))
    if vouched := take_answer(unit, item, facts, sender, trace):
        return _end(item, trace, Disposition.COMMENTED, *vouched)
    if answered := invitees.take(unit, item, facts, sender, trace):
        return _end(item, trace, Disposition.RECORDED, *answered)
    thread = belonging.belong(unit, item, facts, sender)
    trace.extend(belonging.steps(unit, facts, thread))
    if item.classification.kind in (MessageKind.AUTO_REPLIED, MessageKind.DISPOSITION_REPORT):
        return _record_answer_of_machine(unit, item, facts, sender, thread, trace)
    other = _cross_posted(item, facts) if unit.desk.rules.cross_posted is CrossPosted.BOTH else None
    if other is not None and (thread.ticket is None or thread.verdict is Verdict.SAME_MAIL):
        return _open(unit, item, facts, sender, (other.ticket,) if other.ticket else (), trace)
    if other is not None and other.ticket == thread.ticket:  # a word on that ticket need not be said twice
        return _end(item, trace, Disposition.DUPLICATE, f"duplicate_of {other.entry}", other.ticket)
    ticket = facts.tickets[thread.ticket] if thread.ticket is not None else None
    if ticket is not None:
        certain = thread.outcome is Belongs.JOINS
        if machines.is_generated(unit.desk, item, sender):
            machines.record_and_tell(unit, item, facts, ticket, sender, trace, certain=certain)
            return _end(item, trace, Disposition.RECORDED, item.classification.kind.value, ticket.number)
        if certain and (consent := consents.take(unit, item, facts, ticket, sender, trace)):
            return _end(item, trace, Disposition.COMMENTED, consent, ticket.number)
        reason = conversation.comment(unit, item, facts, ticket, sender, trace, certain=certain)
        return _end(item, trace, Disposition.COMMENTED, reason, ticket.number)
    return _open(unit, item, facts, sender, thread.linked, trace)


def _unmute(unit: Unit, item: Understood, sender: Sender) -> None:
    """A mail from an address that mail did not reach shows that somebody is there again.

    It must be authenticated, unless its mailbox has no witness that could do so; then a person's mail will do.
    """
    witness = unit.desk.witnesses.get(item.entry.mailbox, Witness())
    unproven = witness.profile == "none" and item.classification.kind is MessageKind.PERSONAL
    believed = sender.proof is Proof.AUTHENTICATED or unproven
    if believed and unit.gate.is_muted(unit.session, sender.person.addr, unit.now):
        unit.gate.unmute(unit.session, sender.person.addr)


def _open(
    unit: Unit, item: Understood, facts: Facts, sender: Sender, linked: tuple[int, ...], trace: list[Step]
) -> Outcome:
    commanded = newmail.answer(unit, item, facts, sender, linked, trace) if sender.role is Role.CONSULTANT else None
    opened = commanded or opening.open_from_mail(unit, item, facts, sender, linked, trace)
    return _end(item, trace, opened.disposition, opened.reason, opened.ticket)


def _record_answer_of_machine(
    unit: Unit, item: Understood, facts: Facts, sender: Sender, thread: Belonging, trace: list[Step]
) -> Outcome:
    """An automatic reply or read receipt is recorded on its ticket and moves nothing; without one, in the journal."""
    handed_on = absences.hear_auto_reply(unit, item, facts, sender, trace)
    if thread.ticket is None:
        return _end(item, trace, Disposition.RECORDED, f"{item.classification.kind.value}_without_ticket")
    ticket = facts.tickets[thread.ticket]
    machines.record(unit, item, facts, ticket, sender)
    facts.remember(ticket.number, ticket, [row.message_id for row in handed_on])
    return _end(item, trace, Disposition.RECORDED, item.classification.kind.value, thread.ticket)


def _sender(unit: Unit, item: Understood, facts: Facts) -> Sender:
    author = item.message.author.key if item.message.author else ""
    witness = unit.desk.witnesses.get(item.entry.mailbox, Witness())
    theirs = {author, unit.desk.person(author).addr}  # a consultant may write from an alias
    valid = (each for each in item.hints.ancestors if not belonging.is_voided(unit.desk, facts, each))
    parents = (facts.sent.get(identifier) for identifier in valid)
    answers = witness.profile == "none" and any(parent and parent.recipient in theirs for parent in parents)
    if witness.profile == "none" and not answers:
        answers = belonging.answers_token_of(unit.desk, item, facts, unit.desk.person(author).addr)
    sender = identify_sender(item.message, unit.desk.rules, item.authentication, answers_own_notice=answers)
    if sender.role is Role.CONSULTANT and sender.proven and item.message.message_id in facts.known_ids:
        played_again = "a mail with its Message-ID was here before, and may be played again"
        return replace(sender, proof=Proof.NONE, detail=played_again)
    return sender


def identity_of(unit: Unit, item: Understood) -> tuple[str, str]:
    """Return the key under which a mail is owned once; one that may well be meant twice gets a key of its own."""
    digest = item.message.content_digest
    if unit.desk.rules.cross_posted is CrossPosted.BOTH:
        digest = f"{digest}@{item.entry.mailbox}"
    if item.id_key:
        return item.id_key, digest
    return digest_key(item) if item.message.date is not None else f"entry:{item.entry.id}", digest


def _twin(item: Understood, facts: Facts, identity: tuple[str, str]) -> Owner | None:
    """Return the entry that holds the same mail."""
    owner = facts.owners.get(identity)
    if owner is None or owner.entry == item.entry.id:
        return None
    resent = not item.id_key and item.entry.delivered_at - owner.delivered_at > RESENT_WITHIN
    return None if resent else owner


def _cross_posted(item: Understood, facts: Facts) -> Owner | None:
    """Return the entry that holds the same mail for another queue, where each is to have a ticket of its own."""
    wanted, digest = item.id_key or digest_key(item), f"{item.message.content_digest}@"
    copies = (owner for (key, kept), owner in facts.owners.items() if key == wanted and kept.startswith(digest))
    return next((owner for owner in copies if owner.mailbox != item.entry.mailbox), None)


def _own(unit: Unit, item: Understood, facts: Facts, identity: tuple[str, str], outcome: Outcome) -> None:
    if identity not in facts.owners:
        journal.own(unit.session, identity, item.entry.id)
        entry = item.entry
        facts.owners[identity] = Owner(entry.id, entry.mailbox, outcome.ticket, entry.delivered_at)


def _end(
    item: Understood, trace: list[Step], disposition: Disposition, reason: str, ticket: int | None = None
) -> Outcome:
    return Outcome(item.entry.id, disposition, reason, ticket, tuple(trace))
