"""Big batches take turns; small ones and those that waited long enough do not wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic

import pytest

from helpdesk.adapters import imap_turns
from helpdesk.adapters.imap_turns import BIG, in_turn
from tests.adapters.imap_support import all_of, mail, opened
from tests.servers.dovecot import Dovecot


def _waited(size: int) -> float:
    """Return how long a batch of that size waited for its turn, in seconds."""
    began = monotonic()
    with in_turn(size):
        return monotonic() - began


def test_a_big_batch_waits_for_another_and_a_small_one_does_not() -> None:
    with ThreadPoolExecutor() as others, ExitStack() as ours:
        ours.enter_context(in_turn(BIG + 1))
        assert others.submit(_waited, BIG).result() < 1
        big = others.submit(_waited, BIG + 1)
        with pytest.raises(TimeoutError):
            big.result(timeout=0.2)
        ours.close()
        assert big.result(timeout=5) < 5


def test_nobody_waits_for_long_for_anothers_slow_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_turns, "PATIENCE", 0.2)
    with ThreadPoolExecutor() as others, in_turn(BIG + 1):
        assert 0.2 <= others.submit(_waited, BIG + 1).result() < 5
    with in_turn(BIG + 1):  # who went ahead has given nothing back that was not theirs
        assert not imap_turns._turn.acquire(blocking=False)


def test_a_mailbox_has_its_turn_until_its_batch_is_done_with(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_turns, "BIG", 1000)
    user, other = dovecot.new_user(), dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1, 4096), mail(2, 4096)])
    dovecot.maildir(other).deliver_many([mail(3, 4096)])
    with opened(dovecot, user) as mailbox, opened(dovecot, other) as second, ThreadPoolExecutor() as others:
        batches = mailbox.fetch(mailbox.candidates(None))
        assert len(next(batches)) == 2
        waiting = others.submit(all_of, second)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        assert list(batches) == []
        assert [one.raw for one in waiting.result(timeout=5)] == [mail(3, 4096)]
