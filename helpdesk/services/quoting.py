"""What somebody wrote now, with the letters they answer folded away by proof: we know what those said.

Separators are guesses; the letters' own bytes in the outbox are not. A notice to a consultant holds what no customer
may see — notes, the plan, colleagues — so nothing of it may go on. A customer's answer may stand between our lines,
so nothing but ours is folded. Called by `conversation` before the words go anywhere.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.desk.commands import Block, begins_with_command, read_commands, split_head
from helpdesk.mail.body import answering_text, new_text
from helpdesk.mail.identifiers import is_forward_subject, is_reply_subject
from helpdesk.mail.parse import text_of
from helpdesk.services.desk import Unit
from helpdesk.services.facts import Facts, Understood
from helpdesk.store import outbox
from helpdesk.store.tables import TicketRow

_HEAD = "\u2063\u2063"  # stands for a first line, so that an answer without words is not taken for all words


def folded(item: Understood, facts: Facts, ticket: TicketRow) -> Understood:
    """Return a mail of the customers' side with its new text as our letters on the ticket prove it."""
    letters = facts.letters_before(item, ticket.number)
    if not letters or item.failure:
        return item
    message = item.message
    text = answering_text(
        message.text,
        [text_of(letter.content) for letter in letters],
        [ticket.subject],
        answers=bool(item.hints.ancestors) or is_reply_subject(message.subject),
        hands_on=is_forward_subject(message.subject),
    )
    return replace(item, message=replace(message, new_text=text))


def own_words(unit: Unit, item: Understood, facts: Facts) -> str:
    """Return the author's own words; "" where there is nothing but quotes. A mail that is no answer is all words.

    Commands at the head are the author's even where they are copied from a notice that offered them.
    """
    message = item.message
    if not item.hints.ancestors or is_forward_subject(message.subject):
        return message.new_text
    commands, below = split_head(message.text)
    found = new_text(f"{_HEAD}\n{below}", _sent(unit, item, facts)).removeprefix(_HEAD)
    return f"{commands}\n{found}".strip("\n")


def commands_in(unit: Unit, item: Understood, text: str) -> Block:
    """Return the commands that the author's own words begin with.

    In a forward they must be the head of the whole mail: else they could be the forwarded person's.
    """
    if is_forward_subject(item.message.subject) and not begins_with_command(item.message.text):
        return Block(text=text)
    return read_commands(text, unit.desk.rules.command_aliases)


def _sent(unit: Unit, item: Understood, facts: Facts) -> list[str]:
    """Return the text of the nearest mail of ours that this one answers."""
    for letter in facts.answered(item)[:1]:
        if content := outbox.content(unit.session, letter.id):
            return [text_of(content)]
    return []
