"""The documents and the program say the same: every mail, every name, every command and every link."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from helpdesk.adapters.templates import _VARIABLES
from helpdesk.cli import load_command
from helpdesk.cli.registry import COMMANDS
from helpdesk.desk.terms import NotificationKind

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
TEMPLATES = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
FOLDERS, _, NAMES = TEMPLATES.partition("## Changing one")
EVERY_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)


def test_every_mail_stands_in_the_table_of_folders() -> None:
    assert [kind.value for kind in NotificationKind if f"`{kind.value}`" not in FOLDERS] == []


def test_every_name_that_a_template_may_use_is_explained() -> None:
    assert [name for name in _VARIABLES if name != "template" and not re.search(rf"`{name}[`.]", NAMES)] == []


def anchors(document: Path) -> set[str]:
    """Return the names that links can give to the headings of a document, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EVERY_DOCUMENT
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", document.read_text(encoding="utf-8"))
    targets = [((document.parent / file) if file else document, anchor) for file, anchor in links]
    assert [file for file, anchor in targets if not file.exists() or (anchor and anchor not in anchors(file))] == []


def command_of(words: list[str]) -> Any:
    """Return the command that these words call; None if there is none of that name."""
    command = load_command(words[0]) if words[0] in COMMANDS else None
    group = getattr(command, "commands", None)
    return command if group is None else group.get(words[1]) if len(words) > 1 else command


@EVERY_DOCUMENT
def test_every_command_that_is_named_exists_with_its_options(document: Path) -> None:
    named = re.findall(r"`helpdesk ([a-z][^`\n]*)`", document.read_text(encoding="utf-8"))
    wrong = []
    for line in named:
        command = command_of([word.rstrip(",;") for word in line.split()])
        known = {one for each in command.params for one in each.opts} | {"--help"} if command else set()
        wrong += [line for option in re.findall(r" (--?[a-z][a-z-]*)", line) if option not in known]
        wrong += [] if command else [line]
    assert wrong == []
