"""Every command there is: it loads, and its help says what it does and what it takes."""

import re
from importlib.util import find_spec

import pytest

from helpdesk.cli import load_command
from helpdesk.cli.registry import COMMANDS
from tests.cli.conftest import Call


def _paths() -> list[list[str]]:
    """Every command and subcommand as it is typed."""
    found = []
    for name in (name for name, entry in COMMANDS.items() if find_spec(entry.target.partition(":")[0])):
        subcommands = getattr(load_command(name), "commands", {})
        found += [[name], *([name, subcommand] for subcommand in subcommands)]
    return found


PATHS = _paths()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_entry_of_the_registry_leads_to_a_command(name: str) -> None:
    assert load_command(name).name == name


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_the_help_of_a_command_says_what_it_does(call: Call, path: list[str]) -> None:
    outcome = call(*path, "--help")

    assert (outcome.code, outcome.err) == (0, "")
    assert f"Usage: helpdesk {' '.join(path)}" in outcome.out
    described = outcome.out[outcome.out.index("Usage:") :].split("╭")[0].split("\n", 1)[1]
    assert len(described.split()) > 1, "a sentence of help is missing"


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_option_of_a_command_is_explained(path: list[str]) -> None:
    command = load_command(path[0])
    for part in path[1:]:
        command = command.commands[part]
    unexplained = [param.name for param in command.params if not param.hidden and not getattr(param, "help", None)]

    assert unexplained == []


@pytest.mark.parametrize(
    "path",
    [path for path in PATHS if path[0] not in ("demo", "init") and path[-1] not in ("reference", "schema")],
    ids=" ".join,
)
def test_every_command_takes_config(path: list[str]) -> None:
    command = load_command(path[0])
    for part in path[1:]:
        command = command.commands[part]
    if hasattr(command, "commands"):
        return  # a group: its commands take it
    if path in (["rules", "schema"],):
        return  # says nothing about any desk
    assert "--config" in [option for param in command.params for option in param.opts]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_no_help_loses_words_to_markup(path: list[str]) -> None:
    command = load_command(path[0])
    for part in path[1:]:
        command = command.commands[part]
    helps = [command.help or "", *(getattr(param, "help", None) or "" for param in command.params)]

    assert [text for text in helps if re.search(r"\[[a-z]", text)] == []  # rich takes it for a style and prints nothing
