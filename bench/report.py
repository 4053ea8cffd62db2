"""Measured runs into a table, and the table into docs/performance.md. Called by `__main__`."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from bench.runs import Run

TARGET = Path(__file__).parent.parent / "docs" / "performance.md"
_HEAD = ("mails", "program", "mails/s", "× floor", "CPU ms/mail", "wall s", "peak MB")
_BLOCK = re.compile(r"(?<=<!-- make bench writes from here -->\n).*?(?=<!-- to here -->)", re.DOTALL)
_TEXT = """
{table}

{start}

{date} · {machine} · `{command}` · seed {seed} · median of {rounds} rounds, the programs taking turns.

"""


@dataclass(frozen=True)
class Line:
    """The runs of one program on one lot of mails."""

    program: str
    runs: Sequence[Run]
    floor: Sequence[Run]

    def cells(self) -> tuple[str, ...]:
        """Return the line as the table shows it."""
        rate, floor = (median(run.rate for run in runs) for runs in (self.runs, self.floor))
        cpu = median(run.cpu / run.mails for run in self.runs) * 1000
        wall, peak = median(run.wall for run in self.runs), max(run.peak for run in self.runs) / 2**20
        ratio = f"{rate / floor:.2f}" if self.runs is not self.floor else "1"
        return f"{self.runs[0].mails:,}", self.program, f"{rate:.0f}", ratio, f"{cpu:.1f}", f"{wall:.1f}", f"{peak:.0f}"


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a table that reads well in a terminal, too."""
    rows = [_HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    marks = ["-" * (width - 1) + (":" if column != 1 else "-") for column, width in enumerate(widths)]
    texts = [_row(row, widths) for row in (rows[0], tuple(marks), *rows[1:])]
    return "\n".join(texts)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(w) if column == 1 else cell.rjust(w) for column, (cell, w) in enumerate(zip(cells, widths))]  # noqa: B905  # equal by make
    return f"| {' | '.join(padded)} |"


def start_sentence(empty: Sequence[Run]) -> str:
    """Return what a round with nothing to do takes."""
    wall, cpu = median(run.wall for run in empty), median(run.cpu for run in empty)
    peak = max(run.peak for run in empty) / 2**20
    return (
        f"Of this, start and end with four empty mailboxes: {wall:.2f} s, {cpu:.2f} s of processor time, {peak:.0f} MB."
    )


def publish(table_text: str, start: str, *, seed: int, rounds: int, command: str) -> None:
    """Write what was measured into its place in docs/performance.md. Raises ValueError if the place is gone."""
    today = date.today().isoformat()  # noqa: DTZ011  # the reader's day
    block = _TEXT.format(
        table=table_text, start=start, date=today, machine=_machine(), command=command, seed=seed, rounds=rounds
    )
    text, replaced = _BLOCK.subn(lambda _: block, TARGET.read_text(encoding="utf-8"))
    if not replaced:
        raise ValueError(f"{TARGET} has lost the two comments between which the figures stand")
    TARGET.write_text(text, encoding="utf-8")


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} × {model}, {memory:.0f} GB, Linux {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
