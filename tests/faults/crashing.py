"""The helpdesk with its crash hook armed: `python -m tests.faults.crashing run`.

HELPDESK_CRASH_AT=C12 ends the process by SIGKILL when it comes to that point; HELPDESK_CRASH_AFTER lets it pass so
often before. HELPDESK_KILLER names a word: a mail that holds it ends the process while it is read; SPOILT one that
no line can take. HELPDESK_TOKEN_TIMEOUT is how long, in seconds, an access token is waited for.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from aiosmtplib.protocol import SMTPProtocol

from helpdesk import cli, crashpoints
from helpdesk.adapters import oauth
from helpdesk.services import line, process

_passed = 0


def _crash(point: str) -> None:
    global _passed
    if point != os.environ.get("HELPDESK_CRASH_AT"):
        return
    _passed += 1
    if _passed > int(os.environ.get("HELPDESK_CRASH_AFTER", "0")):
        os.kill(os.getpid(), signal.SIGKILL)


def _watch_for_the_final_dot() -> None:
    """C13 lies within the library: the bytes have left, and nobody has looked for an answer yet."""
    ours: Any = SMTPProtocol
    write = ours.write

    def written(self: Any, data: bytes) -> None:
        write(self, data)
        if data.endswith(b"\r\n.\r\n"):
            crashpoints.reached("C13")

    ours.write = written


def _killed_by(word: bytes) -> None:
    ours: Any = process  # what it imports is not its to give, says mypy
    read = ours.parse_message

    def parse(raw: bytes) -> Any:
        if word in raw:
            os._exit(9)
        return read(raw)

    ours.parse_message = parse


def _spoilt_by(word: str) -> None:
    ours: Any = line
    decide = ours._decide

    def spoilt(unit: Any, item: Any, facts: Any, trace: Any) -> Any:
        if word in item.message.subject and not item.failure:
            raise RuntimeError("a fault that nobody foresaw")
        return decide(unit, item, facts, trace)

    ours._decide = spoilt


def main(arguments: Sequence[str]) -> int:
    """Arm the hook as the environment says, and run a command; return its exit code."""
    crashpoints.hook = _crash
    _watch_for_the_final_dot()
    oauth._TIMEOUT = float(os.environ.pop("HELPDESK_TOKEN_TIMEOUT", oauth._TIMEOUT))
    for name in [name for name in os.environ if name in ("HELPDESK_KILLER", "HELPDESK_SPOILT")]:
        word = os.environ.pop(name)
        _killed_by(word.encode()) if name == "HELPDESK_KILLER" else _spoilt_by(word)
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
