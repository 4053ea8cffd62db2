"""The terminal: `helpdesk COMMAND`. Thin: parse arguments, call a service, print.

One file a command group, found through `registry`. A command raises; `main` turns what was raised into one sentence
on stderr and the exit code that CONTRACT names.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from helpdesk.cli.registry import COMMANDS
from helpdesk.errors import HelpdeskError

_NO_NUMBER = "Input should be a valid integer, unable to parse string as an integer"
_LINE_END = re.compile(r"(?<!\n)\n(?!\n)")
INTERRUPTED, READER_GONE = 130, 141  # what a shell reports for SIGINT and SIGPIPE


class LazyGroup(TyperGroup):
    """The commands of the registry: a name and a sentence each, until one is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.add_command(TyperCommand(name=name, help=entry.help, rich_help_panel=entry.panel))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name else None, rest


def load_command(name: str) -> Any:
    """Return the command of that name, its module imported."""
    from helpdesk import logs

    logs.configure(level="warning")  # `run` asks for more; unconfigured, log lines would land in the output
    target = _imported(COMMANDS[name].target)
    command = typer.main.get_group(target) if isinstance(target, typer.Typer) else _single(name, target)
    command.name = name
    for one in (command, *getattr(command, "commands", {}).values()):
        one.help = _LINE_END.sub(" ", one.help or "")  # as wide as the terminal, not as our source
    return command


def _imported(target: str) -> Any:
    module, _, attribute = target.partition(":")
    gc.disable()  # what is imported stays: to search it for garbage takes a tenth of the start
    found = getattr(import_module(module), attribute)
    gc.freeze()
    gc.enable()
    atexit.register(gc.freeze)  # nor is there any use in a last search, when the system takes everything back
    return found


def _single(name: str, function: Callable[..., None]) -> Any:
    alone = typer.Typer(add_completion=False)
    alone.command(name)(function)
    return typer.main.get_command(alone)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks show variables, and those may hold a password
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from helpdesk import __version__

        sys.stdout.write(f"helpdesk {__version__}\n")
        raise typer.Exit


@app.callback(
    help="A helpdesk that lives in e-mail: one mailbox a product, tickets, acknowledgements, deadlines.\n\n"
    "New here? `helpdesk demo` shows it at work. For a desk of your own: `helpdesk init` writes its files, "
    "`helpdesk check` tries them, `helpdesk run` starts it.",
    epilog="Exit codes: 0 done, 1 something was found wrong, 2 wrong usage or configuration, 75 try again later.",
)
def helpdesk(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Stand before every command; all that can be given here is --version."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; the console entry."""
    _speak_utf8()
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever read our output has seen enough; nothing may be flushed there at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    return code


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    try:
        with command.make_context("helpdesk", arguments) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, EOFError, typer.Abort):
        sys.stderr.write("\n")
        return INTERRUPTED
    except typer.TyperException as error:
        return _refuse(error)
    except HelpdeskError as error:
        _complain(str(error))
        return error.exit_code
    return 0


def _refuse(error: typer.TyperException) -> int:
    """Say in one sentence what was wrong with the command line."""
    context = getattr(error, "ctx", None)
    if error.format_message() and type(error).__name__ != "NoArgsIsHelpError":  # that one has shown the help
        path = context.command_path if context else "helpdesk"
        said = error.format_message().rstrip(".").replace("Value error, ", "").replace(_NO_NUMBER, "is no whole number")
        _complain(f"{said} (see `{path} --help`)")
    return error.exit_code


def _complain(sentence: str) -> None:
    from helpdesk.cli.output import say

    say("\n".join(f"helpdesk: {line}" for line in sentence.splitlines()))


def _speak_utf8() -> None:
    """Print any subject in any locale: UTF-8 into pipes, and escapes where a terminal has no such letter."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
