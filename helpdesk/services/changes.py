"""The verbs that change a ticket before anything is said: each line of a block as an act of `actions`.

Called by `orders`, which takes everything back when one of them is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from helpdesk.desk.commands import Command, Problem, Refusal
from helpdesk.desk.folding import fold
from helpdesk.desk.terms import State
from helpdesk.desk.verbs import KINDS
from helpdesk.desk.visit import read_visit
from helpdesk.services import actions, causes, regroup, timesheet, verdicts, visits
from helpdesk.services.actions import Act, Done
from helpdesk.services.desk import Desk, Unit
from helpdesk.services.errands import Errand
from helpdesk.store.tables import CommentRow, TicketRow


def _assign(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    addr = _consultant(errand.unit.desk, command.argument)
    if addr is None:
        return Refusal(command.line, Problem.NO_CONSULTANT, command.argument)
    return _taken(errand, act, command, addr)


def _take(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    return _taken(errand, act, command, act.by.addr)


def _taken(errand: Errand, act: Act, command: Command, addr: str) -> Done | Refusal:
    if addr == act.by.addr and errand.ticket.state is State.CLOSED:
        return Refusal(command.line, Problem.WRONG_STATE, errand.ticket.state)
    return actions.assign(errand.unit, errand.ticket, act, addr)


def _consultant(desk: Desk, words: str) -> str | None:
    """Return the one consultant whose address, its local part or name it is."""
    if known := desk.rules.consultant_of(words):
        return known.addr
    wanted = fold(words)
    fitting = {
        one.addr
        for one in desk.rules.consultants.values()
        if wanted in (one.addr.partition("@")[0], fold(one.name), *fold(one.name).split())
    }
    return fitting.pop() if len(fitting) == 1 else None


def _queue(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    queues = errand.unit.desk.rules.queues
    name = next((name for name in queues if fold(name) == fold(command.argument)), None)
    if name is None:
        return Refusal(command.line, Problem.NO_QUEUE, ", ".join(queues))
    return actions.set_queue(errand.unit, errand.ticket, act, name)


def _cc(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    rules = errand.unit.desk.rules
    if rules.queue_of_address(command.argument) or rules.consultant_of(command.argument):
        return Refusal(command.line, Problem.OWN_ADDRESS, command.argument)
    return actions.let_in(errand.unit, errand.ticket, act, command.argument)


def _uncc(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    done = actions.let_out(errand.unit, errand.ticket, act, command.argument)
    return Refusal(command.line, Problem.NO_PART, command.argument) if done.refused else done


def _kind(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    return actions.set_kind(errand.unit, errand.ticket, act, KINDS[fold(command.argument)])


def _merge(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    done = regroup.merge(errand.unit, errand.ticket, act, command.argument)
    return Refusal(command.line, Problem.NO_TICKET, command.argument) if done.refused else done


def _split(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    """Split off the message that the answered notice carries."""
    row = _answered_comment(errand)
    done = regroup.split(errand.unit, errand.ticket, act, str(row.id) if row else "")
    return Refusal(command.line, Problem.NOTHING_TO_SPLIT) if done.refused else done


def _accept(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    """Take in the message that the answered notice carries."""
    row = _answered_comment(errand)
    done = verdicts.accept(errand.unit, errand.ticket, act, str(row.id) if row else "")
    return Refusal(command.line, Problem.NOTHING_TO_ACCEPT) if done.refused else done


def _answered_comment(errand: Errand) -> CommentRow | None:
    """Return the comment whose words the answered notice carries."""
    return causes.words_of(errand.unit.session, errand.answered) if errand.answered else None


def _visit(errand: Errand, act: Act, command: Command) -> Done | Refusal:
    problem = visits.objection(errand.unit, errand.ticket, read_visit(command.argument))
    if problem is not None:
        return Refusal(
            command.line, problem, errand.ticket.state if problem is Problem.WRONG_STATE else command.argument
        )
    return visits.visit(errand.unit, errand.ticket, act, command.argument)


def _plain(action: Callable[[Unit, TicketRow, Act, str], Done]) -> Callable[[Errand, Act, Command], Done | Refusal]:
    """Return an act of `actions` as a handler."""
    return lambda errand, act, command: action(errand.unit, errand.ticket, act, command.argument)


CHANGES: dict[str, Callable[[Errand, Act, Command], Done | Refusal]] = {
    "take": _take,
    "assign": _assign,
    "priority": _plain(actions.set_priority),
    "kind": _kind,
    "tag": _plain(actions.tag),
    "queue": _queue,
    "cc": _cc,
    "uncc": _uncc,
    "time": _plain(timesheet.log_time),
    "visit": _visit,
    "merge": _merge,
    "split": _split,
    "accept": _accept,
}
