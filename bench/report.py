"""Measured runs into a table, and the table into docs/performance.md. Called by `__main__`."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from bench.runs import Run

TARGET = Path(__file__).parent.parent / "docs" / "performance.md"
_HEAD = ("mails", "program", "mails/s", "× floor", "CPU ms/mail", "wall s", "peak MB")
_TEXT = """\
# How fast it is

`make bench` measures this beside a *floor*: a bare script (`bench/floor.py`) that does the least such a program must
do, on the same machine, with the same mails, on the same real Dovecot and SMTP sink. The script takes mails in batches
with IMAPClient, parses them with the standard library (`policy.default`, text body read), keeps each batch with one
SQLite insert, acknowledges every mail that no machine wrote over one SMTP connection, and moves the batch to a folder.
It keeps no journal, knows no tickets, threads, rules or templates, and loses mail when killed at the wrong moment.

{table}

{start}

{date} · {machine} · `{command}` · seed {seed} · median of {rounds} rounds, the programs taking turns.

## How to read it
- **mails/s** is wall time of the whole process, from the start of the interpreter to its end: `helpdesk run --once`
  fetches, journals, moves, threads, routes, opens tickets, writes letters and sends them all.
- **× floor** is what to watch: both programs feel the same noise, so it changes less between machines than seconds do.
  The aim is 0.4 or more. Of 500 mails the start of the program is a visible part, of 2,000 hardly any.
- The desk sends more than the floor: per new ticket an acknowledgement *and* a notice to the queue's one consultant
  (with the customer's files), per reply a notice; the floor sends one short acknowledgement for either. For each mail
  that leaves there is one small durable transaction, so that no crash can double or lose it; it is written while the
  server looks at the mail's envelope.
- **CPU** is user and system time of the program alone, **peak MB** its largest resident memory (in 2^20 bytes).
- The mails (`bench/mails.py`): of a hundred, 55 new, 24 replies, 10 automatic answers, 7 bounces, 4 alarms, to four
  mailboxes; Polish in three charsets and English, half with an HTML alternative, one in eight with a file.
  Limits on automatic mail are off: a few invented people write thousands of mails within a minute.
- *{archive} tickets* is the same work on a database that holds so many tickets with their mails and letters already.
- Databases have their schema, and Python its bytecode, before the clock starts. SQLite runs in WAL with
  `synchronous=FULL`, PostgreSQL with its defaults, reached by Unix socket; its own processor time is not counted.
- A run fails unless every mail lies in the folder afterwards and the sink has exactly the mails that were due.
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


def publish(table_text: str, start: str, *, archive: int, seed: int, rounds: int, command: str) -> None:
    """Write docs/performance.md."""
    text = _TEXT.format(
        table=table_text, start=start, date=date.today().isoformat(), machine=_machine(), command=command,  # noqa: DTZ011  # the reader's day
        seed=seed, rounds=rounds, archive=f"{archive:,}",
    )  # fmt: skip
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
