"""The daemon as its unit confines it: every file system read-only but for its state, and nothing that listens."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.process import missing
from tests.servers.sink import Sink
from tests.services.mails import JAN, write

pytestmark = pytest.mark.xdist_group("whole")

CONFINE = """\
set -e
mount --make-rprivate /
mount --bind "$STATE" "$STATE"
cut -d' ' -f5 /proc/self/mountinfo | sort -u | while read -r place; do
  [ "$place" = "$STATE" ] || mount -o remount,bind,ro "$place" 2>/dev/null || true
done
if touch "$STATE/../written" 2>/dev/null; then echo "it can be written to" >&2; exit 3; fi
exec "$@"
"""


def confined() -> list[str]:
    """Return the beginning of a command that runs with everything but the folder read-only."""
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", CONFINE, "confined"]


def listening(pid: int) -> set[str]:
    """Return the local addresses on which a process listens (proc(5): state 0A)."""
    sockets = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()}
    inodes = {match[1] for link in sockets if (match := re.fullmatch(r"socket:\[(\d+)\]", link))}
    tables = "".join(Path(f"/proc/{pid}/net/{kind}").read_text() for kind in ("tcp", "tcp6"))
    lines = (line.split() for line in tables.splitlines())
    return {line[1] for line in lines if len(line) > 9 and line[3] == "0A" and line[9] in inodes}


def test_the_daemon_works_where_nothing_but_its_state_can_be_written_and_listens_nowhere(
    tmp_path: Path, dovecot: Dovecot, sink: Sink
) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    office = Office(tmp_path, dovecot, sink, f"sqlite:///{state / 'helpdesk.db'}")
    environment = office._environment | {"STATE": str(state)}
    if subprocess.run([*confined(), "true"], env=environment, capture_output=True, check=False).returncode:
        missing("what makes a name space of one's own (unprivileged user namespaces)")
    office.deliver("DYNAMICS", [write(JAN)])
    with (tmp_path / "daemon.log").open("ab") as log:
        argv = [*confined(), sys.executable, "-m", "helpdesk", "run"]
        daemon = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
    try:
        sink.wait_for(2, seconds=30)
        assert listening(daemon.pid) == set()
    finally:
        daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=60) == 0
    said = (tmp_path / "daemon.log").read_text()
    assert '"level": "error"' not in said and "Read-only" not in said, said[:2000]
    assert {file.name for file in state.iterdir()} >= {"helpdesk.db", "helpdesk.db.lock", "helpdesk.db.mark"}
