"""C-10: power may go at any moment, so what a later step relies on is on the disk before that step."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.process import missing
from tests.servers.sink import Sink
from tests.services.mails import write

pytestmark = pytest.mark.xdist_group("crashes")
_CALLS = "trace=fsync,fdatasync,write,pwrite64,sendto,sendmsg"
_CALL = re.compile(r"(\d+)\s+(?:<\.\.\. )?(\w+)\(\d+<([^>]*)>(.*)")


def traced(office: Office, trace: Path) -> list[tuple[str, str, str, str]]:
    """Run the desk once under a syscall trace; return (thread, call, file, rest of the line) in order."""
    strace = shutil.which("strace")
    if strace is None:
        missing("strace")
    program = [sys.executable, "-m", "helpdesk", "run", "--once", "--log-level", "warning"]
    argv = [strace, "-f", "-y", "-s", "40", "-e", _CALLS, "-o", str(trace), *program]
    subprocess.run(argv, env=office._environment, check=True, capture_output=True, timeout=60)
    return [match.groups() for line in trace.read_text().splitlines() if (match := _CALL.match(line))]  # type: ignore[misc]


def is_synced(calls: list[tuple[str, str, str, str]], thread: str = "") -> bool:
    """Return whether the last write to the journal's file (of that thread) has a sync behind it."""
    synced = False
    for who, call, file, _ in calls:
        if not file.endswith("-wal") or (thread and who != thread):
            continue
        synced = call in ("fsync", "fdatasync")
    return synced


def test_C_10_a_sync_lies_between_the_journal_and_the_move_and_between_the_mark_and_data(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, sqlite_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, sqlite_ready)
    open_ = office.config.read_text().replace('security = "tls"', 'security = "plain"')
    office.config.write_text(open_.replace(f"port = {dovecot.tls_port}", f"port = {dovecot.port}"))
    office.deliver("DYNAMICS", [write(f"k{number}@acme.test", subject=f"Sprawa {number}") for number in range(3)])
    calls = traced(office, tmp_path / "trace")
    moves = [at for at, call in enumerate(calls) if "MOVE" in call[3] and "-wal" not in call[2]]
    handed = [at for at, call in enumerate(calls) if '"DATA\\r\\n"' in call[3]]
    assert moves and len(handed) == 6
    assert all(is_synced(calls[:at], calls[at][0]) for at in moves), "T1 is durable before the server's copy moves"
    assert all(is_synced(calls[:at]) for at in handed), "T4b is durable before the mail leaves"
