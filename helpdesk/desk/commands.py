"""A consultant's commands: the first lines of a reply, `#verb [arguments]`, all or nothing (CONTRACT; RELIABILITY 3.6).

    block = 1*(line)             before any other text; ends at the first other line
    line  = "#" verb *(blank argument)

`services.orders` asks `read_commands` for the block and carries it out. Verbs are Polish or English, without
regard to case or diacritics; a doubled `##` where the text begins is a literal `#`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.desk.folding import fold
from helpdesk.desk.verbs import TABLE, VERBS

LONGEST_LINE = 200  # octets
MOST_LINES = 10
_LINE = re.compile(r"#([^\W\d_][\w-]*)(?:[\s\u00a0]+(.*))?", re.DOTALL)
_LOOKS_LIKE_ONE = re.compile(r"#[^\W\d_]")
_QUOTES = "\"„”“«»'"


class Problem(StrEnum):
    """Why a line is refused."""

    UNKNOWN_VERB = "unknown_verb"
    WORDS_AFTER_VERB = "words_after_verb"
    ARGUMENT_MISSING = "argument_missing"
    BAD_ARGUMENT = "bad_argument"
    REPEATED = "repeated"
    CONTRADICTORY = "contradictory"
    ONLY_IN_A_NEW_MAIL = "only_in_a_new_mail"
    NOT_IN_A_NEW_MAIL = "not_in_a_new_mail"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_LINES = "too_many_lines"
    NOT_PROVEN = "not_proven"
    TOO_OLD = "too_old"  # written days before it came in
    OTHER_REPLY_TO = "other_reply_to"
    CHANGED_MEANWHILE = "changed_meanwhile"  # by another consultant, since the notice that is answered
    NOTHING_TO_ACCEPT = "nothing_to_accept"
    NO_CONSULTANT = "no_consultant"
    NO_QUEUE = "no_queue"
    NO_TICKET = "no_ticket"
    NO_PART = "no_part"
    NOTHING_TO_SPLIT = "nothing_to_split"
    OWN_ADDRESS = "own_address"
    WRONG_STATE = "wrong_state"
    FILES_TOO_LARGE = "files_too_large"
    DRAFT_GONE = "draft_gone"  # it was released before
    NO_CUSTOMER = "no_customer"  # nobody who could be written to as a customer
    IN_THE_PAST = "in_the_past"
    VISIT_PAST = "visit_past"
    NO_VISIT = "no_visit"  # nothing to call off
    NOT_AUTHENTICATED = "not_authenticated"  # a new mail answers nothing: only our mail server can vouch for it
    NOT_NOW = "not_now"  # what the rules or the ledger don't allow; the detail says why


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the block, understood. `verb` is the English word."""

    verb: str
    argument: str
    line: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that can't be carried out, and why; `detail` is a word of the line or a sentence."""

    line: str
    problem: Problem
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The commands of a mail and the text below them. With any refusal nothing at all is carried out."""

    commands: tuple[Command, ...] = ()
    text: str = ""
    refusals: tuple[Refusal, ...] = ()

    @property
    def present(self) -> bool:
        """Whether the mail begins with a command, a good or a bad one."""
        return bool(self.commands or self.refusals)

    def has(self, verb: str) -> bool:
        return any(command.verb == verb for command in self.commands)

    def argument(self, verb: str) -> str:
        """Return the argument of a verb that stands once; "" if it doesn't stand there."""
        return next((command.argument for command in self.commands if command.verb == verb), "")


_BY_WORD = {word: verb for verb in TABLE for word in (verb.name, *verb.polish)}
_BY_NAME = {verb.name: verb for verb in TABLE}
# Of each group no two may stand together. `resolve` and `close` may: that is one act, `close` (CONTRACT).
_APART = (
    {"take", "assign"},
    {"pending", "resolve", "reopen"},
    {"pending", "close", "reopen"},
    {"merge", "split"},
    {"phone", "for"},
    *({"spam", other} for other in VERBS if other not in ("spam", "note", "silent")),
)
# In a new mail these go only with a customer's address.
_ABOUT_A_TICKET = frozenset({"priority", "kind", "tag"})


def read_commands(text: str, aliases: Mapping[str, str] | None = None, *, new_mail: bool = False) -> Block:
    """Return the commands that a consultant's text begins with, and the text below them.

    `aliases` are the rules' own words for verbs; `new_mail` is a mail that answers none. Nothing is carried out here.
    """
    lines = text.split("\n")
    commands: list[Command] = []
    refusals: list[Refusal] = []
    at = count = 0
    while at < len(lines):
        line = lines[at].strip().replace("\u00a0", " ")
        if line and not _LOOKS_LIKE_ONE.match(line):
            break
        if line:
            count += 1
            read = _too_much(line, count) or _read_line(line, aliases or {}, new_mail)
            refusals.append(read) if isinstance(read, Refusal) else commands.append(read)
        at += 1
    refusals += _conflicts(commands, new_mail)
    return Block(tuple(commands), _below(lines[at:]), tuple(refusals))


def begins_with_command(text: str) -> bool:
    """Return whether the first line that isn't blank looks like a command."""
    return _LOOKS_LIKE_ONE.match(text.lstrip()) is not None


def split_head(text: str) -> tuple[str, str]:
    """Return the lines that look like commands at the head of a mail, and all below them."""
    lines = text.lstrip("\n").split("\n")
    below = next(
        (at for at, line in enumerate(lines) if line.strip() and not _LOOKS_LIKE_ONE.match(line.lstrip())), None
    )
    return "\n".join(lines[:below]), "\n".join(lines[below:] if below is not None else [])


def _too_much(line: str, count: int) -> Refusal | None:
    if len(line.encode()) > LONGEST_LINE:
        return Refusal(f"{line[:60]}…", Problem.LINE_TOO_LONG)
    return Refusal(line, Problem.TOO_MANY_LINES) if count > MOST_LINES else None


def _read_line(line: str, aliases: Mapping[str, str], new_mail: bool) -> Command | Refusal:
    found = _LINE.fullmatch(line)
    word = fold(found[1]) if found else fold(line.split()[0].removeprefix("#"))
    verb = _BY_WORD.get(word) or _BY_NAME.get(aliases.get(word, "")) if found else None
    if found is None or verb is None:
        return Refusal(line, Problem.UNKNOWN_VERB, f"#{word}")
    argument = " ".join((found[2] or "").split()).strip(_QUOTES).strip()
    if new_mail and not verb.in_new_mail:
        return Refusal(line, Problem.NOT_IN_A_NEW_MAIL, f"#{verb.name}")
    if not new_mail and not verb.in_reply:
        return Refusal(line, Problem.ONLY_IN_A_NEW_MAIL, f"#{verb.name}")
    if verb.sound is None:
        return Refusal(line, Problem.WORDS_AFTER_VERB, argument) if argument else Command(verb.name, "", line)
    if not argument:
        return Refusal(line, Problem.ARGUMENT_MISSING, f"#{verb.name}")
    return Command(verb.name, argument, line) if verb.sound(argument) else Refusal(line, Problem.BAD_ARGUMENT, argument)


def _conflicts(commands: list[Command], new_mail: bool) -> list[Refusal]:
    """Return what is said twice, against another line, or in a new mail about no ticket."""
    found: list[Refusal] = []
    for at, command in enumerate(commands):
        earlier = commands[:at]
        same = [one for one in earlier if one.verb == command.verb]
        if same and (not _BY_NAME[command.verb].repeats or any(one.argument == command.argument for one in same)):
            found.append(Refusal(command.line, Problem.REPEATED, f"#{command.verb}"))
        elif other := next((one for one in earlier if _contradict(one, command)), None):
            found.append(Refusal(command.line, Problem.CONTRADICTORY, other.line))
    verbs = {command.verb for command in commands}
    if new_mail and not verbs & {"phone", "for"}:
        needing = [one for one in commands if one.verb in _ABOUT_A_TICKET]
        found += [Refusal(one.line, Problem.NOT_IN_A_NEW_MAIL, f"#{one.verb}") for one in needing]
    return found


def _contradict(one: Command, other: Command) -> bool:
    both = {one.verb, other.verb}
    if both == {"cc", "uncc"}:
        return one.argument.casefold() == other.argument.casefold()
    return len(both) > 1 and any(both <= apart for apart in _APART)


def _below(lines: list[str]) -> str:
    """Return the text below the block, without blank lines around it; a doubled `##` at its head is one."""
    text = "\n".join(lines).strip("\n")
    return text.removeprefix("#") if text.startswith("##") else text
