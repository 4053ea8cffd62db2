"""One mail with commands, on its ticket or new, and what speaks against carrying out any of them.

On a ticket: made by `conversation`, carried out by `orders`. New: made and carried out by `newmail`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from helpdesk.desk.commands import Block, Problem, Refusal
from helpdesk.desk.sender import Sender
from helpdesk.desk.terms import Step, Visibility
from helpdesk.mail.message import Attachment
from helpdesk.services.course import Remark
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.services.remarks import first_remark
from helpdesk.store.outbox import SentMail
from helpdesk.store.tables import TicketRow

OLDEST = timedelta(hours=72)  # between writing and delivery: later it may be a signed mail played again


@dataclass(frozen=True, slots=True)
class Errand:
    """One mail with commands on one ticket. `public`: its text is meant for the customer unless a command differs."""

    unit: Unit
    item: Understood
    facts: Facts
    ticket: TicketRow
    sender: Sender
    block: Block
    public: bool
    remark: Remark
    draft: int | None = None  # the comment whose words wait, and are these
    enclosed: tuple[Attachment, ...] | None = None  # the draft's files

    @property
    def cause(self) -> str:
        return self.item.cause

    @property
    def answered(self) -> SentMail | None:
        """The nearest mail of ours that this one answers."""
        return next(iter(self.facts.answered(self.item)), None)

    @property
    def files(self) -> tuple[Attachment, ...]:
        return self.item.message.attachments if self.enclosed is None else self.enclosed

    @property
    def has_words(self) -> bool:
        return _has_words(self.block, self.files)

    @property
    def is_public(self) -> bool:
        return self.public and not self.block.has("note") and not self.block.has("spam")


@dataclass(frozen=True, slots=True)
class NewErrand:
    """A consultant's new mail with commands: it answers nothing, and may open a ticket."""

    unit: Unit
    item: Understood
    facts: Facts
    sender: Sender
    block: Block
    linked: tuple[int, ...]  # tickets that it names all the same
    trace: list[Step]

    @property
    def has_words(self) -> bool:
        return _has_words(self.block, self.item.message.attachments)

    def on(self, ticket: TicketRow) -> Errand:
        """Return the errand on the ticket that the mail has opened; its words stay among consultants."""
        remark = first_remark(self.item, self.sender, Visibility.INTERNAL)
        return Errand(self.unit, self.item, self.facts, ticket, self.sender, self.block, public=False, remark=remark)


def _has_words(block: Block, files: Sequence[Attachment]) -> bool:
    """Return whether there is something to say beside the commands; a picture in a signature is nothing."""
    return bool(block.text.strip()) or any(not one.inline for one in files)


def forbidden(errand: Errand) -> tuple[Refusal, ...]:
    """Return what speaks against any command of this mail, whatever it says."""
    first = errand.block.commands[0].line if errand.block.commands else ""
    if refused := unfit(errand.unit, errand.item, errand.sender, first):
        return refused
    if is_too_large(errand):
        bound = f"{errand.unit.desk.attach_up_to / 1_000_000:g} MB"
        return (Refusal(first or errand.files[0].name, Problem.FILES_TOO_LARGE, bound),)
    return ()


def unfit(unit: Unit, item: Understood, sender: Sender, line: str) -> tuple[Refusal, ...]:
    """Return what speaks against a mail's commands before they are read: its age, or where answers to it would go."""
    message = item.message
    if message.date is not None and abs(item.entry.delivered_at - message.date) > OLDEST:
        return (Refusal(line, Problem.TOO_OLD),)
    for address in message.reply_to:
        same = unit.desk.rules.consultant_of(address.key)
        if same is None or same.addr != sender.person.addr:
            return (Refusal(line, Problem.OTHER_REPLY_TO, address.addr),)
    return ()


def is_too_large(errand: Errand) -> bool:
    """Return whether files go to the customer that are larger than the desk sends: then nothing goes."""
    return errand.is_public and sum(one.size for one in errand.files) > errand.unit.desk.attach_up_to
