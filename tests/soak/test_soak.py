"""The soaks' short forms: a few seconds of each in every run of the suite."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.databases import postgres_original, postgres_ready, sqlite_original, sqlite_ready
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.soak.daemons import daemons
from tests.soak.soak import Soak
from tests.soak.stage import UNLIMITED

__all__ = ["postgres_original", "postgres_ready", "sqlite_original", "sqlite_ready"]
pytestmark = pytest.mark.xdist_group("soak")


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch) -> int:
    """The seed: HELPDESK_SEED, else a random one that a test which fails shows."""
    for name, value in UNLIMITED.items():
        monkeypatch.setenv(name, value)
    chosen = int(os.environ.get("HELPDESK_SEED", "") or random.SystemRandom().randrange(10**6))
    print(f"HELPDESK_SEED={chosen}")
    return chosen


def test_a_short_soak_ends_with_three_ledgers_that_agree(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, sqlite_ready: str, seed: int
) -> None:
    office = Office(tmp_path, dovecot, sink, sqlite_ready)
    ledgers = Soak(office, sqlite_ready, dovecot, sink, seed).run(10)
    assert ledgers.wrong == [], str(ledgers)
    assert ledgers.mails > 0 < ledgers.peak


def test_two_daemons_of_which_one_dies_now_and_then_take_and_answer_every_mail_once(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, postgres_ready: str, seed: int
) -> None:
    office = Office(tmp_path, dovecot, sink, postgres_ready)
    ledgers = daemons(office, postgres_ready, sink, seed, 120, every=2, most=1)
    assert ledgers.wrong == [], str(ledgers)
    assert ledgers.done["kill"] == 1
