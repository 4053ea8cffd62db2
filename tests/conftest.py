"""Fixtures of every room: real servers, private to this test process, started when first asked for.

Under pytest-xdist each worker has its own; what a test does to a server is put right before the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.canary import canary_stays_silent, pytest_runtest_makereport
from tests.databases import statements_are_compiled_once
from tests.office import STARTED
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.preloaded import PRELOADED
from tests.servers.sink import Sink
from tests.servers.tls import Authority

__all__ = ["canary_stays_silent", "pytest_runtest_makereport", "statements_are_compiled_once"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of whole processes: the longest at the end would leave the other worker idle."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs for the test servers; `authority.ca_file` makes a client trust them."""
    return Authority.create(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def dovecot_server(authority: Authority) -> Iterator[Dovecot]:
    """The one Dovecot of this process; tests ask for `dovecot`."""
    server = Dovecot(authority)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """A running Dovecot; `dovecot.new_user()` gives an empty mailbox."""
    if not dovecot_server.running:
        dovecot_server.start()
    return dovecot_server


@pytest.fixture
def sink(authority: Authority) -> Iterator[Sink]:
    """An SMTP server of this test alone, without AUTH, with STARTTLS offered."""
    with Sink(authority.server_context()) as server:
        yield server


@pytest.fixture(autouse=True)
def _no_daemon_outlives_its_test() -> Iterator[None]:
    yield
    while STARTED:
        daemon = STARTED.pop()
        daemon.kill()
        daemon.wait()


@pytest.fixture(scope="session", autouse=True)
def _no_server_outlives_the_run() -> Iterator[None]:
    yield
    PRELOADED.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The one PostgreSQL cluster of this process; tests ask for `postgres_url`."""
    cluster = Postgres()
    try:
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test alone."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of this test alone; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'helpdesk.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
