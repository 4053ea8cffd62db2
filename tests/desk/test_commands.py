"""A consultant's commands: every verb in both languages, what ends the block, and every way to be refused."""

from __future__ import annotations

import pytest

from helpdesk.desk.commands import Block, Problem, begins_with_command, read_commands
from helpdesk.desk.folding import fold
from helpdesk.desk.verbs import TABLE, VERBS

ARGUMENTS = {
    "assign": "piotr@desk.test",
    "priority": "2",
    "kind": "other",
    "tag": "faktury pilne",
    "queue": "TARGIT",
    "merge": "DYN-10015",
    "cc": "ewa@acme.test",
    "uncc": "ewa@acme.test",
    "time": "35m remote 2026-11-25 +0m",
    "visit": "2026-11-25 10:00 60m",
    "phone": "jan@acme.test",
    "for": "jan@acme.test",
    "find": "znikające faktury",
    "away": "2026-12-23..2026-12-31",
}
ONLY_NEW = {"phone", "for", "away"}
SPOKEN = {
    "#notatka": "note", "#biorę": "take", "#Rozwiąż": "resolve", "#rozwiązane": "resolve", "#ROZWIAZ": "resolve",
    "#zamknij": "close", "#otwórz": "reopen", "#otworz": "reopen", "#czekam": "pending", "#podziel": "split",
    "#cicho": "silent", "#wyślij": "send", "#historia": "history", "#pomoc": "help", "#spam": "spam", "#Take": "take",
}  # fmt: skip


def refused(text: str, new_mail: bool = False) -> list[tuple[str, Problem]]:
    """Return the lines refused and why."""
    return [(one.line, one.problem) for one in read_commands(text, new_mail=new_mail).refusals]


def test_no_word_means_two_verbs() -> None:
    words = [word for verb in TABLE for word in (verb.name, *verb.polish) if word != "spam"]
    assert len(words) == len(set(words))
    assert len(VERBS) == 27


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_a_verb_is_understood_in_english_and_polish(verb: object) -> None:
    known = next(each for each in TABLE if each is verb)
    argument = ARGUMENTS.get(known.name, "")
    for word in (known.name, *known.polish):
        block = read_commands(f"#{word} {argument}".strip() + "\n\nDzień dobry", new_mail=known.name in ONLY_NEW)
        assert [(each.verb, each.argument) for each in block.commands] == [(known.name, argument)]
        assert (block.text, block.refusals) == ("Dzień dobry", ())


@pytest.mark.parametrize(("line", "verb"), SPOKEN.items(), ids=SPOKEN)
def test_case_and_diacritics_are_optional(line: str, verb: str) -> None:
    assert [command.verb for command in read_commands(line).commands] == [verb]


TEXTS = {
    "no command": ("Dzień dobry", 0, "Dzień dobry"),
    "text first": ("Dzień dobry\n#close", 0, "Dzień dobry\n#close"),
    "a heading is text": ("# Plan\n#close", 0, "# Plan\n#close"),
    "a number is text": ("#48213 to zgłoszenie", 0, "#48213 to zgłoszenie"),
    "a doubled sign is a literal one": ("##close\ntext", 0, "#close\ntext"),
    "a doubled sign below the block": ("#take\n##faktury", 1, "#faktury"),
    "headings further below stay": ("#take\nA\n## B", 1, "A\n## B"),
    "blank lines before and between": ("\n\n#take\n\n#tag a\n\nText\n", 2, "Text"),
    "a no-break space is a blank": ("#tag\u00a0pilne", 1, ""),
    "carriage returns": ("#take\r\nText", 1, "Text"),
    "nothing": ("", 0, ""),
}


@pytest.mark.parametrize(("text", "commands", "below"), TEXTS.values(), ids=TEXTS)
def test_the_block_ends_at_the_first_other_line(text: str, commands: int, below: str) -> None:
    block = read_commands(text)
    assert (len(block.commands), block.text, block.refusals) == (commands, below, ())


REFUSED = {
    "an unknown verb": ("#clsoe", Problem.UNKNOWN_VERB),
    "a verb with a full stop": ("#close.", Problem.UNKNOWN_VERB),
    "words after a verb without arguments": ("#close dziękujemy", Problem.WORDS_AFTER_VERB),
    "a missing argument": ("#priority", Problem.ARGUMENT_MISSING),
    "a priority that is none": ("#priority 6", Problem.BAD_ARGUMENT),
    "a kind that is none": ("#kind bug", Problem.BAD_ARGUMENT),
    "an address that is none": ("#cc Ewa", Problem.BAD_ARGUMENT),
    "two addresses in a line": ("#cc a@b.test c@d.test", Problem.BAD_ARGUMENT),
    "a time that is none": ("#time długo", Problem.BAD_ARGUMENT),
    "a visit without an hour": ("#visit 2026-11-25", Problem.BAD_ARGUMENT),
    "only in a new mail": ("#phone jan@acme.test", Problem.ONLY_IN_A_NEW_MAIL),
    "a line too long": (f"#tag {'a' * 200}", Problem.LINE_TOO_LONG),
}


@pytest.mark.parametrize(("line", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_line_is_refused_with_its_reason(line: str, problem: Problem) -> None:
    assert [why for _, why in refused(line)] == [problem]


IN_NEW_MAIL = {
    "a verb about a ticket": ("#close", [Problem.NOT_IN_A_NEW_MAIL]),
    "a priority without a customer": ("#priority 2", [Problem.NOT_IN_A_NEW_MAIL]),
    "a priority with a customer": ("#for jan@acme.test\n#priority 2", []),
    "a question": ("#find faktury", []),
    "absence": ("#away 2026-12-23", []),
    "absence backwards": ("#away 2026-12-31..2026-12-23", [Problem.BAD_ARGUMENT]),
    "absence on no day": ("#away 2026-02-30", [Problem.BAD_ARGUMENT]),
}


@pytest.mark.parametrize(("text", "problems"), IN_NEW_MAIL.values(), ids=IN_NEW_MAIL)
def test_a_new_mail_takes_only_its_own_verbs(text: str, problems: list[Problem]) -> None:
    assert [problem for _, problem in refused(text, new_mail=True)] == problems


CONFLICTS = {
    "twice": ("#take\n#take", [("#take", Problem.REPEATED)]),
    "two priorities": ("#priority 1\n#priority 2", [("#priority 2", Problem.REPEATED)]),
    "resolve and pending": ("#resolve\n#pending", [("#pending", Problem.CONTRADICTORY)]),
    "reopen and close": ("#reopen\n#close", [("#close", Problem.CONTRADICTORY)]),
    "take and assign": ("#take\n#assign Piotr", [("#assign Piotr", Problem.CONTRADICTORY)]),
    "spam and an answer's state": ("#spam\n#resolve", [("#resolve", Problem.CONTRADICTORY)]),
    "in and out": ("#cc a@b.test\n#uncc A@b.test", [("#uncc A@b.test", Problem.CONTRADICTORY)]),
    "resolve and close are one act": ("#resolve\n#close", []),
    "two people": ("#cc a@b.test\n#cc c@d.test", []),
    "the same person twice": ("#cc a@b.test\n#cc a@b.test", [("#cc a@b.test", Problem.REPEATED)]),
}


@pytest.mark.parametrize(("text", "refusals"), CONFLICTS.values(), ids=CONFLICTS)
def test_lines_that_speak_against_each_other_are_refused(text: str, refusals: list[tuple[str, Problem]]) -> None:
    assert refused(text) == refusals


def test_more_lines_than_anybody_writes_are_refused() -> None:
    block = "\n".join(f"#tag word{number}" for number in range(11))
    assert refused(block) == [("#tag word10", Problem.TOO_MANY_LINES)]


def test_the_rules_own_words_are_understood() -> None:
    assert [one.verb for one in read_commands("#Gotowe", {fold("gotowe"): "resolve"}).commands] == ["resolve"]


def test_a_block_tells_its_arguments() -> None:
    block = read_commands("#tag a\n#priority 2")
    assert (block.argument("priority"), block.argument("queue"), block.has("tag")) == ("2", "", True)
    assert block.present
    assert not Block().present


def test_what_only_looks_like_a_command_is_told_from_text() -> None:
    assert begins_with_command("\n #nonsense")
    assert not begins_with_command("# heading")
