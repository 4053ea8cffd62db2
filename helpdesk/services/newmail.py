"""A consultant's new mail that begins with commands: for a customer, about their own absence, or with a question.

Called by `line` for mails that answer none. `#phone` and `#for` open a ticket in the customer's name; what is about no
ticket opens none. A bad line refuses all, and the text is kept on an internal ticket (RELIABILITY 3.6, correction a).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from helpdesk.desk.commands import Block, Problem, Refusal, begins_with_command, read_commands
from helpdesk.desk.gate import Budget, is_machine_address
from helpdesk.desk.report import CommandReport
from helpdesk.desk.sender import Sender
from helpdesk.desk.spans import DateRange
from helpdesk.desk.terms import Disposition, NotificationKind, Step
from helpdesk.mail.message import MessageKind
from helpdesk.services import absences, behalf, inquiries, opening, orders
from helpdesk.services.bulletins import draft, post
from helpdesk.services.desk import Unit
from helpdesk.services.errands import Errand, NewErrand, unfit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.opening import Opened
from helpdesk.services.registration import is_customer
from helpdesk.services.remarks import index_ids, told
from helpdesk.store.tables import OutboxRow, TicketRow


def answer(
    unit: Unit, item: Understood, facts: Facts, sender: Sender, linked: tuple[int, ...], trace: list[Step]
) -> Opened | None:
    """Return what became of a mail with commands; None for a mail without any, which is left alone."""
    mail = NewErrand(unit, item, facts, sender, _commands_in(unit, item), linked, trace)
    if item.classification.kind is not MessageKind.PERSONAL or item.entry.silent or not mail.block.present:
        return None
    refused = _refused(mail)
    lines = "; ".join(one.line for one in mail.block.commands) or "none understood"
    trace.append(Step("commands", "refused" if refused else "done", lines))
    return _refuse(mail, refused) if refused else _carry_out(mail)


def _carry_out(mail: NewErrand) -> Opened:
    block, away = mail.block, _absence(mail)
    if block.has("phone") or block.has("for"):
        ticket, rows = behalf.open_for(mail)
        _receipt(mail, ticket, rows)
        return Opened(Disposition.OPENED, "commands_done", ticket.number)
    kept = _internal(mail) if mail.has_words else None
    if kept is not None:
        _receipt(mail, kept, [])
        return Opened(Disposition.OPENED, "commands_done", kept.number)
    report = replace(_questions(mail.unit, block), away=away, back=block.has("away") and away is None)
    _post(mail, report)
    return Opened(Disposition.RECORDED, "commands_done")


def _commands_in(unit: Unit, item: Understood) -> Block:
    """Return the commands at the head of the whole mail; a forwarded person's words are nobody's commands."""
    if not begins_with_command(item.message.text):
        return Block()
    return read_commands(item.message.new_text, unit.desk.rules.command_aliases, new_mail=True)


def _refused(mail: NewErrand) -> tuple[Refusal, ...]:
    """Return what speaks against the mail: who wrote it, when, and each of its lines."""
    block = mail.block
    if not mail.sender.proven:
        return tuple(Refusal(one.line, Problem.NOT_AUTHENTICATED) for one in block.commands) or block.refusals
    first = block.commands[0].line if block.commands else ""
    return (*block.refusals, *unfit(mail.unit, mail.item, mail.sender, first), *_impossible(mail.unit, block))


def _impossible(unit: Unit, block: Block) -> tuple[Refusal, ...]:
    found = []
    for one in block.commands:
        if one.verb in ("phone", "for") and not _is_customer(unit, one.argument):
            found.append(Refusal(one.line, Problem.NO_CUSTOMER, one.argument))
        days = _days(one.argument) if one.verb == "away" else None
        if days is not None and days.last < unit.today:
            found.append(Refusal(one.line, Problem.IN_THE_PAST, one.argument))
    return tuple(found)


def _is_customer(unit: Unit, addr: str) -> bool:
    return is_customer(unit, addr) and not is_machine_address(addr) and unit.desk.rules.partner_of(addr) is None


def _absence(mail: NewErrand) -> DateRange | None:
    """Write the absence down, or call those there are off; return it."""
    consultant = mail.sender.person.addr
    days = _days(mail.block.argument("away")) if mail.block.has("away") else None
    if days is not None:
        absences.note(mail.unit, consultant, days, mail.item.entry.id)
    elif mail.block.has("away"):
        absences.call_off(mail.unit, consultant)
    return days


def _days(argument: str) -> DateRange | None:
    """Return the days that an argument names, None for the word that calls absences off."""
    first, _, last = argument.partition("..")
    return DateRange(date.fromisoformat(first), date.fromisoformat(last or first)) if first[:1].isdigit() else None


def _refuse(mail: NewErrand, refused: tuple[Refusal, ...]) -> Opened:
    """Say which lines failed; words are kept on an internal ticket."""
    report = CommandReport(refused=refused, draft=mail.block.text)
    ticket = _internal(mail) if mail.has_words else None
    if ticket is None:
        _post(mail, report)
        return Opened(Disposition.RECORDED, "commands_refused")
    _send_receipt(mail.on(ticket), report)
    return Opened(Disposition.OPENED, "commands_refused", ticket.number)


def _internal(mail: NewErrand) -> TicketRow | None:
    """Open the ticket that any new mail of a consultant's opens, unless a rule keeps it back."""
    opened = opening.open_from_mail(mail.unit, mail.item, mail.facts, mail.sender, mail.linked, mail.trace)
    return mail.facts.tickets[opened.ticket] if opened.ticket is not None else None


def _receipt(mail: NewErrand, ticket: TicketRow, rows: list[OutboxRow]) -> None:
    errand = mail.on(ticket)
    _send_receipt(errand, replace(orders.report_of(errand, tuple(rows)), text_is=""))


def _send_receipt(errand: Errand, report: CommandReport) -> None:
    sent = orders.send_receipt(errand, report)
    index_ids(errand.unit, errand.item, errand.facts, errand.ticket, [row.message_id for row in sent])


def _questions(unit: Unit, block: Block) -> CommandReport:
    words = block.argument("find")
    return CommandReport(
        done=tuple(one.line for one in block.commands),
        found=inquiries.found(unit, words) if words else (),
        searched=words,
        helps=block.has("help"),
    )


def _post(mail: NewErrand, report: CommandReport) -> None:
    """Answer a mail that is about no ticket; what nothing proves to be theirs, only so often."""
    unit, sender = mail.unit, mail.sender
    queue = unit.desk.queue_of_mailbox(mail.item.entry.mailbox)
    letter = replace(draft(unit, queue, NotificationKind.ANSWER), report=report)
    budget = Budget.UNLIMITED if sender.proven else Budget.CONTACT
    rows = post(unit, letter, [sender.person.addr], mail.item.cause, budget)
    mail.trace.append(told(rows, "commands"))
