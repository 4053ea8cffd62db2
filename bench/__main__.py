"""`python -m bench [--quick]`: the plan of a run. See docs/performance.md for how to read what it prints."""

from __future__ import annotations

import argparse
import compileall
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import helpdesk
from bench import report
from bench.archive import fill
from bench.mails import Mail, generate
from bench.report import Line
from bench.runs import Grounds, Run
from bench.sink import QuickSink
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.tls import Authority

PROGRAMS = ("floor", "helpdesk, SQLite", "helpdesk, SQLite, {archive:,} tickets", "helpdesk, PostgreSQL")


@dataclass
class Plan:
    """What is measured; `runs` fills up by (number of mails, program)."""

    small: int
    large: int
    archive: int
    rounds: int
    seed: int
    runs: dict[tuple[int, str], list[Run]] = field(default_factory=lambda: defaultdict(list))
    empty: list[Run] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """Return the table's lines."""
        return [
            Line(program.format(archive=self.archive), self.runs[count, program], self.runs[count, "floor"])
            for count, program in self.runs
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write docs/performance.md unless it was a quick run."""
    options = _options(arguments)
    plan = Plan(100, 300, 2_000, 1, options.seed) if options.quick else Plan(500, 2_000, 20_000, 3, options.seed)
    print(f"seed {plan.seed}: {plan.small} and {plan.large} mails, {plan.rounds} round(s)", flush=True)
    with _grounds() as (grounds, postgres):
        _measure(plan, grounds, postgres)
    table, start = report.table(plan.lines()), report.start_sentence(plan.empty)
    print(f"\n{table}\n\n{start}")
    if not options.quick:
        command = "make bench" if not options.seed_given else f"python -m bench --seed {plan.seed}"
        report.publish(table, start, seed=plan.seed, rounds=plan.rounds, command=command)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Mails a second, beside the least of it.")
    parser.add_argument("--quick", action="store_true", help="few mails, one round; docs/performance.md stays as it is")
    parser.add_argument("--seed", type=int, default=None, help="which mails are generated (default: 1)")
    options = parser.parse_args(arguments)
    options.seed_given, options.seed = options.seed is not None, options.seed if options.seed is not None else 1
    return options


def _compile() -> None:
    """Leave the program's bytecode, as pip or a first run does, also where the environment forbids Python to."""
    compileall.compile_dir(Path(helpdesk.__file__).parent, quiet=1)


@contextmanager
def _grounds() -> Iterator[tuple[Grounds, Postgres]]:
    folder = Path(tempfile.mkdtemp(prefix="hd-bench-"))
    _compile()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        authority = Authority.create(folder)
        dovecot = Dovecot(authority)
        stack.callback(dovecot.close)
        dovecot.start()
        sink = stack.enter_context(QuickSink())
        postgres = Postgres(durable=True)
        stack.callback(postgres.close)
        yield Grounds(folder, dovecot, sink), postgres


def _measure(plan: Plan, grounds: Grounds, postgres: Postgres) -> None:
    """Run the programs in turns, so that a noisy minute of the machine hits all of them."""
    small, large = (generate(count, plan.seed) for count in (plan.small, plan.large))
    old, new = grounds.folder / "old.db", grounds.folder / "new.db"
    fill(f"sqlite:///{old}", plan.archive, generate(200, plan.seed + 1))
    fill(f"sqlite:///{new}", 0, [])
    for number in range(1, plan.rounds + 1):
        print(f"round {number}", end="", flush=True)
        plan.empty.append(grounds.desk([], database=new))
        for mails in (small, large):
            _take(plan, mails, "floor", grounds.floor(mails))
            _take(plan, mails, PROGRAMS[1], grounds.desk(mails, database=new))
        _take(plan, large, PROGRAMS[2], grounds.desk(large, database=old))
        url = postgres.url(postgres.create_database())
        fill(url, 0, [])
        _take(plan, large, PROGRAMS[3], grounds.desk(large, url=url))
        print(flush=True)


def _take(plan: Plan, mails: Sequence[Mail], program: str, run: Run) -> None:
    plan.runs[len(mails), program].append(run)
    print(f" · {program.format(archive=plan.archive)} {run.rate:.0f}/s", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
