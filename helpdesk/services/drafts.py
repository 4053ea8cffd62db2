"""A consultant's refused text: it waits on the ticket, and an answer to the receipt releases it, once.

Called by `orders` and `conversation` (RELIABILITY 3.6). The answer needs no words of its own: the commands as they
were meant, or "yes", or nothing at all. Words of its own stay among consultants, as in answer to any receipt.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.desk.commands import Problem, Refusal
from helpdesk.desk.folding import fold
from helpdesk.desk.terms import NotificationKind, Standing, Visibility
from helpdesk.mail.pictures import is_mark
from helpdesk.services import causes, course
from helpdesk.services.enclosures import files_of
from helpdesk.services.errands import Errand
from helpdesk.store import drafts, notices
from helpdesk.store.tables import CommentRow, DraftRow

_YES = frozenset({"tak", "ok", "okej", "wyslij", "yes", "send", "send it"})
_CAUSE = "draft"


def keep(errand: Errand) -> int | None:
    """Keep the text of a refused mail on the ticket, held and internal; return its comment, None without words."""
    if errand.draft is not None or not errand.has_words:
        return errand.draft
    held = replace(errand.remark, visibility=Visibility.INTERNAL, standing=Standing.HELD)
    row = course.add_comment(errand.unit, errand.ticket, held)
    addr, now = errand.sender.person.addr, errand.unit.now
    drafts.keep(errand.unit.session, DraftRow(comment=row.id or 0, consultant=addr, public=errand.public, kept_at=now))
    course.note(errand.unit, errand.ticket, "draft", errand.sender.person, new=f"comment {row.id}", reason="refused")
    errand.facts.said(row)
    return row.id


def cause(errand: Errand, comment: int | None) -> str:
    """Return what a receipt is written for, so that an answer to it finds the draft."""
    return errand.cause if comment is None else f"{_CAUSE}:{comment}:{errand.cause}"


def taken_up(errand: Errand) -> Errand | None:
    """Return the errand with the draft's words in it, if the mail answers a receipt and says nothing else."""
    found = _answered(errand)
    if found is None:
        return None
    draft, row = found
    files = files_of(errand.unit.session, draft.comment)
    only_files = row.new_text == ", ".join(one.name for one in files)
    text = "" if only_files else row.new_text
    if not _says_nothing_else(errand, text):
        return None
    remark = replace(errand.remark, text=row.text, new_text=row.new_text, draft=draft.comment)
    block = replace(errand.block, text=text)
    return replace(errand, block=block, public=draft.public, remark=remark, draft=draft.comment, enclosed=files)


def gone(errand: Errand) -> tuple[Refusal, ...]:
    """Return what speaks against releasing the draft: it was released before."""
    row = drafts.of_comment(errand.unit.session, errand.draft) if errand.draft is not None else None
    if row is None or row.released_at is None:
        return ()
    first = errand.block.commands[0].line if errand.block.commands else errand.item.message.subject
    return (Refusal(first, Problem.DRAFT_GONE),)


def release(errand: Errand) -> None:
    """Note that the draft's words are out, whatever became of them."""
    if errand.draft is not None and drafts.release(errand.unit.session, errand.draft, errand.unit.now):
        person = errand.sender.person
        course.note(errand.unit, errand.ticket, "draft_released", person, old=f"comment {errand.draft}")


def _answered(errand: Errand) -> tuple[DraftRow, CommentRow] | None:
    """Return the draft of this very consultant whose receipt the mail answers."""
    addr = errand.sender.person.addr
    receipt, session = errand.answered, errand.unit.session
    if receipt is None or receipt.notification is not NotificationKind.RECEIPT or receipt.recipient != addr:
        return None
    kind, number = causes.of_letter(session, receipt)
    draft = drafts.of_comment(session, number) if kind == _CAUSE and number is not None else None
    row = notices.comment(session, draft.comment) if draft else None
    fits = draft is not None and row is not None and draft.consultant == addr and row.ticket == errand.ticket.number
    return (draft, row) if fits and draft and row else None


def _says_nothing_else(errand: Errand, text: str) -> bool:
    """Return whether the answer's own words are none: "yes", the draft's once more, or the signature below it."""
    if any(not one.inline for one in errand.item.message.attachments):
        return False
    own, waiting = _lines(errand.block.text), _lines(text)
    if not own:
        return not errand.block.text.strip()  # a picture alone is something
    return (len(own) == 1 and own[0].rstrip("!. ") in _YES) or waiting[-len(own) :] == own


def _lines(text: str) -> list[str]:
    """Return the lines that aren't blank, as they are compared; a signature's picture has another mark each time."""
    lines = (line for line in text.splitlines() if not is_mark(line))
    return [words for line in lines if (words := " ".join(fold(line).split()))]
