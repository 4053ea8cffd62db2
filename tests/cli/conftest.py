"""A command as a person calls it: arguments in; exit code, output and complaints out."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from helpdesk.cli import main
from tests.canary import heard_in, told


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HELPDESK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def _call(*arguments: object) -> Outcome:
        code = main([str(argument) for argument in arguments])
        seen = capsys.readouterr()
        if heard_in((seen.out, seen.err)):
            told(f"helpdesk {arguments}")
        return Outcome(code, seen.out, seen.err)

    return _call
