"""O: logins by token and by password, refused, rotated, about to end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from helpdesk.cli import main
from helpdesk.desk.terms import OutboxState
from helpdesk.errors import LoginRefused
from helpdesk.loginwatch import LoginWatch
from helpdesk.services import timers
from helpdesk.services.delivery import Delivery
from helpdesk.services.ports import Clearance, DeliveryResult, Envelope, at_once
from helpdesk.store import logins
from helpdesk.store.tables import JournalRow, OutboxRow
from helpdesk.store.unit_of_work import Database
from tests.canary import CANARY, secret
from tests.office import Office
from tests.servers.dovecot import Dovecot
from tests.servers.preloaded import PRELOADED
from tests.servers.process import wait_until
from tests.servers.sink import Sink
from tests.servers.tokens import TokenEndpoint
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import JAN, write

pytestmark = pytest.mark.xdist_group("crashes")
HOUR = 3600
ONCE = ("run", "--once", "--log-level", "error")


class TokenOffice(Office):
    """An office whose first mailbox and whose SMTP account log in by one refresh token."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: Sink, url: str) -> None:
        super().__init__(folder, dovecot, sink, url)
        self.endpoint = TokenEndpoint(self._let_in)
        sink.offer_starttls = False
        sink.token = secret("nobody")
        self.consent(self.endpoint.first_refresh_token)

    def consent(self, refresh_token: str) -> None:
        """Let the operator write down the token of a consent."""
        (self.folder / "refresh.secret").write_text(refresh_token)
        (self.folder / "refresh.secret").chmod(0o600)

    def by_token(self, more: str = "") -> None:
        """Write the settings with `oauth2` in the place of a password."""
        oauth2 = (
            f'oauth2 = {{ token_url = "{self.endpoint.url}", client_id = "desk", '
            f'refresh_token = {{ file = "refresh.secret" }}{more} }}\n'
        )
        text = self.config.read_text().replace('password = { file = "imap.secret" }\n', oauth2, 1)
        self.config.write_text(text.replace("[smtp]\n", f'[smtp]\nusername = "desk@helpdesk.test"\n{oauth2}'))

    def _let_in(self, token: str) -> None:
        self.dovecot.tokens.issue(self.users["DYNAMICS"], token)
        self.sink.token = token

    def run_until(self, point: str) -> int:
        """Run once in a process that is killed at this point; return how it ended."""
        environment = self._environment | {"HELPDESK_CRASH_AT": point}
        return PRELOADED.run("tests.faults.crashing:main", ONCE, environment).returncode


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, sink: Sink, sqlite_ready: str) -> Iterator[TokenOffice]:
    made = TokenOffice(tmp_path, dovecot, sink, sqlite_ready)
    with made.endpoint:
        made.by_token()
        yield made


def journalled(url: str) -> int:
    with closing(Database(url)) as database:
        return len(DeskAtWork(database).rows(JournalRow))


def test_O_01_a_grant_that_is_no_longer_valid_stops_its_account_alone_and_health_is_red(
    office: TokenOffice, sqlite_ready: str
) -> None:
    office.endpoint.mood = "invalid_grant"
    office.deliver("DYNAMICS", [write(JAN)])
    office.deliver("PROPHIX", [write(JAN, to="pomocprophix@desk.example.org")])
    daemon = office.start()
    wait_until(lambda: journalled(sqlite_ready) == 1, "the other mailbox to be polled", 20)
    time.sleep(3)  # three polls, and many rounds of delivery
    [status] = office.rows("status")
    assert office.end(daemon) == 0
    assert status["health"] == "red"
    assert any("mailbox dynamics: " in why and "invalid_grant: AADSTS: expired" in why for why in status["why"])
    assert len(office.endpoint.asked) <= 2, "one try for IMAP, one for SMTP; then both rest"
    log = (office.folder / "daemon.log").read_text()
    assert log.count('"event": "mailbox.unavailable"') == 1 and CANARY not in log
    with closing(Database(sqlite_ready)) as database:
        rows = DeskAtWork(database).rows(OutboxRow)
    assert {(row.state, row.attempts) for row in rows} == {(OutboxState.QUEUED, 0)}, "it waits uncharged"

    office.endpoint.mood = "ok"
    office.run_once()
    assert journalled(sqlite_ready) == 2 and len(office.sink.copies) == 4
    [status] = office.rows("status")
    assert status["health"] == "green" and {row["trouble"] for row in status["logins"]} == {None}
    [by_token] = [row for row in status["logins"] if row["account"] == "mailbox dynamics"]
    left = datetime.fromisoformat(by_token["token_until"]) - datetime.now(UTC)
    assert timedelta(minutes=55) < left <= timedelta(hours=1), "the end of the access token is a figure"


@pytest.mark.parametrize("mood", ["hang", "html"])
def test_O_01_an_authority_that_makes_no_sense_is_waited_for(
    mood: str, office: TokenOffice, monkeypatch: pytest.MonkeyPatch, sqlite_ready: str
) -> None:
    monkeypatch.setitem(office._environment, "HELPDESK_TOKEN_TIMEOUT", "1")
    office.endpoint.mood = mood  # type: ignore[assignment]  # a parameter is any string
    office.deliver("DYNAMICS", [write(JAN)])
    done = PRELOADED.run("tests.faults.crashing:main", ONCE, office._environment)
    assert done.returncode == 75 and "no token from 127.0.0.1" in done.stderr
    assert CANARY not in done.stdout + done.stderr
    office.endpoint.mood = "ok"
    office.run_once()
    assert journalled(sqlite_ready) == 1


def test_O_03_a_rotated_token_is_kept_before_its_access_token_is_used(office: TokenOffice, sqlite_ready: str) -> None:
    office.endpoint.mood = "rotate"
    office.deliver("DYNAMICS", [write(JAN)])
    assert office.run_until("O2") == -9, "killed when it was kept, before any login"
    assert journalled(sqlite_ready) == 0
    [kept] = office.folder.glob("oauth-*.json")
    assert json.loads(kept.read_text())["token"] == office.endpoint.refresh_token != office.endpoint.first_refresh_token
    assert kept.stat().st_mode & 0o077 == 0
    office.run_once()
    assert journalled(sqlite_ready) == 1 and len(office.sink.copies) == 2
    assert office.endpoint.asked[0]["refresh_token"] == office.endpoint.first_refresh_token


@pytest.mark.parametrize("point", ["O0", "O1"], ids=["not-written", "not-renamed"])
def test_O_03_killed_before_it_was_kept_at_a_one_use_server_a_new_consent_mends_it(
    point: str, office: TokenOffice, sqlite_ready: str
) -> None:
    office.endpoint.mood = "rotate"
    office.deliver("DYNAMICS", [write(JAN)])
    office.deliver("PROPHIX", [write(JAN, to="pomocprophix@desk.example.org")])
    assert office.run_until(point) == -9
    ended = office.cli("run", "--once", "--log-level", "error", check=False)
    assert ended.returncode == 1 and "invalid_grant" in ended.stderr
    assert journalled(sqlite_ready) == 1, "the others go on, and the start went well"
    office.endpoint.refresh_token = secret("refresh-of-a-new-consent")
    office.consent(office.endpoint.refresh_token)
    office.run_once()
    assert journalled(sqlite_ready) == 2


def test_O_04_a_wrong_password_is_tried_once_and_told_nowhere(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, sqlite_ready: str
) -> None:
    office = Office(tmp_path, dovecot, sink, sqlite_ready)
    sink.login, sink.offer_starttls = ("desk@helpdesk.test", secret("the-right-one")), False
    (tmp_path / "wrong.secret").write_text(secret("wrong"))
    wrong = 'password = { file = "wrong.secret" }\n'
    text = office.config.read_text().replace('password = { file = "imap.secret" }\n', wrong, 1)
    office.config.write_text(text.replace("[smtp]\n", f'[smtp]\nusername = "desk@helpdesk.test"\n{wrong}'))
    office.deliver("PROPHIX", [write(JAN, to="pomocprophix@desk.example.org")])
    before = (dovecot.base / "log").read_text().count(office.users["DYNAMICS"])
    daemon = office.start()
    wait_until(lambda: journalled(sqlite_ready) == 1, "the other mailbox to be polled", 20)
    office.wait_for("smtp.unavailable")
    time.sleep(3)
    arguments = Path(f"/proc/{daemon.pid}/cmdline").read_bytes() + Path(f"/proc/{daemon.pid}/environ").read_bytes()
    [status] = office.rows("status")
    told = office.cli("check", check=False)
    assert office.end(daemon) == 0
    tries = (dovecot.base / "log").read_text().count(office.users["DYNAMICS"]) - before
    assert tries <= 2, "the daemon once, `check` once"
    log = (tmp_path / "daemon.log").read_text()
    assert log.count('"event": "smtp.unavailable"') == 1
    said = log + told.stdout + told.stderr + json.dumps(status) + arguments.decode(errors="replace")
    assert CANARY not in said and "login refused" in said and status["health"] == "red"
    with closing(Database(sqlite_ready)) as database:
        rows = DeskAtWork(database).rows(OutboxRow)
    assert {(row.state, row.attempts) for row in rows} == {(OutboxState.QUEUED, 0)}


def test_O_04_a_refused_mailbox_is_tried_six_times_an_hour_and_heals_without_a_restart(database: Database) -> None:
    moment = 0.0
    watch = LoginWatch(database, lambda: datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=moment), lambda: moment)
    tries, refused = 0, LoginRefused("mailbox dynamics", "no")
    for second in range(HOUR):
        moment = float(second)
        if watch.resting("mailbox dynamics") is None:
            tries += 1
            watch.rest("mailbox dynamics", refused)
            watch.keep("mailbox dynamics", refused, None)
    assert tries == 6
    with database.read() as session:
        row = logins.known(session)["mailbox dynamics"]
    assert (row.refused, row.since) == (True, datetime(2026, 11, 24, tzinfo=UTC)), "since the first"
    moment = float(HOUR)
    assert watch.resting("mailbox dynamics") is None
    watch.rest("mailbox dynamics", None)
    watch.keep("mailbox dynamics", None, None)
    with database.read() as session:
        assert logins.known(session)["mailbox dynamics"].trouble == ""


class Refusing:
    """An SMTP account whose login is refused."""

    account = "default"

    def __init__(self) -> None:
        self.tries = 0

    async def send(self, envelope: Envelope, cleared: Clearance = at_once) -> DeliveryResult:
        self.tries += 1
        raise LoginRefused("SMTP account default", "535 5.7.8 no")

    async def close(self) -> None:
        return


def test_O_04_a_refused_account_is_tried_six_times_an_hour_and_no_row_is_charged(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    transport = Refusing()
    delivery = Delivery(desk.database, {"default": transport}, "worker", desk.clock, lambda: desk.desk)
    for _ in range(HOUR // 20):
        asyncio.run(delivery.deliver_due())
        desk.wait(seconds=20)
    assert transport.tries == 6
    assert {(row.state, row.attempts) for row in desk.outbox()} == {(OutboxState.QUEUED, 0)}


@pytest.mark.parametrize("command", ["run", "check", "status", "ingest", "db backup"])
def test_O_04_no_help_shows_a_secret(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "settings.secret"  # a file of that name may hold one
    settings.write_text(f'[smtp]\nhost = "h"\npassword = "{secret("literal")}"\n')
    assert main([*command.split(), "--config", str(settings), "--help"]) == 0
    seen = "".join(capsys.readouterr())
    assert "Usage" in seen and CANARY not in seen


@pytest.mark.parametrize(("days", "light"), [(31, "green"), (30, "green"), (8, "green"), (7, "yellow"), (-1, "red")])
def test_O_06_the_end_of_a_clients_secret_is_a_figure_and_from_seven_days_on_yellow(
    days: int, light: str, office: TokenOffice
) -> None:
    today = datetime.now(ZoneInfo("Europe/Warsaw")).date()
    last_day = today + timedelta(days=days)
    text = office.config.read_text().replace('"refresh.secret" }', f'"refresh.secret" }}, expires = {last_day}')
    office.config.write_text(text)
    [status] = office.rows("status")
    assert status["health"] == light
    [row] = [row for row in status["logins"] if row["account"] == "mailbox dynamics"]
    assert (row["client_ends"], row["client_days_left"]) == (str(last_day), days)


def test_O_06_one_warning_a_day_from_thirty_days_before(desk: DeskAtWork) -> None:
    last_day = (desk.now + timedelta(days=31)).date()
    desk.under(client_ends={"mailbox dynamics": last_day})
    told = []
    for _ in range(3 * 24):  # three days, by the hour
        with capture_logs() as log:
            timers.all_due(desk.database, desk.desk, desk.clock)
        told += [line["days"] for line in log if line["event"] == "client.expiring"]
        desk.wait(hours=1)
    assert told == [30, 29, 28]
