"""Where a soak takes place: servers of its own, an office, one of both databases."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databases import migrate
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.sink import Sink
from tests.servers.tls import Authority

UNLIMITED = {"HELPDESK_LIMITS__CONTACT_PER_HOUR": "1000000"}  # sixty people write all the mails


@dataclass(frozen=True)
class Stage:
    office: Office
    url: str
    dovecot: Dovecot
    sink: Sink


@contextmanager
def stage(kind: str) -> Iterator[Stage]:
    """Give a desk on "sqlite" or "postgresql", with servers that end with it."""
    os.environ |= UNLIMITED
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hd-soak-")))
        authority = Authority.create(folder)
        dovecot = Dovecot(authority)
        stack.callback(dovecot.close)
        dovecot.start()
        sink = stack.enter_context(Sink(authority.server_context()))
        url = f"sqlite:///{folder}/helpdesk.db"
        if kind == "postgresql":
            cluster = Postgres(durable=True)
            stack.callback(cluster.close)
            url = cluster.url(cluster.create_database())
        migrate(url)
        yield Stage(Office(folder, dovecot, sink, url), url, dovecot, sink)
