"""A consultant's commands carried out: all of them or none, and a receipt either way (CONTRACT; RELIABILITY 3.6).

Called by `conversation` for a reply that begins with commands. Everything happens in one savepoint: a line that is
refused takes it all back, the text waits on the ticket as a held draft, and nothing goes to the customer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from helpdesk.desk.commands import Problem, Refusal
from helpdesk.desk.letter import Change
from helpdesk.desk.notify import Notification, Occasion
from helpdesk.desk.report import CommandReport
from helpdesk.desk.rights import Ground
from helpdesk.desk.terms import NotificationKind, Side, Visibility
from helpdesk.services import actions, course, drafts, inquiries, letters
from helpdesk.services.actions import Act, Done
from helpdesk.services.changes import CHANGES
from helpdesk.services.conflicts import meanwhile
from helpdesk.services.desk import Unit
from helpdesk.services.errands import Errand, forbidden
from helpdesk.services.wording import Words
from helpdesk.store import calls
from helpdesk.store.tables import OutboxRow, TicketRow


@dataclass(slots=True)
class _Outcome:
    """What was done so far, or what was refused."""

    refused: tuple[Refusal, ...] = ()
    changes: tuple[Change, ...] = ()
    letters: tuple[OutboxRow, ...] = ()
    merged: TicketRow | None = None  # the ticket that goes on


def obey(errand: Errand) -> tuple[str, list[OutboxRow]]:
    """Carry the commands out, or none of them; return the reason word and all mails written, the receipt last."""
    old = errand.ticket.state
    outcome = _Outcome(refused=(*errand.block.refusals, *forbidden(errand), *drafts.gone(errand), *meanwhile(errand)))
    if not outcome.refused:
        with errand.unit.session.begin_nested() as savepoint:
            outcome = _carry_out(errand)
            if outcome.refused:
                savepoint.rollback()
    if outcome.refused:
        return "commands_refused", _refuse(errand, outcome.refused)
    drafts.release(errand)
    if outcome.merged is not None:
        errand.facts.merged[errand.ticket.number] = outcome.merged.number
        errand.facts.tickets[outcome.merged.number] = outcome.merged
    changes = outcome.changes
    if errand.ticket.state is not old:
        changes = (Change("state", old, errand.ticket.state), *changes)
    receipt = send_receipt(errand, report_of(errand, outcome.letters), changes)
    return "commands_done", [*outcome.letters, *receipt]


def refuse_unproven(errand: Errand, *, challenge: bool = False) -> list[OutboxRow]:
    """Tell the registered address that commands came in its name which nothing proves; they are not carried out.

    `challenge`: the receipt asks for a word that they are theirs.
    """
    lines = tuple(Refusal(one.line, Problem.NOT_PROVEN) for one in errand.block.commands) or errand.block.refusals
    return send_receipt(errand, CommandReport(refused=lines), challenge=challenge)


def _carry_out(errand: Errand) -> _Outcome:
    """Do what the lines say, changes first, the words and the state last; stop at the first that can't be."""
    outcome = _Outcome()
    quiet = Act(errand.sender.person, silent=errand.block.has("silent"), quiet=True)
    for command in errand.block.commands:
        handler = CHANGES.get(command.verb)
        result = handler(errand, quiet, command) if handler else Done(errand.ticket)
        if isinstance(result, Refusal):
            return _Outcome(refused=(result,))
        if result.refused and not result.unchanged:
            return _Outcome(refused=(Refusal(command.line, Problem.NOT_NOW, result.refused),))
        if command.verb == "merge":  # what is said goes where everything went
            outcome.merged, errand = result.ticket, replace(errand, ticket=result.ticket)
        outcome.letters += result.letters
        outcome.changes += (result.change,) if result.change else ()
    return _speak(errand, outcome)


def _speak(errand: Errand, outcome: _Outcome) -> _Outcome:
    """Say the words and move the state, then tell those concerned of all changes at once."""
    unit, ticket, block = errand.unit, errand.ticket, errand.block
    silent = block.has("silent") or block.has("spam")
    full = Act(errand.sender.person, block.text, errand.files, silent, remark=errand.remark)
    bare = Act(errand.sender.person, silent=silent)
    said = errand.has_words and not errand.is_public
    told_together = said and bool(outcome.changes)  # one act, one notice
    if told_together:
        course.add_comment(unit, ticket, replace(errand.remark, visibility=Visibility.INTERNAL))
    elif said:
        outcome.letters += actions.note(unit, ticket, full).letters
    verb = next((verb for verb in ("close", "spam", "resolve", "pending", "reopen") if block.has(verb)), None)
    if verb is not None:
        done = _STATES[verb](unit, ticket, bare if said or not errand.has_words else full)
        if done.refused:
            line = next(one.line for one in block.commands if one.verb == verb)
            return _Outcome(refused=(Refusal(line, Problem.WRONG_STATE, ticket.state),))
        outcome.letters += done.letters
    elif errand.has_words and errand.is_public:
        outcome.letters += actions.comment(unit, ticket, full).letters
    if outcome.changes:
        words = Words(errand.sender.person, Side.CONSULTANT, internal=True, changes=outcome.changes)
        if told_together:
            words = replace(words, text=block.text, attachments=errand.files)
        people = actions.people(unit, ticket)
        outcome.letters += tuple(letters.tell(unit, ticket, Occasion.CHANGED, people, words, errand.cause))
    return outcome


def _refuse(errand: Errand, refused: tuple[Refusal, ...]) -> list[OutboxRow]:
    """Keep the text as a draft and say which line failed, and why."""
    comment = None if drafts.gone(errand) else drafts.keep(errand)
    hopeless = any(one.problem is Problem.FILES_TOO_LARGE for one in refused)
    text = errand.block.text if comment is not None else ""
    report = CommandReport(refused=refused, draft=text, releasable=not hopeless)
    return send_receipt(errand, report, cause=drafts.cause(errand, comment))


def send_receipt(
    errand: Errand,
    report: CommandReport,
    changes: tuple[Change, ...] = (),
    *,
    challenge: bool = False,
    cause: str = "",
) -> list[OutboxRow]:
    """Write the receipt to the consultant's registered address, with what they asked to be sent."""
    unit, ticket, block = errand.unit, errand.ticket, errand.block
    asked = not report.refused
    files = inquiries.customers_files(unit, ticket) if asked and block.has("send") else ()
    previous = inquiries.whole_exchange(unit, ticket) if asked and block.has("history") else ()
    room = 2 * unit.desk.attach_up_to  # what notices left out
    words = Words(errand.sender.person, Side.CONSULTANT, attachments=files, changes=changes, report=report, room=room)
    doubt = None if errand.sender.proven else Ground.CONSULTANT_UNPROVEN
    call = calls.of_ticket(unit.session, ticket.number) if asked and block.has("phone") else None
    words = replace(words, doubt=doubt, challenge=challenge, answer_by=call.confirm_by if call else None)
    wanted = (Notification(NotificationKind.RECEIPT, errand.sender.person),)
    return letters.write(unit, ticket, wanted, words, cause or errand.cause, previous=previous)


def report_of(errand: Errand, rows: tuple[OutboxRow, ...]) -> CommandReport:
    """Return what was done, who was mailed, and the answers to what was asked."""
    block, unit = errand.block, errand.unit
    words = block.argument("find")
    return CommandReport(
        done=tuple(command.line for command in block.commands),
        customers=tuple(dict.fromkeys(row.recipient for row in rows if row.notification.for_customers)),
        colleagues=tuple(dict.fromkeys(row.recipient for row in rows if not row.notification.for_customers)),
        text_is="" if not errand.has_words else "public" if errand.is_public else "internal",
        found=inquiries.found(unit, words) if words else (),
        searched=words,
        helps=block.has("help"),
        released=errand.draft is not None,
    )


_STATES: dict[str, Callable[[Unit, TicketRow, Act], Done]] = {
    "close": actions.close,
    "spam": actions.spam,
    "resolve": actions.resolve,
    "pending": actions.pend,
    "reopen": actions.reopen,
}
