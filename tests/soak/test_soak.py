"""The soak's short form: a few seconds of it in every run of the suite."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.soak.soak import Soak

pytestmark = pytest.mark.xdist_group("soak")


def test_a_short_soak_ends_with_three_ledgers_that_agree(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPDESK_LIMITS__CONTACT_PER_HOUR", "1000000")
    seed = int(os.environ.get("HELPDESK_SEED", "") or random.SystemRandom().randrange(10**6))
    print(f"HELPDESK_SEED={seed}")
    office = Office(tmp_path, dovecot, sink, f"sqlite:///{tmp_path / 'helpdesk.db'}")
    ledgers = Soak(office, dovecot, sink, seed).run(12)
    assert ledgers.wrong == [], str(ledgers)
    assert ledgers.mails > 0
