"""The console entry: exit codes, one sentence for each complaint, and a quick start."""

import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

import helpdesk
from helpdesk import errors
from helpdesk.cli.registry import COMMANDS, Entry
from tests.cli.conftest import Call


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., None]], None]:
    """Put a function of the test behind `helpdesk probe`."""

    def _command(function: Callable[..., None]) -> None:
        module = types.ModuleType("probe_command")
        module.probe = function  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "probe_command", module)
        monkeypatch.setitem(COMMANDS, "probe", Entry("Test", "probe_command:probe", "Try something."))

    return _command


def _raising(error: BaseException) -> Callable[[], None]:
    def probe() -> None:
        raise error

    return probe


Command = Callable[[Callable[..., None]], None]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        pytest.param(errors.NotFoundError("no ticket DYN-10013"), 1, "helpdesk: no ticket DYN-10013\n", id="not-found"),
        pytest.param(errors.UsageError("say who you are"), 2, "helpdesk: say who you are\n", id="usage"),
        pytest.param(
            errors.ConfigurationError([errors.Problem("a.toml", 3, 0, "smtp.port", "is odd")] * 2),
            2,
            "helpdesk: a.toml:3: smtp.port: is odd\nhelpdesk: a.toml:3: smtp.port: is odd\n",
            id="configuration",
        ),
        pytest.param(
            errors.AlreadyRunning("daemon 7 is at work"), 75, "helpdesk: daemon 7 is at work\n", id="temporary"
        ),
        pytest.param(typer.Exit(1), 1, "", id="found-wrong"),
        pytest.param(typer.Exit(), 0, "", id="done"),
        pytest.param(KeyboardInterrupt(), 130, "\n", id="interrupted"),
        pytest.param(
            typer.BadParameter("too long"),
            2,
            "helpdesk: Invalid value: too long (see `helpdesk probe --help`)\n",
            id="bad",
        ),
        pytest.param(
            errors.NotFoundError("no \x1b[31mticket"),
            1,
            "helpdesk: no \N{REPLACEMENT CHARACTER}[31mticket\n",
            id="no-escapes",
        ),
    ],
)
def test_what_a_command_raises_becomes_a_sentence_and_an_exit_code(
    call: Call, command: Command, error: BaseException, code: int, said: str
) -> None:
    command(_raising(error))
    outcome = call("probe")

    assert (outcome.code, outcome.out, outcome.err) == (code, "", said)


def test_an_error_nobody_foresaw_is_not_hidden(call: Call, command: Command) -> None:
    command(_raising(ZeroDivisionError("a bug")))

    with pytest.raises(ZeroDivisionError):
        call("probe")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["tickts"], "No such command 'tickts'. Did you mean 'tickets'? (see `helpdesk --help`)", id="command"
        ),
        pytest.param(
            ["--verson"], "No such option: --verson (Possible options: --version) (see `helpdesk --help`)", id="option"
        ),
        pytest.param(
            ["probe", "--loud"], "No such option: --loud (see `helpdesk probe --help`)", id="option-of-a-command"
        ),
        pytest.param(
            ["probe", "x"], "Got unexpected extra argument(s) (x) (see `helpdesk probe --help`)", id="argument"
        ),
    ],
)
def test_a_wrong_command_line_is_said_in_one_sentence(
    call: Call, command: Command, arguments: list[str], said: str
) -> None:
    command(lambda: None)
    outcome = call(*arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.strip().removeprefix("helpdesk: ") == said


def test_without_a_command_the_help_is_shown(call: Call) -> None:
    outcome = call()

    assert outcome.code == 2
    assert "tickets" in outcome.out + outcome.err


def test_the_version_is_told(call: Call) -> None:
    assert call("--version").out == f"helpdesk {helpdesk.__version__}\n"


def test_a_sentence_of_the_help_is_as_wide_as_the_terminal(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = [line.strip() for line in call("run", "--help").out.splitlines()]
    assert any(line.startswith("SIGHUP reads") and line.endswith("75 if one could not be reached.") for line in shown)


def test_the_help_names_every_command_with_its_sentence(call: Call) -> None:
    shown = " ".join(call("--help").out.replace("│", " ").split())

    for name, entry in COMMANDS.items():
        assert name in shown
        assert entry.help in shown


def test_the_help_loads_nothing_heavy() -> None:
    heavy = ("pydantic", "sqlalchemy", "structlog", "imapclient", "aiosmtplib", "jinja2", "asyncio")
    script = (
        "import sys; from helpdesk.cli import main; main(['--help']);"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert shown.splitlines()[-1] == "[]"


def test_a_round_loads_nothing_that_it_has_no_use_for() -> None:
    rare = ("apscheduler", "rich", "alembic", "icalendar", "urllib.request", "sqlalchemy.dialects.postgresql")
    script = f"import sys, helpdesk.cli.run; print([name for name in {rare!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert shown.splitlines() == ["[]"]


def test_a_reader_that_leaves_is_no_error() -> None:
    script = (
        "import sys, types; from helpdesk.cli import main; from helpdesk.cli.registry import COMMANDS, Entry;"
        "m = types.ModuleType('m'); m.f = lambda: [print('x' * 99) for _ in range(9999)]; sys.modules['m'] = m;"
        "COMMANDS['probe'] = Entry('', 'm:f', ''); sys.exit(main(['probe']))"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaints = process.stderr.read()

    assert (process.returncode, complaints) == (141, b"")


def test_any_letter_can_be_printed_into_a_pipe_in_any_locale(tmp_path: Path) -> None:
    script = "from helpdesk.cli import main; import sys; sys.exit(main(['--config-of-\\u017b\\xf3\\u0142w']))"
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, check=False)

    assert done.returncode == 2
    assert "Żółw" in done.stderr.decode("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            ["tickets", "list", "--state", "foo"], "Invalid value for '--state': 'foo' is not one of", id="word"
        ),
        pytest.param(["outbox", "show", "x"], "Invalid value for 'ID': is no whole number (see", id="number"),
    ],
)
def test_a_wrong_value_is_refused_without_the_librarys_own_words(call: Call, words: list[str], said: str) -> None:
    outcome = call(*words)

    assert (outcome.code, said in outcome.err) == (2, True), outcome.err
