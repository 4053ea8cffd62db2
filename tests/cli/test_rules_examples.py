"""What docs/rules.md shows of `rules test` and `explain` is what they print today.

After a change on purpose, `WRITE_DOCS=1 pytest tests/cli/test_rules_examples.py` writes the examples anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest

from helpdesk import logs
from helpdesk.premises import opened
from helpdesk.services.process import process_batch
from helpdesk.store import journal
from helpdesk.store.journal import NewEntry
from helpdesk.wiring import shipped_rules
from tests.cli.conftest import Call

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"
WIDEST = 44  # characters to which a column is padded
FRIDAY_EVENING = datetime(2026, 11, 20, 17, 32, tzinfo=UTC)
AWARIA = """\
From: Jan Próbny <jan@acme.example>
To: PomocDYNAMICS@helpdesk.example
Subject: Awaria księgowania
Message-ID: <a1@acme.example>
Date: Fri, 20 Nov 2026 18:32:00 +0100
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dzień dobry, od rana nie działa księgowanie faktur.
"""
SETTINGS = """\
instance = "helpdesk.example"
[smtp]
host = "127.0.0.1"
security = "plain"
[mailbox.dynamics]
host = "127.0.0.1"
security = "plain"
username = "dynamics"
password = { env = "PATH" }
queue = "DYNAMICS"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A desk under the shipped rules, which has taken in the mail of the example."""
    (tmp_path / "helpdesk.toml").write_text(SETTINGS)
    (tmp_path / "routing_rules.yaml").write_text(shipped_rules().read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "awaria.eml").write_text(AWARIA, encoding="utf-8")
    logs.configure(level="warning")
    with opened(tmp_path / "helpdesk.toml") as premises:
        entry = NewEntry("dynamics", None, None, FRIDAY_EVENING, AWARIA.encode())
        with premises.database.begin() as session:
            journal.add_entries(session, [entry], FRIDAY_EVENING)
        process_batch(premises.database, premises.desk, lambda: FRIDAY_EVENING, "example")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("rules test", ("rules", "test", "awaria.eml")), ("explain", ("explain", "DYN-10019"))],
    ids=["rules test", "explain"],
)
def test_the_reference_shows_what_the_command_prints(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(folder)
    outcome = call(*arguments, "--config", "helpdesk.toml")
    assert outcome.code == 0, outcome.err
    shown = f"$ helpdesk {' '.join(arguments)}\n{in_columns(outcome.out)}"
    begin, end = f"<!-- example: {name} -->\n```text\n", "```\n<!-- end -->\n"
    before, _, rest = DOCS.read_text(encoding="utf-8").partition(begin)
    there, _, after = rest.partition(end)
    if os.environ.get("WRITE_DOCS"):
        DOCS.write_text(f"{before}{begin}{shown}{end}{after}", encoding="utf-8")
    else:
        assert there == shown


def in_columns(text: str) -> str:
    """Return the output with its tables aligned, as a terminal shows them."""
    tables = groupby(text.splitlines(), key=lambda line: "\t" in line)
    lines = (line for is_table, found in tables for line in (aligned(list(found)) if is_table else found))
    return "".join(f"{re.sub(' +$', '', line)}\n" for line in lines)


def aligned(lines: list[str]) -> Iterator[str]:
    rows = [line.split("\t") for line in lines]
    widths = [min(WIDEST, max(len(row[column]) for row in rows)) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
