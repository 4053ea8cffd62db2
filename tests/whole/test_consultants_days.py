"""Three days of a desk on real servers, with twelve customers and four consultants at their own mail programs.

Nobody uses anything but mail. The transcript — who got which mail when, and where the ticket stood — is a golden file
that people have read line by line: a line that changes is a decision about the desk. `GOLDEN=1` writes it anew, to be
read again.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.whole.days import Days
from tests.whole.story import QUEUES, RULES, tell

pytestmark = pytest.mark.xdist_group("whole")
GOLDEN = Path(__file__).parent / "consultants_days.txt"


def test_three_days_go_as_they_were_read(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = Days(tmp_path, dovecot, sink, RULES, QUEUES, monkeypatch)
    try:
        tell(days)
    finally:
        days.close()
        found = "\n".join(days.lines).strip("\n") + "\n"
        if "GOLDEN" in os.environ:
            GOLDEN.write_text(found)
    assert found == GOLDEN.read_text()
