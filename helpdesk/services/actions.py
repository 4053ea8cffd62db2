"""What consultants do to tickets: comment, note, take, assign, resolve, close, reopen, create …

Called by `helpdesk tickets VERB`, and by `orders` for commands in mails. One act is one transaction with its
letters; what the table of states or the rules don't allow is refused with a sentence, and nothing is changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from helpdesk.desk.letter import Change, Utterance
from helpdesk.desk.lifecycle import Effect, Event
from helpdesk.desk.mutes import Blame
from helpdesk.desk.notify import Occasion, People
from helpdesk.desk.terms import Person, Side, TicketKind, Via, Visibility
from helpdesk.mail.message import Attachment
from helpdesk.services import cancellations, causes, course, coverage, letters, promises
from helpdesk.services.course import Remark
from helpdesk.services.desk import Unit
from helpdesk.services.wording import Words
from helpdesk.store import gate, tickets
from helpdesk.store.tables import CommentRow, OutboxRow, TicketRow


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a ticket, with which words."""

    by: Person
    text: str = ""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    silent: bool = False  # no mail to the customer's side
    remark: Remark | None = field(default=None, repr=False)  # the mail that the words came in, as it is written down
    quiet: bool = False  # the caller tells people of the changes, all at once


@dataclass(frozen=True, slots=True)
class Done:
    """What an act did; `refused` is a sentence when it did nothing."""

    ticket: TicketRow
    letters: tuple[OutboxRow, ...] = ()
    refused: str = ""
    unchanged: bool = False  # refused only since it is so already
    change: Change | None = None


def comment(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Say something to the customer."""
    row = _say(unit, ticket, act, Visibility.PUBLIC)
    course.move(unit, ticket, Event.CONSULTANT_COMMENT, act.by, at=unit.now)
    return _told(unit, ticket, act, Occasion.CONSULTANT_WORDS, _words(act), row)


def note(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Say something among consultants."""
    row = _say(unit, ticket, act, Visibility.INTERNAL)
    return _told(unit, ticket, act, Occasion.NOTE, _words(act, internal=True), row)


def resolve(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Say that it is solved; the text travels in the one mail `resolved`."""
    return _end(unit, ticket, act, Event.RESOLVE, Occasion.RESOLVED)


def close(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Archive it; the text travels in the one mail `closed`."""
    return _end(unit, ticket, act, Event.CLOSE, Occasion.CLOSED)


def spam(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Archive it without a word to the customer's side, and write to its author no more."""
    done = _end(
        unit, ticket, replace(act, text="", attachments=(), remark=None, silent=True), Event.CLOSE, Occasion.CLOSED
    )
    if not done.refused:
        gate.strike(unit.session, ticket.requester_addr, Blame.NO_SUCH_ADDRESS, f"{gate.SPAM}{act.by.addr}", unit.now)
        course.note(unit, ticket, "spam", act.by, new=ticket.requester_addr)
    return done


def pend(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Wait for the customer; a text goes to them as a comment."""
    return _moved(unit, ticket, act, Event.PEND)


def reopen(unit: Unit, ticket: TicketRow, act: Act) -> Done:
    """Work on it again: a new time to react begins."""
    return _moved(unit, ticket, act, Event.REOPEN)


def assign(unit: Unit, ticket: TicketRow, act: Act, consultant: str) -> Done:
    """Make a consultant responsible; taking it oneself is the reaction that the plan promises."""
    person = unit.desk.rules.consultant_of(consultant)
    if person is None:
        return Done(ticket, refused=f"{consultant} is no consultant of this desk")
    old, state, reacted = ticket.assignee or "", ticket.state, ticket.reacted_at
    if person.addr == act.by.addr:
        step = course.move(unit, ticket, Event.TAKE, act.by, at=unit.now)
        if step.refused:
            return Done(ticket, refused=step.refused)
        if old == person.addr and ticket.reacted_at != reacted:  # a rule gave it to them, and now they begin
            return _told(unit, ticket, act, Occasion.CHANGED, _words(act, Change("state", state, step.state)), None)
    ticket.assignee = person.addr
    return changed(unit, ticket, act, Change("assignee", old, person.addr))


def set_priority(unit: Unit, ticket: TicketRow, act: Act, priority: str) -> Done:
    """Set how urgent it is, 1 (most) to 5."""
    if priority not in ("1", "2", "3", "4", "5"):
        return Done(ticket, refused=f"{priority!r} is no priority: 1 is the most urgent, 5 the least")
    old, ticket.priority = str(ticket.priority), int(priority)
    return changed(unit, ticket, act, Change("priority", old, priority))


def set_kind(unit: Unit, ticket: TicketRow, act: Act, kind: str) -> Done:
    """Say whether it is an error or something else."""
    if kind not in tuple(TicketKind):
        return Done(ticket, refused=f"{kind!r} is no kind: error or other")
    old, ticket.kind = ticket.kind.value, TicketKind(kind)
    if old != kind:
        promises.kind_changed(unit, ticket, act.by)
    done = changed(unit, ticket, act, Change("kind", old, kind))
    told = () if act.silent or done.refused else coverage.tell_what_is_covered(unit, ticket, act.by)
    return Done(ticket, (*done.letters, *told), done.refused)


def tag(unit: Unit, ticket: TicketRow, act: Act, words: str) -> Done:
    """Add tags, separated by blanks or commas."""
    wanted = dict.fromkeys([*ticket.tags, *words.replace(",", " ").split()])
    old, ticket.tags = ", ".join(ticket.tags), list(wanted)
    return changed(unit, ticket, act, Change("tags", old, ", ".join(ticket.tags)))


def set_queue(unit: Unit, ticket: TicketRow, act: Act, queue: str) -> Done:
    """Hand it to another queue: the number stays, the prefix and the people who are told change.

    Who has it and is not of that queue has it no more: else nobody there would hear of it.
    """
    target = unit.desk.rules.queues.get(queue)
    if target is None:
        known = ", ".join(unit.desk.rules.queues)
        return Done(ticket, refused=f"there is no queue {queue!r}; there are: {known}")
    old = ticket.queue
    ticket.queue, ticket.prefix = target.name, target.prefix
    if ticket.assignee and ticket.assignee not in target.consultants:
        course.note(unit, ticket, "assignee", act.by, old=ticket.assignee, reason=f"not of {target.name}")
        ticket.assignee = None
    return changed(unit, ticket, act, Change("queue", old, target.name))


def let_in(unit: Unit, ticket: TicketRow, act: Act, addr: str) -> Done:
    """Let a person on the customer's side take part."""
    if "@" not in addr:
        return Done(ticket, refused=f"{addr!r} is no mail address")
    if unit.desk.rules.queue_of_address(addr) is not None:
        return Done(ticket, refused=f"{addr} is an address of this desk")
    present = tickets.participants(unit.session, ticket.number)
    course.join(unit, ticket, present, [Person("", addr.casefold())])
    return changed(unit, ticket, act, Change("participants", "", addr.casefold()))


def let_out(unit: Unit, ticket: TicketRow, act: Act, addr: str) -> Done:
    """Take a person's part in the ticket away."""
    present = tickets.participants(unit.session, ticket.number)
    row = present.get(addr.casefold())
    if row is None:
        return Done(ticket, refused=f"{addr} takes no part in this ticket")
    unit.session.delete(row)
    unit.session.flush()
    return changed(unit, ticket, act, Change("participants", addr.casefold(), ""))


def _say(unit: Unit, ticket: TicketRow, act: Act, visibility: Visibility) -> CommentRow:
    said = Remark(act.by, Side.CONSULTANT, act.text, visibility, via=Via.CLI, attachments=act.attachments)
    return course.add_comment(unit, ticket, replace(act.remark, visibility=visibility) if act.remark else said)


def _end(unit: Unit, ticket: TicketRow, act: Act, event: Event, occasion: Occasion) -> Done:
    step = course.move(unit, ticket, event, act.by, at=unit.now)
    if step.refused:
        return Done(ticket, refused=step.refused)
    row = _say(unit, ticket, act, Visibility.PUBLIC) if act.text or act.remark else None
    done = _told(unit, ticket, act, occasion, _words(act), row)
    if event is not Event.CLOSE:
        return done
    return replace(done, letters=(*done.letters, *cancellations.with_ticket(unit, ticket, act.by, silent=act.silent)))


def _moved(unit: Unit, ticket: TicketRow, act: Act, event: Event) -> Done:
    old = ticket.state
    step = course.move(unit, ticket, event, act.by, at=unit.now)
    if step.refused:
        return Done(ticket, refused=step.refused)
    said: tuple[OutboxRow, ...] = ()
    if act.text or act.remark:
        row = _say(unit, ticket, act, Visibility.PUBLIC)
        said = _told(unit, ticket, act, Occasion.CONSULTANT_WORDS, _words(act), row).letters
    words = _words(act, Change("state", old, step.state), reopened=Effect.REOPENED in step.effects)
    return Done(ticket, said + _told(unit, ticket, act, Occasion.CHANGED, words, None).letters)


def changed(unit: Unit, ticket: TicketRow, act: Act, change: Change) -> Done:
    """Write a change down and tell those concerned; one that changes nothing is refused."""
    if change.old == change.new:
        return Done(ticket, refused=f"{change.what} is {change.new or 'empty'} already", unchanged=True)
    course.note(unit, ticket, change.what, act.by, old=change.old, new=change.new, reason=act.text)
    if act.text:
        _say(unit, ticket, act, Visibility.INTERNAL)
    if act.quiet:
        return Done(ticket, change=change)
    return _told(unit, ticket, act, Occasion.CHANGED, _words(act, change, internal=True), None)


def _words(act: Act, *changes: Change, internal: bool = False, reopened: bool = False) -> Words:
    return Words(
        act.by,
        Side.CONSULTANT,
        act.text,
        act.attachments,
        internal=internal,
        reopened=reopened,
        changes=changes,
    )


def _told(unit: Unit, ticket: TicketRow, act: Act, occasion: Occasion, words: Words, row: CommentRow | None) -> Done:
    unit.session.flush()
    cause = f"comment:{row.id}" if row else causes.of_change(unit.session, ticket)
    previous = _previous(unit, ticket) if occasion in (Occasion.NOTE, Occasion.CONSULTANT_WORDS) else ()
    who = people(unit, ticket)
    rows = letters.tell(unit, ticket, occasion, who, words, cause, silent=act.silent, previous=previous)
    return Done(ticket, tuple(rows))


def people(unit: Unit, ticket: TicketRow) -> People:
    """Return everyone who has to do with a ticket as it is now."""
    unit.session.flush()
    participants = tickets.participants(unit.session, ticket.number)
    return letters.people_of(unit, ticket, participants.values())


def _previous(unit: Unit, ticket: TicketRow) -> list[Utterance]:
    """The exchange before the words at hand, which are the newest comment."""
    return tickets.last_words(unit.session, [ticket.number], 3).get(ticket.number, [])[1:]
