"""Mails as large as intake takes them, at several mailboxes at once: whole, and in bounded memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.whole.big_mails import LETTERS, mails, peak

pytestmark = pytest.mark.xdist_group("whole")

MOST_MEMORY = 400  # megabytes; it takes some 300


def test_big_mails_at_two_mailboxes_are_told_with_their_files_in_bounded_memory(
    tmp_path: Path, dovecot: Dovecot, sink: Sink
) -> None:
    office = Office(tmp_path, dovecot, sink, f"sqlite:///{tmp_path / 'helpdesk.db'}")
    raws = mails("a file that notices carry and one that they do not", 2)

    assert peak(office, raws, mailboxes=2) < MOST_MEMORY
    assert len(sink.copies) == LETTERS * 2
    carried = [copy.content.count(b"Content-Disposition: attachment") for copy in sink.copies]
    assert sorted(carried) == [0] * 2 + [1] * 4
    assert [row["size"] for row in office.rows("journal", "list")] == [len(raw) for raw in reversed(raws)]
