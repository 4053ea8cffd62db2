"""A coverage-guided search for bytes that break the reading side: `make fuzz`.

The promise it attacks: `parse_message` returns for any bytes, and what it returns can be stored and shown. What it
finds is kept as a golden mail. Start it with the golden mails as its corpus, they reach far into the code.
"""

from __future__ import annotations

import json
import sys

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # has an environment of its own

with atheris.instrument_imports(include=["helpdesk.mail", "mailparser", "tnefparse", "email"]):
    from helpdesk.mail.authentication import authenticate
    from helpdesk.mail.classify import OwnIdentity, classify
    from helpdesk.mail.describe import describe
    from helpdesk.mail.parse import parse_message
    from tests.mail.promises import broken_promises

OWN = OwnIdentity(frozenset({"pomoc.dynamics@desk.example.org"}), "desk.example.org")


def test_one_input(raw: bytes) -> None:
    """Read a mail and check what the store and the terminal rely on."""
    message = parse_message(raw)
    found = classify(message, OWN)
    for profile in ("rfc8601", "m365", "submit"):
        authenticate(message, profile, "mx.desk.example.org")
    json.dumps(describe(message, found), ensure_ascii=False).encode("utf-8")
    broken = broken_promises(message)
    assert not broken, broken


def main() -> None:
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
