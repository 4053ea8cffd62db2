"""The units for systemd: hardened, and agreeing with the program they start."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers.process import missing

UNITS = Path(__file__).parent.parent / "systemd"


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[method-assign, assignment]  # keys of units have capitals
    parser.read(UNITS / name)
    return parser


def test_the_daemon_is_not_restarted_when_its_configuration_is_wrong() -> None:
    service = unit("helpdesk.service")["Service"]

    assert (service["Type"], service["Restart"]) == ("notify", "on-failure")
    assert service["RestartPreventExitStatus"] == "2"
    assert (service["TimeoutStopSec"], service["StateDirectory"]) == ("90", "helpdesk")
    assert int(service["WatchdogSec"]) > 0


def test_the_backup_is_started_every_day() -> None:
    assert "db backup" in unit("helpdesk-backup.service")["Service"]["ExecStart"]
    assert unit("helpdesk-backup.timer")["Timer"]["OnCalendar"].startswith("*-*-* ")


@pytest.fixture
def systemd() -> None:
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze")


@pytest.mark.usefixtures("systemd")
@pytest.mark.parametrize("name", ["helpdesk.service", "helpdesk-backup.service"])
def test_the_exposure_is_at_most_two(name: str) -> None:
    analysed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(UNITS / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    exposure = re.search(r"Overall exposure level for .*: ([\d.]+)", analysed.stdout)

    assert exposure is not None, analysed.stderr
    assert float(exposure[1]) <= 2.0


@pytest.mark.usefixtures("systemd")
@pytest.mark.parametrize("name", ["helpdesk.service", "helpdesk-backup.service", "helpdesk-backup.timer"])
def test_systemd_finds_nothing_to_complain_of(name: str, tmp_path: Path) -> None:
    for file in UNITS.iterdir():
        installed = file.read_text().replace("/opt/helpdesk/.venv/bin/helpdesk", "/bin/true")
        (tmp_path / file.name).write_text(installed)
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
    )

    ours = [line for line in verified.stderr.splitlines() if "helpdesk" in line]  # other units have their own troubles
    assert (verified.returncode, ours) == (0, [])


def test_no_secret_stands_in_a_unit_and_nothing_listens() -> None:
    service = unit("helpdesk.service")["Service"]

    assert "--" not in service["ExecStart"].replace("--config /etc/helpdesk/helpdesk.toml", "")
    assert "Sockets" not in service and "Environment" not in service
    assert not list(UNITS.glob("*.socket"))
